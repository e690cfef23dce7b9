package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/regent-iam/regent/policy"
)

// A world is a generated request with the documents that bear on it, kept as
// text so that it can be changed and compiled again.
type world struct {
	docs           map[policy.Layer][]string
	levels         map[policy.Layer][][]string
	boundary       []string // none or one
	hasBoundary    bool
	hasSession     bool
	trust          bool
	bucket         bool
	restrictPublic bool
	request        *policy.Request
}

var worldBindings = map[string]string{
	"arn:aws:iam::111122223333:user/u": "AIDAUUUUUUUUUUUUUUUUU",
	"arn:aws:iam::111122223333:role/r": "AROARRRRRRRRRRRRRRRRR",
	"arn:aws:iam::444455556666:user/x": "AIDAXXXXXXXXXXXXXXXXX",
}

func worldPrincipals() []policy.Principal {
	return []policy.Principal{
		*user(),
		{Kind: policy.RoleSession, Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/r/s", ID: "AROARRRRRRRRRRRRRRRRR", Issuer: "arn:aws:iam::111122223333:role/r"},
		{Kind: policy.FederatedUser, Account: "111122223333", ARN: "arn:aws:sts::111122223333:federated-user/f", ID: "AIDAUUUUUUUUUUUUUUUUU", Issuer: "arn:aws:iam::111122223333:user/u"},
		{Kind: policy.User, Account: "444455556666", ARN: "arn:aws:iam::444455556666:user/x", ID: "AIDAXXXXXXXXXXXXXXXXX"},
		{Kind: policy.Root, Account: "111122223333", ARN: "arn:aws:iam::111122223333:root"},
		{Kind: policy.Anonymous},
		{Kind: policy.Service, Services: []string{"ec2.amazonaws.com"}},
		{Kind: policy.Federated, Provider: "accounts.google.com"},
	}
}

var genKeys = []string{"aws:username", "aws:PrincipalTag/Team", "aws:TagKeys", "aws:SourceIp", "aws:CurrentTime", "aws:EpochTime", "aws:PrincipalArn", "aws:SecureTransport", "custom:n"}

var genValues = []string{
	"a", "A", "ab", "b*", "a?", "*", "", "true", "FALSE", "1", "1.0", "-2", "1e1", "10", "0.5", "2020-01-01", "2020-01-01T01:00:00+01:00", "1577836800", "2020",
	"10.1.2.3", "10.0.0.0/8", "2001:db8::1", "2001:db8::/32", "0.0.0.0/0", "arn:aws:iam::111122223333:role/r", "arn:aws:iam::*:role/*", "arn:aws:s3", "QQ==", "é",
	"${aws:username}", "${aws:username}*", "x${aws:PrincipalTag/team, 'a'}", "${*}", "a${?}", "${", "arn:aws:iam::${aws:username}:role/${aws:PrincipalTag/Team}", "${aws:TagKeys}",
}

var genOperators = []string{
	"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike", "NumericEquals", "NumericNotEquals",
	"NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals",
	"DateGreaterThan", "DateGreaterThanEquals", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike",
}

var genActions = []string{"s3:GetObject", "S3:get*", "s3:*", "*", "*:*", "s3:*Object", "s3:?et*", "sts:AssumeRole", "sts:*", "sqs:*M*e", "s?:GetObject", "nothing", "s3:PutObject", "s3:G*t*Ob*"}

var genResources = []string{
	"*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::${aws:username}/*", "arn:aws:s3:*:*:b/?", "arn:aws:s3:*", "arn:aws:s3", "arn:aws:iam::111122223333:role/*",
	"arn:aws:s3:::b/${aws:PrincipalTag/Team, 'k'}", "arn:aws:s3:${aws:username}::b/k", "arn:aws:s3:::b/${*}", "arn:*:*:*:*:*k", "arn:aws:s3:::${aws:TagKeys}*",
}

var genPrincipals = []string{
	`"*"`, `{"AWS":"*"}`, `{"AWS":"111122223333"}`, `{"AWS":"arn:aws:iam::111122223333:root"}`, `{"AWS":"arn:aws:iam::111122223333:user/u"}`,
	`{"AWS":["arn:aws:iam::111122223333:role/r","111122223333"]}`, `{"AWS":"arn:aws:sts::111122223333:assumed-role/r/s"}`,
	`{"AWS":["arn:aws:sts::111122223333:assumed-role/r/s","arn:aws:iam::111122223333:role/r","111122223333"]}`, `{"AWS":"arn:aws:sts::111122223333:federated-user/f"}`,
	`{"AWS":"arn:aws:iam::444455556666:user/x"}`, `{"AWS":"AIDAXXXXXXXXXXXXXXXXX"}`, `{"Service":"ec2.amazonaws.com"}`, `{"Federated":"accounts.google.com"}`,
	`{"AWS":"arn:aws:iam::111122223333:user/*"}`, `{"AWS":["444455556666","arn:aws:iam::444455556666:user/x"]}`, `{"AWS":["111122223333","arn:aws:iam::111122223333:user/u"]}`,
}

func drawSome(t *rapid.T, from []string, most int, label string) string {
	values := rapid.SliceOfN(rapid.SampledFrom(from), 0, most).Draw(t, label)
	if len(values) == 1 {
		return mustJSON(values[0])
	}
	return mustJSON(values)
}

func mustJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func drawStatement(t *rapid.T, personal bool, effect string) string {
	parts := []string{`"Effect":"` + effect + `"`}
	not := func(name string) string {
		if rapid.IntRange(0, 5).Draw(t, "not") == 0 {
			name = "Not" + name
		}
		return `"` + name + `":`
	}
	// Half of the statements are about everything, so that what follows decides.
	switch rapid.IntRange(0, 9).Draw(t, "breadth") {
	case 0:
		parts = append(parts, not("Action")+drawSome(t, genActions, 3, "actions"))
	case 1, 2:
		parts = append(parts, not("Action")+drawSome(t, genActions, 3, "actions"), not("Resource")+drawSome(t, genResources, 3, "resources"))
	case 3, 4:
		parts = append(parts, `"Action":"*"`, not("Resource")+drawSome(t, genResources, 3, "resources"))
	default:
		parts = append(parts, `"Action":"*","Resource":"*"`)
	}
	if personal == (rapid.IntRange(0, 19).Draw(t, "misplaced") > 0) {
		parts = append(parts, not("Principal")+rapid.SampledFrom(genPrincipals).Draw(t, "principal"))
	}
	var conditions []string
	used := map[string]bool{}
	for range rapid.SampledFrom([]int{0, 0, 1, 1, 2}).Draw(t, "conditions") {
		op := rapid.SampledFrom([]string{"", "", "", "ForAllValues:", "ForAnyValue:"}).Draw(t, "set") + rapid.SampledFrom(genOperators).Draw(t, "operator") +
			rapid.SampledFrom([]string{"", "", "", "IfExists"}).Draw(t, "if exists")
		if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
			op = "Null"
		}
		if !used[op] {
			used[op] = true
			conditions = append(conditions, `"`+op+`":{"`+rapid.SampledFrom(genKeys).Draw(t, "key")+`":`+drawSome(t, genValues, 3, "values")+`}`)
		}
	}
	if len(conditions) > 0 {
		parts = append(parts, `"Condition":{`+strings.Join(conditions, ",")+`}`)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func drawDocument(t *rapid.T, personal bool) string {
	var statements []string
	for range rapid.IntRange(1, 4).Draw(t, "statements") {
		statements = append(statements, drawStatement(t, personal, rapid.SampledFrom([]string{"Allow", "Allow", "Allow", "Deny"}).Draw(t, "effect")))
	}
	version := rapid.SampledFrom([]string{`"Version":"2012-10-17",`, `"Version":"2012-10-17",`, `"Version":"2008-10-17",`, ``}).Draw(t, "version")
	return `{` + version + `"Statement":[` + strings.Join(statements, ",") + `]}`
}

func drawWorld(t *rapid.T) *world {
	w := &world{docs: map[policy.Layer][]string{}, levels: map[policy.Layer][][]string{}}
	docs := func(most int, personal bool) (out []string) {
		for range rapid.IntRange(0, most).Draw(t, "documents") {
			out = append(out, drawDocument(t, personal))
		}
		return out
	}
	often := func(label string) bool { return rapid.IntRange(0, 3).Draw(t, label) == 0 }
	w.docs[policy.LayerIdentity] = docs(2, false)
	w.docs[policy.LayerResource] = docs(2, true)
	w.trust, w.bucket, w.restrictPublic = often("trust"), often("bucket"), often("restrict")
	if often("boundary") {
		w.hasBoundary, w.boundary = true, docs(1, false)
	}
	if often("session") {
		w.hasSession, w.docs[policy.LayerSession] = true, docs(2, false)
	}
	for _, layer := range []policy.Layer{policy.LayerSCP, policy.LayerRCP} {
		if personal := layer == policy.LayerRCP; often(layer.String()) {
			for range rapid.IntRange(1, 2).Draw(t, "levels") {
				w.levels[layer] = append(w.levels[layer], docs(2, personal))
			}
		}
	}
	p := rapid.SampledFrom(worldPrincipals()).Draw(t, "caller")
	w.request = &policy.Request{
		Principal: &p, Action: rapid.SampledFrom([]string{"s3:GetObject", "S3:putobject", "sts:AssumeRole", "sqs:SendMessage"}).Draw(t, "action"),
		Resource:        rapid.SampledFrom([]string{"arn:aws:s3:::b/k", "arn:aws:s3:::a/x*", "arn:aws:iam::111122223333:role/t", "arn:aws:s3:::b/*", "*"}).Draw(t, "resource"),
		ResourceAccount: rapid.SampledFrom([]string{"111122223333", "111122223333", "444455556666"}).Draw(t, "account"),
		Wildcard:        rapid.IntRange(0, 9).Draw(t, "wildcard") == 0,
		Context:         drawContext(t),
	}
	return w
}

func drawContext(t *rapid.T) *policy.Context {
	ctx := new(policy.Context)
	for _, key := range genKeys {
		switch rapid.IntRange(0, 3).Draw(t, key) {
		case 0:
		case 1:
			ctx.SetMulti(key, rapid.SliceOfN(rapid.SampledFrom(genValues), 0, 3).Draw(t, "values"))
		default:
			ctx.Set(key, rapid.SampledFrom(genValues).Draw(t, "value"))
		}
	}
	return ctx
}

func (w *world) layers(tb testing.TB) *policy.Layers {
	tb.Helper()
	compile := func(kind policy.Kind, texts []string) (out []*policy.Policy) {
		for i, text := range texts {
			out = append(out, mustCompile(tb, text, policy.Source{Name: fmt.Sprint(kind, i), Type: kind}, worldBindings))
		}
		return out
	}
	l := &policy.Layers{
		Identity: compile(policy.Identity, w.docs[policy.LayerIdentity]), Session: compile(policy.Session, w.docs[policy.LayerSession]),
		HasBoundary: w.hasBoundary, HasSession: w.hasSession, Trust: w.trust, RestrictPublic: w.restrictPublic,
	}
	kind := policy.Resource
	switch {
	case w.trust:
		kind = policy.Trust
	case w.bucket:
		kind = policy.Bucket
	}
	l.Resource = compile(kind, w.docs[policy.LayerResource])
	if len(w.boundary) > 0 {
		l.Boundary = compile(policy.Boundary, w.boundary)[0]
	}
	for _, level := range w.levels[policy.LayerSCP] {
		l.SCP = append(l.SCP, compile(policy.SCP, level))
	}
	for _, level := range w.levels[policy.LayerRCP] {
		l.RCP = append(l.RCP, compile(policy.RCP, level))
	}
	return l
}

// evaluate compares the engine with the naive evaluator and with its own explanation.
func evaluate(t *rapid.T, tb testing.TB) {
	w := drawWorld(t)
	layers := w.layers(tb)
	got, want := layers.Decide(w.request), naiveDecide(layers, w.request, worldBindings)
	if got.Outcome != want {
		t.Fatalf("%v by %v#%d, the naive evaluator says %v", got.Outcome, got.Layer, got.Index, want)
	}
	if x := layers.Explain(w.request); x.Decision != got || (got.Outcome != policy.Allow) != (len(x.Fixes) > 0) {
		t.Fatalf("decided %v, explained %+v", got, x)
	}
}

// Rules: EV-1 EV-2 EV-30 EV-33 PL-70 PL-31
func TestEngineAgreesWithTheNaiveEvaluator(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) { evaluate(r, t) })
}

