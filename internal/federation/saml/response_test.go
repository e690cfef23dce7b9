package saml_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	dsig "github.com/russellhaering/goxmldsig"

	"github.com/regent-iam/regent/internal/federation/saml"
	"github.com/regent-iam/regent/internal/federation/saml/samltest"
)

const entity = "https://idp.example.com/saml"

var now = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// provider is idp as it is trusted.
func provider(idp *samltest.Provider) *saml.Provider {
	return &saml.Provider{ID: "PROVIDER", EntityID: idp.EntityID, Certificates: [][]byte{idp.Certificate}}
}

func attributes() map[string][]string {
	return map[string][]string{"https://aws.amazon.com/SAML/Attributes/RoleSessionName": {"alice"}, "groups": {"a", "b & <c>"}}
}

// both signs the response and the assertion.
func good() samltest.Response {
	return samltest.Response{Now: now, SignAssertion: true, SignResponse: true, Attributes: attributes()}
}

// Rules: ST-70
func TestVerifyReturnsWhatWasSigned(t *testing.T) {
	t.Parallel()
	idp, curve := samltest.New(t, entity), samltest.NewECDSA(t, entity)
	for name, test := range map[string]struct {
		by       *samltest.Provider
		response samltest.Response
	}{
		"response signed":  {idp, samltest.Response{SignResponse: true}},
		"assertion signed": {idp, samltest.Response{SignAssertion: true}},
		"both signed":      {idp, samltest.Response{SignResponse: true, SignAssertion: true}},
		"SHA-512":          {idp, samltest.Response{SignAssertion: true, Method: dsig.RSASHA512SignatureMethod}},
		"elliptic curve":   {curve, samltest.Response{SignResponse: true, SignAssertion: true}},
		"in a region":      {idp, samltest.Response{SignAssertion: true, Recipient: "https://eu-central-1.signin.aws.amazon.com/saml", Audience: "https://signin.aws.amazon.com/saml"}},
		"with the provider's id": {idp, samltest.Response{
			SignAssertion: true, Recipient: "https://us-gov-west-1.signin.aws.amazon.com/saml/acs/PROVIDER", Audience: "https://us-east-1.signin.aws.amazon.com/saml",
		}},
		"ours":  {idp, samltest.Response{SignAssertion: true, Recipient: "https://regent.example/saml", Audience: "https://regent.example/saml"}},
		"early": {idp, samltest.Response{SignAssertion: true, Now: now.Add(2 * time.Minute)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := test.response
			r.Attributes, r.ID = attributes(), "id-1"
			if r.Now.IsZero() {
				r.Now = now
			}
			p := provider(test.by)
			p.Endpoints = []string{"https://regent.example/saml"}
			a, err := saml.Verify(test.by.Response(r), p, now)
			if err != nil {
				t.Fatal(err)
			}
			if a.ID != "id-1" || a.Issuer != entity || a.Subject != "alice@example.com" || !strings.HasSuffix(a.Format, ":persistent") {
				t.Errorf("read %+v", a)
			}
			if got := a.Attributes["groups"]; len(got) != 2 || got[1] != "b & <c>" {
				t.Errorf("groups are %q", got)
			}
			if want := r.Now.Add(5 * time.Minute); !a.Expires.Equal(want) {
				t.Errorf("expires %v, want %v", a.Expires, want)
			}
			if r.SignAssertion != (a.Certificate != nil) || r.SignResponse != (a.ResponseCertificate != nil) {
				t.Errorf("signed with %d and %d bytes", len(a.Certificate), len(a.ResponseCertificate))
			}
		})
	}
}

