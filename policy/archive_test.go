package policy_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/regent-iam/regent/policy"
)

// The archives under testdata/decide hold decisions as data; testdata/README.md
// documents their format.

// A decideCase is one request of an archive.
type decideCase struct {
	line      int
	request   *policy.Request
	layers    *policy.Layers
	bindings  map[string]string
	outcome   string
	layer     string // "" when the archive does not say
	statement string // name#index, "" when the archive does not say
	allocates bool   // deciding may allocate
}

type archive struct {
	name  string
	head  string
	files map[string]string
	order []string
}

func readArchives(tb testing.TB, dir string) []archive {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil || len(names) == 0 {
		tb.Fatalf("no archives in %s: %v", dir, err)
	}
	var out []archive
	for _, name := range names {
		parsed, err := txtar.ParseFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		a := archive{name: strings.TrimSuffix(filepath.Base(name), ".txtar"), head: string(parsed.Comment), files: map[string]string{}}
		for _, f := range parsed.Files {
			if _, twice := a.files[f.Name]; twice {
				tb.Fatalf("%s: %s stands twice", name, f.Name)
			}
			a.files[f.Name] = string(f.Data)
			a.order = append(a.order, f.Name)
		}
		if !strings.Contains(string(parsed.Comment), "\nRules: ") {
			tb.Fatalf("%s: no line of rules", name)
		}
		out = append(out, a)
	}
	return out
}

// cases reads the requests of an archive.
func (a archive) cases(tb testing.TB) []decideCase {
	tb.Helper()
	var out []decideCase
	var current *caseText
	finish := func() {
		if current != nil {
			out = append(out, a.build(tb, current))
		}
	}
	for i, line := range strings.Split(a.files["requests"], "\n") {
		text := strings.TrimSpace(line)
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"):
			current.more = append(current.more, text)
		default:
			finish()
			current = &caseText{line: i + 1, head: strings.Fields(text)}
		}
	}
	finish()
	if len(out) == 0 {
		tb.Fatalf("%s: no requests", a.name)
	}
	return out
}

// A caseText is a request as it is written.
type caseText struct {
	line int
	head []string
	more []string
}

func (a archive) build(tb testing.TB, c *caseText) decideCase {
	tb.Helper()
	fail := func(format string, args ...any) {
		tb.Fatalf("%s, request line %d: %s", a.name, c.line, fmt.Sprintf(format, args...))
	}
	if len(c.head) < 4 || c.head[2] != "->" || len(c.head) > 4 && (len(c.head) < 6 || c.head[4] != "by") {
		fail(`want "action resource -> outcome [by layer [statement]]", have %q`, c.head)
	}
	out := decideCase{line: c.line, outcome: c.head[3]}
	if len(c.head) > 5 {
		out.layer = c.head[5]
	}
	if len(c.head) > 6 {
		out.statement = c.head[6]
	}
	ctx := new(policy.Context)
	out.request = &policy.Request{Action: c.head[0], Resource: c.head[1], Context: ctx}
	principal, use := "principal", slices.Clone(a.order)
	settings := append(slices.DeleteFunc(strings.Split(a.files["context"], "\n"), func(s string) bool { return strings.TrimSpace(s) == "" }), c.more...)
	values := map[string]any{}
	for _, setting := range settings {
		word, rest, _ := strings.Cut(setting, " ")
		rest = strings.TrimSpace(rest)
		switch {
		case word == "as":
			principal = "principal/" + rest
		case word == "use":
			use = strings.Fields(rest)
		case word == "account":
			out.request.ResourceAccount = rest
		case word == "wildcard":
			out.request.Wildcard = true
		case word == "allocates":
			out.allocates = true
		case word == "without":
			delete(values, rest)
		case strings.HasPrefix(rest, "= "):
			var v any
			if err := json.Unmarshal([]byte(rest[2:]), &v); err != nil {
				fail("%s: %v", setting, err)
			}
			values[word] = v
		default:
			fail("%q is not a setting", setting)
		}
	}
	fillContext(ctx, values)
	out.request.Principal = readPrincipal(tb, a.principal(tb, principal))
	if out.request.ResourceAccount == "" {
		out.request.ResourceAccount = out.request.Principal.Account
	}
	out.bindings = a.bindings()
	out.layers = a.layers(tb, use, out.bindings)
	return out
}

func fillContext(ctx *policy.Context, values map[string]any) {
	for key, v := range values {
		if list, ok := v.([]any); ok {
			many := []string{}
			for _, item := range list {
				many = append(many, fmt.Sprint(item))
			}
			ctx.SetMulti(key, many)
			continue
		}
		ctx.Set(key, fmt.Sprint(v))
	}
}

// principal returns the text of a caller: the archive's own, or one of those
// that all archives share.
func (a archive) principal(tb testing.TB, name string) string {
	tb.Helper()
	if text, ok := a.files[name]; ok {
		return text
	}
	shared, err := txtar.ParseFile(filepath.Join("testdata", "principals.txtar"))
	if err != nil {
		tb.Fatal(err)
	}
	if name == "principal" {
		name = "principal/alice"
	}
	for _, f := range shared.Files {
		if "principal/"+f.Name == name {
			return string(f.Data)
		}
	}
	tb.Fatalf("%s: nobody is called %s", a.name, name)
	return ""
}