// Few patterns are searched and many are mapped. Each finds its own statement,
// and one that stands twice the first of them.
func TestAnyNumberOfPatternsFindsTheirStatements(t *testing.T) {
	for _, n := range []int{1, 12, 13, 300} {
		var statements []string
		statement := func(action string) {
			statements = append(statements, `{"Effect": "Deny", "Action": "`+action+`", "Resource": "*"}`)
		}
		for i := range n {
			statement(fmt.Sprintf("s3:Get%d", i))
			statement(fmt.Sprintf("s3:Put%d-*", i))
		}
		for i := range n {
			statement(fmt.Sprintf("S3:get%d", i))
		}
		text := `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ", ") + `]}`
		layers := policy.Layers{Identity: []*policy.Policy{mustCompile(t, text, policy.Source{Type: policy.Identity}, nil)}}
		caller := &policy.Principal{Kind: policy.User, Account: "111122223333"}
		decide := func(action string) policy.Decision {
			return layers.Decide(&policy.Request{
				Principal: caller, Action: action, Resource: "arn:aws:s3:::b", ResourceAccount: caller.Account,
			})
		}
		for i := range n {
			if d := decide(fmt.Sprintf("s3:get%d", i)); d.Outcome != policy.ExplicitDeny || d.Index != 2*i {
				t.Errorf("of %d, Get%d: %s by %d", n, i, d.Outcome, d.Index)
			}
			if d := decide(fmt.Sprintf("s3:PUT%d-x", i)); d.Outcome != policy.ExplicitDeny || d.Index != 2*i+1 {
				t.Errorf("of %d, Put%d: %s by %d", n, i, d.Outcome, d.Index)
			}
		}
		for _, action := range []string{"s3:Get", "s3:Put", "s3:", "ec2:Get0", "get0", ""} {
			if d := decide(action); d.Outcome != policy.ImplicitDeny {
				t.Errorf("of %d, %q: %s", n, action, d.Outcome)
			}
		}
	}
}

func FuzzEvaluate(f *testing.F) {
	f.Fuzz(func(t *testing.T, seed []byte) {
		rapid.MakeFuzz(func(r *rapid.T) { evaluate(r, t) })(t, seed)
	})
}

// changed returns w with one more statement in every place named by where.
func (w *world) changed(where policy.Layer, doc string) *world {
	c := *w
	c.docs = maps.Clone(w.docs)
	c.docs[where] = append(slices.Clone(w.docs[where]), doc)
	return &c
}

// Rules: EV-1
func TestAddingAnAllowNeverTurnsAllowIntoDeny(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := drawWorld(r)
		w.restrictPublic = false // there an Allow may turn into a deny (S3-65)
		before := w.layers(t).Decide(w.request)
		if before.Outcome != policy.Allow {
			return
		}
		layer := rapid.SampledFrom([]policy.Layer{policy.LayerIdentity, policy.LayerResource}).Draw(r, "layer")
		doc := `{"Version":"2012-10-17","Statement":` + drawStatement(r, layer == policy.LayerResource, "Allow") + `}`
		if after := w.changed(layer, doc).layers(t).Decide(w.request); after.Outcome != policy.Allow {
			r.Fatalf("%v after %s was added", after, doc)
		}
	})
}

// Rules: EV-1
func TestAddingADenyNeverTurnsDenyIntoAllow(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := drawWorld(r)
		before := w.layers(t).Decide(w.request)
		if before.Outcome == policy.Allow {
			return
		}
		layer := rapid.SampledFrom([]policy.Layer{policy.LayerIdentity, policy.LayerResource, policy.LayerSession}).Draw(r, "layer")
		doc := `{"Version":"2012-10-17","Statement":` + drawStatement(r, layer == policy.LayerResource, "Deny") + `}`
		after := w.changed(layer, doc).layers(t).Decide(w.request)
		if after.Outcome == policy.Allow || before.Outcome == policy.ExplicitDeny && after.Outcome != policy.ExplicitDeny {
			r.Fatalf("%v became %v after %s was added", before, after, doc)
		}
	})
}

// Rules: EV-2 PL-1
func TestOrderNeverMatters(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := drawWorld(r)
		before := w.layers(t).Decide(w.request)
		turned := *w
		turned.docs = map[policy.Layer][]string{}
		for layer, docs := range w.docs {
			for _, doc := range slices.Backward(docs) {
				turned.docs[layer] = append(turned.docs[layer], reversed(t, doc))
			}
		}
		after := turned.layers(t).Decide(w.request)
		if after.Outcome != before.Outcome || after.Layer != before.Layer {
			r.Fatalf("%v became %v in the other order", before, after)
		}
	})
}

// reversed writes a document with its statements in reverse and its keys
// sorted, which is another order than they were written in.
func reversed(tb testing.TB, doc string) string {
	tb.Helper()
	var d map[string]any
	if err := json.Unmarshal([]byte(doc), &d); err != nil {
		tb.Fatal(err)
	}
	if list, ok := d["Statement"].([]any); ok {
		slices.Reverse(list)
	}
	return mustJSON(d)
}

// Rules: EV-77
func TestApplyingTheFixesAllows(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := drawWorld(r)
		layers := w.layers(t)
		x := layers.Explain(w.request)
		if x.Decision.Outcome != policy.ImplicitDeny || w.restrictPublic || w.trust && w.request.Principal.Kind == policy.Root {
			return
		}
		for _, fix := range x.Fixes {
			doc := `{"Version":"2012-10-17","Statement":` + fix.Statement + `}`
			add := func(kind policy.Kind) *policy.Policy {
				return mustCompile(t, doc, policy.Source{Type: kind}, worldBindings)
			}
			switch fix.Layer {
			case policy.LayerIdentity:
				layers.Identity = append(layers.Identity, add(policy.Identity))
			case policy.LayerBoundary:
				layers.Boundary = add(policy.Boundary)
			case policy.LayerSession:
				layers.Session = append(layers.Session, add(policy.Session))
			case policy.LayerSCP:
				layers.SCP[fix.Level] = append(layers.SCP[fix.Level], add(policy.SCP))
			case policy.LayerTrust:
				layers.Resource = append(layers.Resource, add(policy.Trust))
			case policy.LayerResource:
				layers.Resource = append(layers.Resource, add(policy.Resource))
			default:
				r.Fatalf("a fix of %s", fix.Layer)
			}
		}
		if after := layers.Decide(w.request); after.Outcome != policy.Allow {
			r.Fatalf("%v by %v after all fixes: %+v", after.Outcome, after.Layer, x.Fixes)
		}
	})
}