// Rules: ST-70 TH-94
func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	idp, mallory := samltest.New(t, entity), samltest.New(t, entity)
	wrap := func(change func(string) string) samltest.Response {
		r := good()
		r.Wrap = change
		return r
	}
	edit := func(change func(string) string) samltest.Response {
		r := good()
		r.Edit = change
		return r
	}
	replace := func(old, with string) func(string) string {
		return func(s string) string {
			if !strings.Contains(s, old) {
				t.Errorf("the document has no %q", old)
			}
			return strings.Replace(s, old, with, 1)
		}
	}
	with := func(change func(*samltest.Response)) samltest.Response {
		r := good()
		change(&r)
		return r
	}
	for name, test := range map[string]struct {
		by       *samltest.Provider
		response samltest.Response
		want     error
	}{
		"unsigned":           {idp, samltest.Response{Now: now, Attributes: attributes()}, saml.ErrSignature},
		"signed by somebody": {mallory, good(), saml.ErrSignature},
		"changed":            {idp, wrap(replace("alice@example.com", "mallory@example.com")), saml.ErrSignature},
		"changed issuer":     {idp, wrap(replace("<saml:Issuer>https://idp", "<saml:Issuer>https://evil")), saml.ErrSignature},
		"SHA-1":              {idp, with(func(r *samltest.Response) { r.Method = dsig.RSASHA1SignatureMethod }), saml.ErrSignature},
		"HMAC":               {idp, wrap(replace("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256")), saml.ErrSignature},
		"another algorithm":  {idp, wrap(replace("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha384")), saml.ErrSignature},
		"XSLT":               {idp, wrap(replace("http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116")), saml.ErrSignature},
		"an empty reference": {idp, wrap(func(s string) string { return regexp.MustCompile(`URI="#[^"]*"`).ReplaceAllString(s, `URI=""`) }), saml.ErrSignature},
		"no value": {idp, wrap(func(s string) string {
			return regexp.MustCompile(`<ds:SignatureValue>[^<]*<`).ReplaceAllString(s, "<ds:SignatureValue><")
		}), saml.ErrSignature},
		"comment in NameID":       {idp, wrap(replace("alice@example.com", "alice@example.com<!---->.evil.com")), saml.ErrResponse},
		"comment cuts NameID":     {idp, wrap(replace("alice@example.com", "alice@<!-- -->example.com")), saml.ErrResponse},
		"comment in an attribute": {idp, wrap(replace(">alice<", ">al<!-- -->ice<")), saml.ErrResponse},
		"element in NameID":       {idp, with(func(r *samltest.Response) { r.Subject = "admin<x/>@example.com" }), saml.ErrResponse},
		"DOCTYPE":                 {idp, wrap(func(s string) string { return `<!DOCTYPE x [<!ENTITY e "x">]>` + s }), saml.ErrResponse},
		"processing instruction":  {idp, wrap(func(s string) string { return s + `<?x y?>` }), saml.ErrResponse},
		"an ID twice":             {idp, wrap(replace("<samlp:Status>", `<samlp:Status ID="id-2"><x xmlns="" ID="id-2"/>`)), saml.ErrResponse},
		"no prefix":               {idp, wrap(replace("<samlp:Status>", "<samlp:Status><nobody:x/>")), saml.ErrResponse},
		"two roots":               {idp, wrap(func(s string) string { return s + s }), saml.ErrResponse},
		"deep":                    {idp, wrap(replace("<samlp:Status>", "<samlp:Status>"+strings.Repeat("<samlp:x>", 70)+strings.Repeat("</samlp:x>", 70))), saml.ErrResponse},
		"many prefixes":           {idp, wrap(replace("<samlp:Status>", "<samlp:Status "+prefixes(40)+">")), saml.ErrResponse},
		"not successful":          {idp, wrap(replace("status:Success", "status:Requester")), saml.ErrResponse},
		"no response":             {idp, wrap(func(string) string { return "<a/>" }), saml.ErrResponse},
		"nothing":                 {idp, wrap(func(string) string { return "" }), saml.ErrResponse},
		"another issuer":          {idp, with(func(r *samltest.Response) { r.Issuer = "https://other.example.com" }), saml.ErrIssuer},
		"another audience":        {idp, with(func(r *samltest.Response) { r.Audience = "https://other.example.com" }), saml.ErrAudience},
		"no audience": {idp, edit(func(s string) string {
			return regexp.MustCompile(`<saml:AudienceRestriction>.*</saml:AudienceRestriction>`).ReplaceAllString(s, "")
		}), saml.ErrAudience},
		"two restrictions":     {idp, edit(replace("</saml:Conditions>", "<saml:AudienceRestriction><saml:Audience>other</saml:Audience></saml:AudienceRestriction></saml:Conditions>")), saml.ErrAudience},
		"another recipient":    {idp, with(func(r *samltest.Response) { r.Recipient = "https://other.example.com/saml" }), saml.ErrRecipient},
		"a recipient like AWS": {idp, with(func(r *samltest.Response) { r.Recipient = "https://signin.aws.amazon.com/saml/acs/OTHER" }), saml.ErrRecipient},
		"a host like AWS":      {idp, with(func(r *samltest.Response) { r.Recipient = "https://signin.aws.amazon.com.evil.com/saml" }), saml.ErrRecipient},
		"no recipient":         {idp, edit(func(s string) string { return regexp.MustCompile(` Recipient="[^"]*"`).ReplaceAllString(s, "") }), saml.ErrRecipient},
		"no end": {idp, edit(func(s string) string {
			return regexp.MustCompile(`(<saml:SubjectConfirmationData.*?) NotOnOrAfter="[^"]*"`).ReplaceAllString(s, "$1")
		}), saml.ErrResponse},
		"two confirmations":      {idp, edit(replace("</saml:Subject>", `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/></saml:Subject>`)), saml.ErrResponse},
		"holder of key":          {idp, edit(replace("cm:bearer", "cm:holder-of-key")), saml.ErrResponse},
		"an unknown condition":   {idp, edit(replace("</saml:Conditions>", "<saml:Condition/></saml:Conditions>")), saml.ErrResponse},
		"expired":                {idp, with(func(r *samltest.Response) { r.Now = now.Add(-2 * time.Minute); r.Lasts = 2 * time.Minute }), saml.ErrExpired},
		"session over":           {idp, with(func(r *samltest.Response) { r.SessionEnd = now }), saml.ErrExpired},
		"issued long ago":        {idp, with(func(r *samltest.Response) { r.Now = now.Add(-5 * time.Minute); r.Lasts = time.Hour }), saml.ErrStale},
		"not yet valid":          {idp, with(func(r *samltest.Response) { r.Now = now.Add(4 * time.Minute) }), saml.ErrEarly},
		"a time of another zone": {idp, edit(func(s string) string { return strings.ReplaceAll(s, ".000Z", ".000+00:00") }), saml.ErrResponse},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := saml.Verify(test.by.Response(test.response), provider(idp), now)
			if !errors.Is(err, test.want) {
				t.Errorf("%v, want %v: %+v", err, test.want, a)
			}
		})
	}
	if _, err := saml.Verify("<Response/>", provider(idp), now); !errors.Is(err, saml.ErrEncoding) {
		t.Errorf("no base64: %v", err)
	}
}

