package e2e

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/smithy-go"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/cases"
	"github.com/regent-iam/regent/regenttest"
)

// The accounts of the archives.
const (
	accountA = "111122223333"
	accountB = "444455556666"
)

// wantCalled is how many cases can be called; less means that calls have come
// to be refused before they are decided.
const wantCalled = 400

// TestTheServerDecidesAsTheArchivesSay takes the archives that the engine is
// held to to a running server: it makes the accounts, callers, buckets, roles
// and policies of each case and does the call through the AWS SDK for Go.
//
// Rules: EV-1 EV-30 EV-33 EV-42 EV-56 EV-70
func TestTheServerDecidesAsTheArchivesSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	called, from, skipped := 0, 0, map[string]int{}
	owned := map[string][]*cases.Archive{accountA: w.archives("a"), accountB: w.archives("b")}
	for at, a := range readCases(t, filepath.Join(root(t), "policy", "testdata", "decide")) {
		before := called
		for i := range a.Cases {
			reason := "nobody owns the resource"
			if archives, ok := owned[a.Cases[i].Request.ResourceAccount]; ok {
				// The same case with the names that things have here.
				c := &archives[at].Cases[i]
				reason = w.run(c)
			}
			if reason != "" {
				skipped[reason]++
				continue
			}
			called++
		}
		if called > before {
			from++
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(skipped)) {
		t.Logf("%3d not called: %s", skipped[reason], reason)
	}
	t.Logf("%d cases of %d archives called", called, from)
	if called < wantCalled {
		t.Errorf("%d cases called, and %d could be", called, wantCalled)
	}
}

func readCases(t testing.TB, dir string) []*cases.Archive {
	t.Helper()
	archives, err := cases.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return archives
}

// bucketNames finds the buckets in an archive.
var bucketNames = regexp.MustCompile(`(arn:aws:s3:[^:"\s]*:[^:"\s]*:)([a-z0-9.-]+)(["/\s])`)

// queuesAsBuckets makes the queue of an archive that is about nothing else a
// bucket, since Regent serves no queues: they have policies of the same kind.
func queuesAsBuckets(text string) string {
	if !strings.Contains(text, "\nsqs:SendMessage ") || strings.Contains(text, "\ns3:") {
		return text
	}
	return strings.NewReplacer(
		`"s3:`, `"sqs:`, "arn:aws:sqs:us-east-1:"+accountA+":q", "arn:aws:s3:::q/k", "sqs:SendMessage", "s3:GetObject",
	).Replace(text)
}

var requested = regexp.MustCompile(`(?m)^s3:[A-Za-z]+ arn:aws:s3:::([a-z0-9.-]+)`)

// ownResources has resource policies that are for everything name the bucket of
// the archive's requests: a bucket's policy is for itself alone.
func ownResources(text string) string {
	found := requested.FindStringSubmatch(text)
	if found == nil {
		return text
	}
	own := fmt.Sprintf(`"Resource": ["arn:aws:s3:::%[1]s", "arn:aws:s3:::%[1]s/*"]`, found[1])
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if strings.Contains(line, `Principal"`) {
			lines[i] = strings.Replace(line, `"Resource": "*"`, own, 1)
		}
	}
	return strings.Join(lines, "")
}

