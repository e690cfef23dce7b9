package record

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// The version of the record, and what a line begins with: the id comes first,
// so that it is found without reading what a client sent.
const (
	eventVersion = "1.11"
	lineHead     = `{"eventVersion":"` + eventVersion + `","eventID":"`
)

// Append appends e as one line of JSON, without the line's end. What it appends
// is one line of well-formed UTF-8 whatever is in the event, at most 256 KiB
// long (RE-2 to RE-4, TH-103).
func Append(dst []byte, e *Event) []byte {
	l := limits{text: maxText, object: maxObject, additional: maxAdditional}
	for {
		out := appendEvent(dst, e, l)
		if len(out)-len(dst) <= maxRecord {
			return out
		}
		// Everything is at its limit at once: less of the objects, then of the
		// texts, whose characters may take six bytes each.
		if l.object > maxText {
			l.object, l.additional = l.object/2, l.additional/2
		} else {
			l.text /= 2
		}
	}
}

func appendEvent(dst []byte, e *Event, l limits) []byte {
	start := len(dst)
	w := writer{dst, l.text}
	w.b = append(w.b, `{"eventVersion":"`+eventVersion+`","eventID":`...)
	w.b = appendString(w.b, cut(e.ID, l.text))
	w.b = append(w.b, `,"userIdentity":`...)
	w.identity(&e.Identity)
	w.b = append(w.b, `,"eventTime":`...)
	w.time(e.Time)
	w.text("eventSource", e.Source)
	w.text("eventName", e.Name)
	w.text("awsRegion", e.Region)
	w.text("sourceIPAddress", e.SourceIP)
	w.optional("userAgent", e.UserAgent)
	w.optional("errorCode", e.ErrorCode)
	w.optional("errorMessage", e.ErrorMessage)
	w.object("requestParameters", e.RequestParameters, l.object)
	w.object("responseElements", e.ResponseElements, l.object)
	if len(e.AdditionalEventData) > 0 {
		w.object("additionalEventData", e.AdditionalEventData, l.additional)
	}
	w.text("requestID", e.RequestID)
	w.bool("readOnly", e.ReadOnly)
	w.kind(e)
	w.text("recipientAccountId", string(e.RecipientAccountID))
	w.optional("sharedEventID", e.SharedEventID)
	w.optional("vpcEndpointId", e.VPCEndpointID)
	w.optional("vpcEndpointAccountId", string(e.VPCEndpointAccountID))
	if len(e.ServiceEventDetails) > 0 {
		w.object("serviceEventDetails", e.ServiceEventDetails, l.additional)
	}
	if e.CredentialFromConsole {
		w.text("sessionCredentialFromConsole", "true")
	}
	if t := e.TLS; t != nil {
		w.open("tlsDetails")
		w.text("tlsVersion", t.Version)
		w.text("cipherSuite", t.CipherSuite)
		w.optional("clientProvidedHostHeader", t.Host)
		w.close()
	}
	w.resources(e.Resources, maxRecord-(len(w.b)-start))
	w.b = append(w.b, '}')
	return w.b
}

// kind writes what sort of event it is.
func (w *writer) kind(e *Event) {
	kind, category := string(e.Type), "Data"
	if kind == "" {
		kind = string(APICall)
	}
	if e.Management {
		category = "Management"
	}
	w.text("eventType", kind)
	w.bool("managementEvent", e.Management)
	w.text("eventCategory", category)
}

// room is what is kept free behind the resources for the record's end.
const room = 64

// resources writes as many resources as there is space for, last of all because
// there may be a thousand of them (RE-52), and says so when that is not all.
func (w *writer) resources(all []Resource, space int) {
	if len(all) == 0 {
		return
	}
	end := len(w.b) + space - room
	w.b = append(w.b, `,"resources":[`...)
	complete := true
	for i := range all {
		before := len(w.b)
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.resource(&all[i])
		if len(w.b) > end {
			w.b, complete = w.b[:before], false
			break
		}
	}
	w.b = append(w.b, ']')
	if !complete {
		w.bool(truncated, true)
	}
}

func (w *writer) resource(r *Resource) {
	w.b = append(w.b, '{')
	if r.AccountID != "" || r.Withheld {
		w.text("accountId", string(r.AccountID))
	}
	w.text("type", r.Type)
	if r.ARN != "" {
		w.long("ARN", r.ARN)
	} else if r.ARNPrefix != "" {
		w.long("ARNPrefix", r.ARNPrefix)
	}
	w.close()
}