func prefixes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(` xmlns:p` + strings.Repeat("x", i) + `="u"`)
	}
	return b.String()
}

// Signature wrapping: what is signed stays in the document, and something else
// is where a careless reader looks (Somorovsky et al., "On Breaking SAML: Be
// Whoever You Want to Be", XSW 1 to 8), and more of the kind.
//
// Rules: TH-94
func TestWrappedSignatures(t *testing.T) {
	t.Parallel()
	idp := samltest.New(t, entity)
	evil := func(s string) string {
		s = strings.ReplaceAll(s, "alice@example.com", "admin@example.com")
		return strings.ReplaceAll(s, `ID="`, `ID="evil-`)
	}
	signature := regexp.MustCompile(`(?s)<ds:Signature.*?</ds:Signature>`)
	assertion := regexp.MustCompile(`(?s)<saml:Assertion.*</saml:Assertion>`)
	into := func(s, end, what string) string { // what as the last child
		at := strings.LastIndex(s, end)
		return s[:at] + what + s[at:]
	}
	for name, test := range map[string]struct {
		response bool
		wrap     func(document string) string
	}{
		"XSW1": {true, func(d string) string {
			return into(signature.ReplaceAllString(evil(d), ""), "</samlp:Response>", into(signature.FindString(d), "</ds:Signature>", signature.ReplaceAllString(d, "")))
		}},
		"XSW2": {true, func(d string) string {
			return into(signature.ReplaceAllString(evil(d), ""), "</samlp:Response>", signature.ReplaceAllString(d, "")+signature.FindString(d))
		}},
		"XSW3": {false, func(d string) string {
			return strings.Replace(d, "<saml:Assertion", signature.ReplaceAllString(evil(assertion.FindString(d)), "")+"<saml:Assertion", 1)
		}},
		"XSW4": {false, func(d string) string {
			a := assertion.FindString(d)
			return strings.Replace(d, a, into(signature.ReplaceAllString(evil(a), ""), "</saml:Assertion>", a), 1)
		}},
		"XSW5": {false, func(d string) string {
			a := assertion.FindString(d)
			changed := strings.Replace(a, "alice@example.com", "admin@example.com", 1)
			changed = strings.Replace(changed, `ID="`, `ID="evil-`, 1)
			return strings.Replace(d, a, changed+signature.ReplaceAllString(a, ""), 1)
		}},
		"XSW6": {false, func(d string) string {
			a := assertion.FindString(d)
			changed := signature.ReplaceAllString(evil(a), "")
			return strings.Replace(d, a, into(changed, "</saml:Assertion>", into(signature.FindString(a), "</ds:Signature>", signature.ReplaceAllString(a, ""))), 1)
		}},
		"XSW7": {false, func(d string) string {
			a := assertion.FindString(d)
			return strings.Replace(d, a, "<samlp:Extensions>"+signature.ReplaceAllString(evil(a), "")+"</samlp:Extensions>"+a, 1)
		}},
		"XSW8": {false, func(d string) string {
			a := assertion.FindString(d)
			object := "<ds:Object>" + signature.ReplaceAllString(a, "") + "</ds:Object>"
			return strings.Replace(d, a, strings.Replace(evil(a), evil(signature.FindString(a)), into(signature.FindString(a), "</ds:Signature>", object), 1), 1)
		}},
		"the original in an Object of an evil response": {true, func(d string) string {
			object := "<ds:Object>" + signature.ReplaceAllString(d, "") + "</ds:Object>"
			return strings.Replace(evil(d), evil(signature.FindString(d)), into(signature.FindString(d), "</ds:Signature>", object), 1)
		}},
		"two assertions, one signed": {false, func(d string) string {
			return into(d, "</samlp:Response>", signature.ReplaceAllString(evil(assertion.FindString(d)), ""))
		}},
		"the same ID twice": {false, func(d string) string {
			a := assertion.FindString(d)
			same := strings.ReplaceAll(signature.ReplaceAllString(a, ""), "alice@example.com", "admin@example.com")
			return strings.Replace(d, a, same+a, 1)
		}},
		"two references": {false, func(d string) string {
			reference := regexp.MustCompile(`(?s)<ds:Reference.*?</ds:Reference>`)
			return reference.ReplaceAllStringFunc(d, func(r string) string { return r + r })
		}},
		"two SignedInfos": {false, func(d string) string {
			info := regexp.MustCompile(`(?s)<ds:SignedInfo.*?</ds:SignedInfo>`)
			return info.ReplaceAllStringFunc(d, func(r string) string { return r + r })
		}},
		"two signatures": {false, func(d string) string {
			return signature.ReplaceAllStringFunc(d, func(s string) string { return s + s })
		}},
		"the signature on the response": {false, func(d string) string {
			s := signature.FindString(d)
			return into(strings.Replace(d, s, "", 1), "</samlp:Response>", s)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := samltest.Response{Now: now, SignResponse: test.response, SignAssertion: !test.response, Attributes: attributes()}
			plain := idp.Document(r)
			if _, err := saml.Verify(encode(plain), provider(idp), now); err != nil {
				t.Fatalf("as it was: %v", err)
			}
			wrapped := test.wrap(plain)
			if wrapped == plain || !strings.Contains(wrapped, "<ds:SignatureValue>") {
				t.Fatalf("nothing was wrapped: %s", wrapped)
			}
			if a, err := saml.Verify(encode(wrapped), provider(idp), now); err == nil {
				t.Errorf("%q was taken for signed", a.Subject)
			} else if !errors.Is(err, saml.ErrSignature) && !errors.Is(err, saml.ErrResponse) {
				t.Errorf("%v", err)
			}
		})
	}
}