// archives returns the archives with the accounts, the organization and the
// buckets that there are here. Buckets have one owner, so that there is a set
// of buckets for each.
func (w *world) archives(owner string) []*cases.Archive {
	w.t.Helper()
	from, dir := filepath.Join(root(w.t), "policy", "testdata", "decide"), w.t.TempDir()
	files, err := os.ReadDir(from)
	if err != nil {
		w.t.Fatal(err)
	}
	names := strings.NewReplacer(accountA, w.ids[accountA], accountB, w.ids[accountB], `"o-1"`, `"`+w.organization+`"`)
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err != nil {
			w.t.Fatal(err)
		}
		text := bucketNames.ReplaceAllString(queuesAsBuckets(string(raw)), "${1}cases-${2}-"+owner+"${3}")
		text = names.Replace(ownResources(text))
		if err := os.WriteFile(filepath.Join(dir, f.Name()), []byte(text), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	return readCases(w.t, dir)
}

// run does the call of a case and compares, or says why it cannot be done.
func (w *world) run(c *cases.Case) string {
	w.t.Helper()
	call, reason := w.callOf(c)
	if reason != "" {
		return reason
	}
	for _, check := range []func(*cases.Case) string{w.documents, w.bindings, w.keys} {
		if reason := check(c); reason != "" {
			return reason
		}
	}
	if c.Check() != nil {
		return "what its patterns match depends on names that differ here"
	}
	defer w.undo()
	config, reason := w.arrange(c)
	if reason != "" {
		return reason
	}
	w.judge(c, call(config))
	return ""
}

// judge compares what came back with what the archive wants.
func (w *world) judge(c *cases.Case, err error) {
	w.t.Helper()
	where := fmt.Sprintf("%s:%d: %s", filepath.Base(c.Archive.Name), c.Line, c)
	denied := false
	var message string
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		denied, message = strings.HasPrefix(e.ErrorCode(), "AccessDenied"), e.ErrorMessage()
		if !denied && c.Want.Outcome != policy.Allow {
			w.t.Errorf("%s: %v, want it to be denied", where, err)
			return
		}
	} else if err != nil {
		w.t.Errorf("%s: %v", where, err)
		return
	}
	if denied == (c.Want.Outcome == policy.Allow) {
		w.t.Errorf("%s: %v, want %s", where, err, c.Want)
		return
	}
	explicit, implicit := strings.Contains(message, "with an explicit deny"), strings.Contains(message, " because no ")
	if explicit && c.Want.Outcome != policy.ExplicitDeny || implicit && c.Want.Outcome != policy.ImplicitDeny {
		w.t.Errorf("%s: %s, want %s", where, message, c.Want)
	}
}

// documents says what of a case's policies cannot be made, "" when all can.
func (w *world) documents(c *cases.Case) string {
	kinds := map[string]policy.Kind{
		"identity": policy.Identity, "boundary": policy.Boundary, "session": policy.Session, "trust": policy.Trust, "scp": policy.SCP, "rcp": policy.RCP,
	}
	for _, f := range c.Files {
		name, _, _ := strings.Cut(strings.TrimSuffix(f.Name, ".json"), "/")
		switch name {
		case "has-boundary", "has-session":
			return "a policy that is gone cannot be given"
		}
		kind, ok := kinds[name]
		if !ok || isFull(f.Text) {
			continue
		}
		if strings.TrimSpace(f.Text) == "" {
			return "a level has at least one policy"
		}
		if _, err := policy.Validate(kind, f.Text); err != nil {
			return "a document that cannot be saved"
		}
	}
	if len(texts(c, "session")) > 0 && c.Request.Principal.Kind != policy.RoleSession {
		return "only sessions of roles have session policies"
	}
	if len(c.Layers.SCP) > len(w.targets[accountA]) || len(c.Layers.RCP) > len(w.targets[accountA]) {
		return "more levels than there are here"
	}
	return ""
}

// bindings says whether documents mean somebody else by a name than who has it.
func (w *world) bindings(c *cases.Case) string {
	p := c.Request.Principal
	own := p.ARN
	if p.Issuer != "" {
		own = p.Issuer
	}
	for name, id := range c.Bindings {
		if (name == own) != (id == p.ID) {
			return "an entity that was made again"
		}
	}
	for _, f := range c.Files {
		doc, err := policy.Parse(f.Text)
		if err != nil {
			continue
		}
		for _, name := range doc.PrincipalNames() {
			if c.Bindings[name] == "" {
				return "an entity that is gone"
			}
		}
		if strings.Contains(f.Text, `"AIDA`) || strings.Contains(f.Text, `"AROA`) || strings.Contains(f.Text, "CanonicalUser") {
			return "ids are others here"
		}
	}
	return ""
}

// isFull reports whether a control policy is the one that every target has.
func isFull(text string) bool {
	doc, err := policy.Parse(text)
	if err != nil || len(doc.Statements) != 1 {
		return false
	}
	s := doc.Statements[0]
	return s.Effect == policy.EffectAllow && len(s.Conditions) == 0 && len(s.Actions) == 1 && s.Actions[0].Text == "*" && !s.NotAction &&
		len(s.Resources) == 1 && s.Resources[0].Text == "*" && !s.NotResource
}

