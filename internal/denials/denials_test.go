package denials_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/denials"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/policy"
)

var epoch = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// A shelf is a store with a clock that stands until it is moved.
type shelf struct {
	*denials.Store
	dir string
	now atomic.Int64
}

func (s *shelf) time() time.Time { return epoch.Add(time.Duration(s.now.Load())) }

func open(t *testing.T, dir string, o denials.Options) *shelf {
	t.Helper()
	s := &shelf{dir: dir}
	o.Now, o.Log = s.time, slog.New(slog.DiscardHandler)
	var err error
	if s.Store, err = denials.Open(dir, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

const account = identity.AccountID("111122223333")

func user(name string) *authn.Caller {
	return &authn.Caller{
		Kind: authn.User, Account: account, ARN: "arn:aws:iam::111122223333:user/" + name, PrincipalARN: "arn:aws:iam::111122223333:user/" + name,
		PrincipalID: "AIDA" + name, UserID: "AIDA" + name, UserName: identity.UserName(name), AccessKeyID: identity.AccessKeyID("AKIA" + name),
	}
}

func role(name, as, origin string) *authn.Caller {
	return &authn.Caller{
		Kind: authn.RoleSession, Account: account, ARN: "arn:aws:sts::111122223333:assumed-role/" + name + "/" + as, PrincipalARN: "arn:aws:iam::111122223333:role/" + name,
		PrincipalID: "AROA" + name, UserID: "AROA" + name + ":" + as, RoleName: identity.RoleName(name), AccessKeyID: "ASIA1",
		Session: &session.Session{Kind: session.Role, Ancestors: []session.Ancestor{{KeyID: identity.AccessKeyID(origin), Account: account}}, Policy: `{"Version":"2012-10-17","Statement":[]}`},
	}
}

func denial(c *authn.Caller, keys ...string) *authz.Denial {
	ctx := new(policy.Context)
	for i := 0; i+1 < len(keys); i += 2 {
		ctx.Set(keys[i], keys[i+1])
	}
	return &authz.Denial{
		Need: authz.Need{Action: "iam:ListUsers", Resource: "*"}, Message: "User: " + c.ARN + " is not authorized",
		Decision: authz.Decision{Decision: policy.Decision{Layer: policy.LayerIdentity}, Near: true, Same: true, Evidence: &authz.Evidence{
			Layers: &policy.Layers{},
			Request: &policy.Request{
				Principal: &policy.Principal{Kind: policy.User, Account: string(c.Account), ARN: c.ARN, ID: c.PrincipalID}, Action: "iam:ListUsers", Resource: "*",
				ResourceAccount: string(c.Account), Wildcard: true, Context: ctx,
			},
		}},
	}
}

func (s *shelf) keep(c *authn.Caller, id string, keys ...string) {
	s.Keep(s.time(), id, "iam:ListUsers", c, denial(c, keys...))
}

// has lists which of the ids are kept.
func (s *shelf) has(ids ...string) string {
	var kept []string
	for _, id := range ids {
		if _, _, ok := s.Find(account, id); ok {
			kept = append(kept, id)
		}
	}
	return strings.Join(kept, " ")
}

func TestADenialIsFoundAsItWas(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), denials.Options{})
	alice := user("alice")
	s.keep(alice, "r1", "aws:SourceIp", "10.0.0.1", "aws:RequestTag/a", "b")
	d, evidence, ok := s.Find(account, "r1")
	if !ok || evidence == nil {
		t.Fatalf("%v %v %v", d, evidence, ok)
	}
	if d.Action != "iam:ListUsers" || d.Resource != "*" || d.Owner != account || !d.Wildcard || !d.Told || d.Partial || d.Operation != "iam:ListUsers" ||
		d.Layer != policy.LayerIdentity || d.Outcome != policy.ImplicitDeny || !d.Time.Equal(epoch) {
		t.Errorf("%+v", d)
	}
	r := d.Request()
	if v, _, ok := r.Context.Lookup("aws:sourceip"); !ok || v[0] != "10.0.0.1" || r.Principal.ID != "AIDAalice" || r.ResourceAccount != string(account) {
		t.Errorf("%+v", r)
	}
	if c := d.Caller(); c.AccessKeyID != "" || c.ARN != alice.ARN || c.PrincipalID != alice.PrincipalID {
		t.Errorf("%+v", c)
	}
	if _, _, ok := s.Find("444455556666", "r1"); ok {
		t.Error("another account finds it")
	}
	if _, _, ok := s.Last(user("bob")); ok {
		t.Error("another user has it as its last")
	}
}