func encode(document string) string { return base64.StdEncoding.EncodeToString([]byte(document)) }

// Certificates are the metadata's: a new one counts at once, an old one no more,
// and what KeyInfo says does not matter.
//
// Rules: ST-70 TH-94
func TestCertificatesAreTheMetadatas(t *testing.T) {
	t.Parallel()
	old, next, mallory := samltest.New(t, entity), samltest.New(t, entity), samltest.New(t, entity)
	response := func(by *samltest.Provider, wrap func(string) string) string {
		return by.Response(samltest.Response{Now: now, SignAssertion: true, Wrap: wrap})
	}
	p := &saml.Provider{EntityID: entity, Certificates: [][]byte{old.Certificate, next.Certificate}}
	for name, by := range map[string]*samltest.Provider{"old": old, "next": next} {
		a, err := saml.Verify(response(by, nil), p, now)
		if err != nil || string(a.Certificate) != string(by.Certificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := saml.Verify(response(old, nil), provider(next), now); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("rotated away: %v", err)
	}
	info := regexp.MustCompile(`(?s)<ds:KeyInfo>.*?</ds:KeyInfo>`)
	certificate := base64.StdEncoding.EncodeToString
	if _, err := saml.Verify(response(next, func(d string) string { return info.ReplaceAllString(d, "") }), p, now); err != nil {
		t.Errorf("without KeyInfo: %v", err)
	}
	swap := func(d string) string {
		return strings.Replace(d, certificate(next.Certificate), certificate(mallory.Certificate), 1)
	}
	if _, err := saml.Verify(response(next, swap), p, now); err != nil {
		t.Errorf("with somebody else's KeyInfo: %v", err)
	}
	claim := func(d string) string {
		return strings.Replace(d, certificate(mallory.Certificate), certificate(next.Certificate), 1)
	}
	if a, err := saml.Verify(response(mallory, claim), p, now); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("an attacker who shows the provider's certificate: %v, %v", a, err)
	}
}