func (w *writer) identity(u *UserIdentity) {
	kind := u.Type
	if kind == "" {
		kind = TypeUnknown
	}
	w.b = append(w.b, '{')
	w.text("type", string(kind))
	if u.AccountID == AnonymousAccount {
		w.text("principalId", "")
	} else {
		w.optional("principalId", u.PrincipalID)
	}
	w.optionalLong("arn", u.ARN)
	w.optional("accountId", string(u.AccountID))
	w.optional("accessKeyId", string(u.AccessKeyID))
	w.optional("userName", u.UserName)
	if u.Session != nil {
		w.session(u.Session)
	}
	w.optional("invokedBy", u.InvokedBy)
	w.optional("identityProvider", u.Provider)
	if o := u.OnBehalfOf; o != nil {
		w.open("onBehalfOf")
		w.text("userId", o.UserID)
		w.optionalLong("identityStoreArn", o.IdentityStoreARN)
		w.close()
	}
	w.optional("credentialId", u.CredentialID)
	w.close()
}

func (w *writer) session(s *SessionContext) {
	w.open("sessionContext")
	if i := s.Issuer; i != nil {
		w.open("sessionIssuer")
		w.text("type", string(i.Type))
		w.optional("principalId", i.PrincipalID)
		w.optionalLong("arn", i.ARN)
		w.optional("accountId", string(i.AccountID))
		w.optional("userName", i.UserName)
		w.close()
	}
	if p := s.WebIdentity; p != nil {
		w.open("webIdFederationData")
		w.optionalLong("federatedProvider", p.Provider)
		w.open("attributes")
		for _, a := range p.Attributes[:min(len(p.Attributes), maxAttributes)] {
			w.text(cut(a.Name, w.limit), a.Value)
		}
		w.close()
		w.close()
	}
	w.open("attributes")
	w.key("creationDate")
	w.time(s.Created)
	w.text("mfaAuthenticated", strconv.FormatBool(s.MFA)) // a string (RE-11)
	w.close()
	w.optional("sourceIdentity", s.SourceIdentity)
	w.optional("ec2RoleDelivery", s.EC2RoleDelivery)
	if s.AssumedRoot {
		w.text("assumedRoot", "true")
	}
	w.close()
}

// A writer writes members of objects, texts up to its limit.
type writer struct {
	b     []byte
	limit int
}

// key begins a member.
func (w *writer) key(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = appendString(w.b, name)
	w.b = append(w.b, ':')
}

func (w *writer) open(name string) {
	w.key(name)
	w.b = append(w.b, '{')
}

func (w *writer) close() { w.b = append(w.b, '}') }

func (w *writer) text(name, value string) {
	w.key(name)
	w.b = appendString(w.b, cut(value, w.limit))
}

func (w *writer) optional(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

// long writes what may be twice as long as other texts: an ARN with an S3 key
// in it.
func (w *writer) long(name, value string) {
	w.key(name)
	w.b = appendString(w.b, cut(value, 2*w.limit))
}

func (w *writer) optionalLong(name, value string) {
	if value != "" {
		w.long(name, value)
	}
}

func (w *writer) bool(name string, value bool) {
	w.key(name)
	w.b = strconv.AppendBool(w.b, value)
}

func (w *writer) int(name string, value int64) {
	w.key(name)
	w.b = strconv.AppendInt(w.b, value, 10)
}

func (w *writer) time(t time.Time) {
	w.b = append(w.b, '"')
	w.b = t.UTC().Truncate(time.Second).AppendFormat(w.b, time.RFC3339)
	w.b = append(w.b, '"')
}

// object writes JSON that was made elsewhere.
func (w *writer) object(name string, value []byte, limit int) {
	w.key(name)
	if len(value) == 0 {
		w.b = append(w.b, "null"...)
		return
	}
	w.b = append(w.b, bounded(value, limit)...)
}

// appendString appends s as a JSON string without any control character. What
// is not UTF-8 becomes U+FFFD, and the line ends that some readers see in
// U+0085, U+2028 and U+2029 are escaped (TH-103).
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain(c) {
			i++
			continue
		}
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
			if n > 1 && r != '\u0085' && r != '\u2028' && r != '\u2029' {
				i += n
				continue
			}
		}
		dst = append(dst, s[start:i]...)
		switch r {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		}
		i += n
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// plain reports whether c stands for itself in a JSON string.
func plain(c byte) bool {
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\'
}