// Rules: TH-61
func TestWhoseADenialIs(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), denials.Options{})
	s.keep(role("dev", "alice", "AKIAalice"), "of-alice")
	s.keep(role("dev", "alice", "AKIAmallory"), "of-mallory")
	s.keep(&authn.Caller{Kind: authn.Root, Account: account, ARN: "root", AccessKeyID: "AKIAroot"}, "of-root")
	for _, row := range []struct {
		who  *authn.Caller
		want string
	}{
		{role("dev", "alice", "AKIAalice"), "of-alice"},
		{role("dev", "another-name", "AKIAalice"), "of-alice"},
		{role("dev", "alice", "AKIAmallory"), "of-mallory"},
		{role("dev", "alice", "AKIAcarol"), ""},
		{role("ops", "alice", "AKIAalice"), ""},
		{user("alice"), ""},
		{&authn.Caller{Kind: authn.Root, Account: account, AccessKeyID: "AKIAother"}, "of-root"},
		{&authn.Caller{Kind: authn.Root, Account: "444455556666"}, ""},
		{&authn.Caller{}, ""},
	} {
		got := ""
		if d, _, ok := s.Last(row.who); ok {
			got = d.RequestID
		}
		if got != row.want {
			t.Errorf("the last of %s (%v) is %q, want %q", row.who.ARN, row.who.Kind, got, row.want)
		}
	}
}

// Rules: TH-103
func TestJunkDoesNotPushOutTheRealOne(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), denials.Options{})
	s.keep(user("alice"), "real")
	for i := range 1000 {
		s.keep(role("flood", fmt.Sprint("session", i), "AKIAmallory"), fmt.Sprint("junk", i))
	}
	if got := s.has("real", "junk0", "junk899", "junk900", "junk999"); got != "real junk900 junk999" {
		t.Errorf("kept: %s", got)
	}
	// Eleven principals fill the account: the busiest lose, the quiet one stays.
	for p := range 11 {
		for i := range 100 {
			s.keep(user(fmt.Sprint("m", p)), fmt.Sprintf("m%d-%d", p, i))
		}
	}
	if got := s.has("real", "m10-99"); got != "real m10-99" {
		t.Errorf("kept: %s", got)
	}
	kept := 0
	for p := range 11 {
		for i := range 100 {
			if s.has(fmt.Sprintf("m%d-%d", p, i)) != "" {
				kept++
			}
		}
	}
	for i := range 1000 {
		if s.has(fmt.Sprint("junk", i)) != "" {
			kept++
		}
	}
	if kept+1 != 1000 {
		t.Errorf("%d are kept, want 1000", kept+1)
	}
}

// Whoever a provider vouches for does not push out what is root's.
//
// Rules: TH-103
func TestTokensDoNotPushOutRoots(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), denials.Options{})
	account := user("alice").Account
	s.keep(&authn.Caller{Kind: authn.Root, Account: account}, "roots")
	for i := range 200 {
		s.keep(&authn.Caller{
			Kind: authn.Federated, Account: account, Provider: "arn:aws:iam::" + string(account) + ":oidc-provider/idp.example.com", UserID: fmt.Sprint("idp.example.com:client:", i),
		}, fmt.Sprint("token", i))
	}
	if got := s.has("roots", "token0", "token199"); got != "roots token199" {
		t.Errorf("kept: %s", got)
	}
}

func TestAllTogetherIsBounded(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), denials.Options{MaxBytes: 8 << 10})
	other := user("alice")
	other.Account = "444455556666"
	s.keep(other, "quiet")
	for i := range 50 {
		s.keep(user(fmt.Sprint("u", i)), fmt.Sprint("r", i))
	}
	if _, _, ok := s.Find("444455556666", "quiet"); !ok || s.has("r49") == "" || s.has("r0") != "" {
		t.Errorf("quiet %v, %q", ok, s.has("r0", "r49"))
	}
}

func TestDenialsEndAfterSevenDays(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), denials.Options{})
	s.keep(user("alice"), "old")
	s.now.Store(int64(denials.Kept))
	if s.has("old") == "" {
		t.Error("it ended too early")
	}
	s.now.Store(int64(denials.Kept + time.Second))
	if s.has("old") != "" {
		t.Error("it did not end")
	}
	if _, _, ok := s.Last(user("alice")); ok {
		t.Error("it is still the last")
	}
}

func TestDenialsOutliveTheProcess(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "denials")
	s := open(t, dir, denials.Options{})
	s.keep(user("alice"), "r1", "aws:SourceIp", "10.0.0.1")
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	s.keep(user("alice"), "r2")
	file := filepath.Join(dir, "denials.jsonl")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	// A crash: r2 was not written, and a line is torn.
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("not JSON\n{\"id\":\"r3\",\"ti"); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	again := open(t, dir, denials.Options{})
	if got := again.has("r1", "r2", "r3"); got != "r1" {
		t.Errorf("kept: %s", got)
	}
	d, evidence, _ := again.Find(account, "r1")
	if evidence != nil || len(d.Keys) != 1 || d.Keys[0].Values[0] != "10.0.0.1" {
		t.Errorf("%+v %v", d, evidence)
	}
	again.keep(user("alice"), "r4")
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	again.keep(user("alice"), "r5") // after the end: nobody keeps it
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if !json.Valid([]byte(line)) {
			t.Errorf("torn: %s", line)
		}
	}
	if last := open(t, dir, denials.Options{}); last.has("r1", "r4", "r5") != "r1 r4" {
		t.Errorf("kept: %s", last.has("r1", "r4", "r5"))
	}
}