// Rules: ST-71c TH-94
func TestEncryptedAssertions(t *testing.T) {
	t.Parallel()
	idp, mallory := samltest.New(t, entity), samltest.New(t, entity)
	private, other := privateKey(t), privateKey(t)
	p := provider(idp)
	p.Encrypts = true
	p.Keys = func() ([]saml.Key, error) {
		return []saml.Key{{ID: "old", Private: other}, {ID: "new", Private: private}}, nil
	}
	for name, test := range map[string]struct {
		by       *samltest.Provider
		response samltest.Response
		want     error
	}{
		"assertion signed":   {idp, samltest.Response{SignAssertion: true, EncryptTo: &private.PublicKey}, nil},
		"response signed":    {idp, samltest.Response{SignResponse: true, EncryptTo: &private.PublicKey}, nil},
		"both signed":        {idp, samltest.Response{SignResponse: true, SignAssertion: true, EncryptTo: &private.PublicKey, Cipher: "aes128-cbc"}, nil},
		"CBC":                {idp, samltest.Response{SignAssertion: true, EncryptTo: &private.PublicKey, Cipher: "aes128-cbc"}, nil},
		"plain":              {idp, samltest.Response{SignAssertion: true}, saml.ErrPlain},
		"unsigned":           {idp, samltest.Response{EncryptTo: &private.PublicKey}, saml.ErrSignature},
		"signed by somebody": {mallory, samltest.Response{SignAssertion: true, EncryptTo: &private.PublicKey}, saml.ErrSignature},
		"to somebody":        {idp, samltest.Response{SignAssertion: true, EncryptTo: &privateKey(t).PublicKey}, saml.ErrSignature},
		"3DES":               {idp, samltest.Response{SignAssertion: true, EncryptTo: &private.PublicKey, Wrap: func(d string) string { return strings.Replace(d, "xmlenc11#aes256-gcm", "x#tripledes-cbc", 1) }}, saml.ErrSignature},
		"PKCS #1 v1.5":       {idp, samltest.Response{SignAssertion: true, EncryptTo: &private.PublicKey, Wrap: func(d string) string { return strings.Replace(d, "rsa-oaep-mgf1p", "rsa-1_5", 1) }}, saml.ErrSignature},
		"two in one": {idp, samltest.Response{SignAssertion: true, EncryptTo: &private.PublicKey, Edit: func(a string) string {
			return strings.Replace(a, "<saml:Subject>", "<saml:Advice>"+strings.Replace(a, `ID="`, `ID="x`, 1)+"</saml:Advice><saml:Subject>", 1)
		}}, saml.ErrSignature},
		"nothing to decrypt": {idp, samltest.Response{SignAssertion: true, EncryptTo: &private.PublicKey, Wrap: func(d string) string {
			return regexp.MustCompile(`<xenc:CipherValue>[^<]*<`).ReplaceAllString(d, "<xenc:CipherValue><")
		}}, saml.ErrSignature},
		"a block of garbage":  {idp, samltest.Response{SignAssertion: true, EncryptTo: &private.PublicKey, Cipher: "aes128-cbc", Wrap: garble}, saml.ErrSignature},
		"expired, encrypted ": {idp, samltest.Response{SignAssertion: true, EncryptTo: &private.PublicKey, Lasts: time.Nanosecond}, saml.ErrExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := test.response
			r.Now = now
			a, err := saml.Verify(test.by.Response(r), p, now)
			if !errors.Is(err, test.want) || test.want == nil && (err != nil || a.Key != "new" || a.Subject != "alice@example.com") {
				t.Errorf("%v, want %v: %+v", err, test.want, a)
			}
		})
	}
	plain := provider(idp)
	if _, err := saml.Verify(idp.Response(samltest.Response{Now: now, SignAssertion: true, EncryptTo: &private.PublicKey}), plain, now); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("without a key: %v", err)
	}
	broken := errors.New("broken")
	plain.Keys = func() ([]saml.Key, error) { return nil, broken }
	if _, err := saml.Verify(idp.Response(samltest.Response{Now: now, SignAssertion: true, EncryptTo: &private.PublicKey}), plain, now); !errors.Is(err, broken) {
		t.Errorf("with keys that cannot be had: %v", err)
	}
	if a, err := saml.Verify(idp.Response(samltest.Response{Now: now, SignAssertion: true}), plain, now); err != nil || a.Key != "" {
		t.Errorf("plain where that is allowed: %v", err)
	}
}