// keys says whether a policy looks at a key that the call has otherwise than
// the case.
func (w *world) keys(c *cases.Case) string {
	seen := map[string]bool{}
	for _, k := range c.Keys {
		folded := arn.Fold(k.Name)
		if seen[folded] {
			return "a key that the call cannot have"
		}
		seen[folded] = true
	}
	for _, f := range c.Files {
		doc, err := policy.Parse(f.Text)
		if err != nil {
			continue
		}
		for _, key := range policy.ContextKeys(doc) {
			values, multi, has := c.Request.Context.Lookup(key)
			if multi {
				return "a key that the call cannot have"
			}
			want := ""
			if has {
				want = values[0]
			}
			live, present, known := w.live(c, arn.Fold(key), want, has)
			if !known || present != has || present && live != want {
				return "a key that the call cannot have"
			}
		}
	}
	return ""
}

var tagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$`)

// live returns the value that a key has in the call of a case. Some are given as
// the case wants them.
func (w *world) live(c *cases.Case, key, want string, has bool) (value string, present, known bool) {
	p := c.Request.Principal
	switch {
	case strings.HasPrefix(key, "aws:principaltag/"):
		taggable := p.Kind == policy.User || p.Kind == policy.RoleSession
		return want, has, !has || taggable && tagValue.MatchString(want)
	case strings.HasPrefix(key, "s3:existingobjecttag/"):
		return want, has, c.Request.Action == "s3:GetObject" && tagValue.MatchString(want)
	case strings.HasPrefix(key, "aws:requesttag/"):
		return "", false, true
	}
	switch key {
	case "aws:username":
		return nameOf(p.ARN), p.Kind == policy.User, true
	case "aws:principalarn":
		if p.Issuer != "" {
			return p.Issuer, true, true
		}
		return p.ARN, p.Kind != policy.Anonymous, true
	case "aws:principalaccount":
		return p.Account, true, p.Account != ""
	case "aws:principalorgid":
		return w.organization, p.Account != "", true
	case "aws:securetransport", "aws:viaawsservice":
		return "false", true, true
	case "aws:principalisawsservice":
		return "false", p.Account != "", true
	case "aws:sourceip":
		return "127.0.0.1", true, true
	case "aws:multifactorauthpresent":
		if p.Kind == policy.User { // false in a session, absent without
			return "false", has, true
		}
		return "false", p.Kind == policy.RoleSession, true
	case "sts:externalid":
		return want, has, c.Request.Action == "sts:AssumeRole"
	case "s3:prefix":
		return want, has, c.Request.Action == "s3:ListBucket"
	case "iam:policyarn":
		return want, has, c.Request.Action == "iam:AttachRolePolicy"
	case "aws:tagkeys", "aws:multifactorauthage", "aws:referer", "aws:sourcearn", "aws:sourceaccount", "aws:federatedprovider", "aws:sourcevpce",
		"aws:sourcevpc", "aws:sourceidentity":
		return "", false, true
	}
	return "", false, false
}

// nameOf returns the name in the ARN of a user or role, after its path.
func nameOf(text string) string { return text[strings.LastIndexByte(text, '/')+1:] }

// newWorld starts a server with the accounts of the archives.
func newWorld(t *testing.T) *world {
	t.Helper()
	srv := regenttest.NewServer(t)
	w := &world{
		t: t, accounts: map[string]*regenttest.Account{}, ids: map[string]string{}, keepers: map[string]aws.Config{},
		targets: map[string][]string{}, made: map[string]bool{}, companies: organizations.NewFromConfig(srv.Management.Root()),
	}
	for name, id := range map[string]string{"prod": accountA, "dev": accountB} {
		a := srv.NewAccount(name)
		w.ids[id], w.accounts[a.ID] = a.ID, a
		w.keepers[a.ID] = a.NewUser("keeper", allowing("sts:AssumeRole", "*"))
	}
	w.plant()
	w.anonymous = srv.Management.Root().Copy()
	w.anonymous.Credentials = aws.AnonymousCredentials{}
	return w
}