func TestRunWritesSoon(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), denials.Options{FlushEvery: time.Millisecond})
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }()
	s.keep(user("alice"), "r1")
	file := filepath.Join(s.dir, "denials.jsonl")
	for {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), `"r1"`) {
			break
		}
		select {
		case err := <-done:
			t.Fatalf("Run ended: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	if err := s.Clear(); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(file); err != nil || len(raw) > 0 || s.has("r1") != "" {
		t.Errorf("after Clear: %q %v", raw, err)
	}
}

func TestTheFileIsRewrittenBeforeItGrowsForever(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), denials.Options{FlushEvery: time.Nanosecond})
	go func() { _ = s.Run(t.Context()) }()
	long := strings.Repeat("x", 2000)
	for i := range 4000 { // some 10 MB, of which 100 denials stay
		s.keep(user("alice"), fmt.Sprint("r", i), "aws:UserAgent", long, "aws:PrincipalArn", long)
		if i%500 == 0 {
			time.Sleep(2 * time.Millisecond)
		}
	}
	for range 5000 {
		info, err := os.Stat(filepath.Join(s.dir, "denials.jsonl"))
		if err == nil && info.Size() < 6<<20 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("the file was not rewritten")
}

// Rules: TH-69 TH-102
func TestNoSecretIsKept(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), denials.Options{})
	c := role("dev", "alice", "AKIAalice")
	c.Session.Nonce, c.Session.KeyID = []byte("canary-nonce"), "ASIA1"
	s.keep(c, "r1", "aws:Referer", "https://a.example/x?X-Amz-Signature=canary-signature", "aws:UserAgent", strings.Repeat("u", 5000)+"\n")
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(s.dir, "denials.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "canary") || !strings.Contains(string(raw), "https://a.example/x") || strings.Count(string(raw), "\n") != 1 || len(raw) > 6000 {
		t.Errorf("%s", raw)
	}
}

func TestALargeDenialLosesItsFactsAndNotItself(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), denials.Options{})
	var keys []string
	for i := range 60 {
		keys = append(keys, fmt.Sprint("aws:PrincipalTag/k", i), strings.Repeat("v", 1000))
	}
	s.keep(user("alice"), "large", keys...)
	d, _, ok := s.Find(account, "large")
	if !ok || !d.Partial || len(d.Keys) > 0 || d.Action != "iam:ListUsers" {
		t.Errorf("%+v", d)
	}
}

// Rules: ST-77 TH-44
func TestMessagesOpenForWhomTheyAreUntilTheyEnd(t *testing.T) {
	t.Parallel()
	ring, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, t.TempDir(), denials.Options{})
	s.keep(user("alice"), "r1", "aws:SourceIp", "10.0.0.1")
	d, _, _ := s.Find(account, "r1")
	text, expires, err := denials.SealMessage(ring, d, epoch)
	if err != nil || !expires.Equal(epoch.Add(7*24*time.Hour)) || strings.Contains(text, "alice") {
		t.Fatalf("%s %v %v", text, expires, err)
	}
	ours := func(d *denials.Denial) (bool, error) { return d.Account() == account, nil }
	got, err := denials.OpenMessage(ring, text, expires.Add(-time.Second), ours)
	if err != nil || got.RequestID != "r1" || len(got.Keys) != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	marker, err := ring.SealString(seal.Marker, "denial", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	theirs, _, err := denials.SealMessage(other, d, epoch)
	if err != nil {
		t.Fatal(err)
	}
	changed := "A"
	if text[40] == 'A' {
		changed = "B"
	}
	for name, row := range map[string]struct {
		text   string
		now    time.Time
		admits func(*denials.Denial) (bool, error)
	}{
		"over":                    {text, expires, ours},
		"changed":                 {text[:40] + changed + text[41:], epoch, ours},
		"cut":                     {text[:len(text)-4], epoch, ours},
		"empty":                   {"", epoch, ours},
		"a marker":                {marker, epoch, ours},
		"of another installation": {theirs, epoch, ours},
		"for another account":     {text, epoch, func(*denials.Denial) (bool, error) { return false, nil }},
	} {
		if got, err := denials.OpenMessage(ring, row.text, row.now, row.admits); err != denials.ErrMessage || got != nil { //nolint:errorlint // bare, so that nothing tells which it was
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for i := range 40 { // as large as a denial can be
		d.Keys = append(d.Keys, authz.One(fmt.Sprint("k", i), fmt.Sprintf("%x", seal.NewInstanceID())+strings.Repeat(fmt.Sprint(i*7919), 100)+fmt.Sprintf("%x", seal.NewInstanceID())))
	}
	if text, _, err = denials.SealMessage(ring, d, epoch); err != nil || len(text) > 10240 {
		t.Errorf("%d characters, %v", len(text), err)
	}
}