// garble changes the last block of what is encrypted.
func garble(d string) string {
	end := strings.LastIndex(d, "</xenc:CipherValue>")
	with := "AAAA"
	if d[end-8:end-4] == with {
		with = "BBBB"
	}
	return d[:end-8] + with + d[end-4:]
}

func privateKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Whatever is posted, Verify returns, and nothing that nobody signed.
//
// Rules: TH-94
func FuzzVerify(f *testing.F) {
	idp := samltest.New(f, entity)
	private := privateKey(f)
	p := provider(idp)
	p.Keys = func() ([]saml.Key, error) { return []saml.Key{{ID: "k", Private: private}}, nil }
	for _, r := range []samltest.Response{
		{}, {SignResponse: true}, {SignAssertion: true}, {SignResponse: true, SignAssertion: true}, {SignAssertion: true, EncryptTo: &private.PublicKey},
	} {
		r.Now, r.ID, r.Attributes = now, "id-1", attributes()
		f.Add([]byte(idp.Document(r)))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		a, err := saml.Verify(base64.StdEncoding.EncodeToString(document), p, now)
		if err == nil && (a.Subject != "alice@example.com" || a.ID != "id-1" || len(a.Attributes["groups"]) != 2) {
			t.Errorf("%+v was taken for signed", a)
		}
	})
}