func readPrincipal(tb testing.TB, text string) *policy.Principal {
	tb.Helper()
	kinds := map[string]policy.PrincipalKind{
		"anonymous": policy.Anonymous, "root": policy.Root, "user": policy.User, "session": policy.RoleSession,
		"federated-user": policy.FederatedUser, "service": policy.Service, "federated": policy.Federated,
	}
	var p policy.Principal
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "":
		case "kind":
			kind, ok := kinds[rest]
			if !ok {
				tb.Fatalf("no such kind of principal: %s", rest)
			}
			p.Kind = kind
		case "account":
			p.Account = rest
		case "arn":
			p.ARN = rest
		case "id":
			p.ID = rest
		case "issuer":
			p.Issuer = rest
		case "service":
			p.Services = append(p.Services, rest)
		case "provider":
			p.Provider = rest
		case "canonical":
			p.Canonical = rest
		default:
			tb.Fatalf("a principal has no %q", word)
		}
	}
	return &p
}

// bindings reads the unique ids that the archive's principals had on save.
func (a archive) bindings() map[string]string {
	bindings := map[string]string{}
	for line := range strings.Lines(a.files["bindings"]) {
		if name, id, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			bindings[name] = id
		}
	}
	return bindings
}

// layers compiles the named files of the archive.
func (a archive) layers(tb testing.TB, use []string, bindings map[string]string) *policy.Layers {
	tb.Helper()
	var l policy.Layers
	for _, name := range use {
		text, ok := a.files[name]
		layer, rest, _ := strings.Cut(strings.TrimSuffix(name, ".json"), "/")
		compile := func(kind policy.Kind) *policy.Policy {
			source := policy.Source{Name: name, Type: kind}
			doc, err := policy.Parse(text)
			if err != nil {
				return policy.Compile(nil, source, nil)
			}
			return policy.Compile(doc, source, bindings)
		}
		switch layer {
		case "has-boundary":
			l.HasBoundary = true
			continue
		case "has-session":
			l.HasSession = true
			continue
		case "restrict-public":
			l.RestrictPublic = true
			continue
		case "trust-required":
			l.Trust = true
			continue
		case "context", "bindings", "requests", "principal":
			continue
		}
		if !ok {
			tb.Fatalf("%s: no file %s", a.name, name)
		}
		switch layer {
		case "identity":
			l.Identity = append(l.Identity, compile(policy.Identity))
		case "boundary":
			l.Boundary = compile(policy.Boundary)
		case "session":
			l.Session = append(l.Session, compile(policy.Session))
		case "scp":
			l.SCP = addLevel(l.SCP, rest, text, compile(policy.SCP))
		case "rcp":
			l.RCP = addLevel(l.RCP, rest, text, compile(policy.RCP))
		case "resource":
			l.Resource = append(l.Resource, compile(policy.Resource))
		case "bucket":
			l.Resource = append(l.Resource, compile(policy.Bucket))
		case "trust":
			l.Trust = true
			l.Resource = append(l.Resource, compile(policy.Trust))
		default:
			tb.Fatalf("%s: %s is of no layer", a.name, name)
		}
	}
	return &l
}

// addLevel adds a policy to level "n" or "n/name"; an empty file is a level without policies.
func addLevel(levels [][]*policy.Policy, name, text string, p *policy.Policy) [][]*policy.Policy {
	level := int(name[0] - '0')
	for len(levels) <= level {
		levels = append(levels, nil)
	}
	if strings.TrimSpace(text) != "" {
		levels[level] = append(levels[level], p)
	}
	return levels
}

var layerWords = map[policy.Layer]string{
	policy.LayerNone: "none", policy.LayerRCP: "rcp", policy.LayerSCP: "scp", policy.LayerResource: "resource", policy.LayerTrust: "trust",
	policy.LayerIdentity: "identity", policy.LayerBoundary: "boundary", policy.LayerSession: "session",
}

func TestDecisionsAreAsTheArchivesSay(t *testing.T) {
	for _, a := range readArchives(t, "decide") {
		t.Run(a.name, func(t *testing.T) {
			for _, c := range a.cases(t) {
				checkCase(t, c)
			}
		})
	}
}

func checkCase(t *testing.T, c decideCase) {
	t.Helper()
	got := c.layers.Decide(c.request)
	where := fmt.Sprintf("request line %d, %s on %s", c.line, c.request.Action, c.request.Resource)
	if got.Outcome.String() != c.outcome || c.layer != "" && layerWords[got.Layer] != c.layer {
		t.Errorf("%s: %s by %s, want %s by %s", where, got.Outcome, layerWords[got.Layer], c.outcome, c.layer)
	}
	if c.statement != "" {
		have := "none"
		if got.Policy != nil {
			have = fmt.Sprintf("%s#%d", got.Policy.Source().Name, got.Index)
		}
		if have != c.statement {
			t.Errorf("%s: decided by %s, want %s", where, have, c.statement)
		}
	}
	if n := naiveDecide(c.layers, c.request, c.bindings); n != got.Outcome {
		t.Errorf("%s: %s, the naive evaluator says %s", where, got.Outcome, n)
	}
	explained := c.layers.Explain(c.request)
	if explained.Decision != got {
		t.Errorf("%s: explained %v, decided %v", where, explained.Decision, got)
	}
	if (len(explained.Fixes) == 0) != (got.Outcome == policy.Allow) {
		t.Errorf("%s: %s with %d fixes", where, got.Outcome, len(explained.Fixes))
	}
	if n := testing.AllocsPerRun(3, func() { c.layers.Decide(c.request) }); n != 0 && !c.allocates {
		t.Errorf("%s: %v allocations", where, n)
	}
}
