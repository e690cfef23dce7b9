package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/policy"
)

// benchFile is testdata/policy-bench.json.
type benchFile struct {
	Sets  map[string]struct{ Policies []json.RawMessage }
	Cases []benchCase
}

type benchCase struct {
	Name    string
	Set     string
	Request struct {
		Account, Principal, Action, Resource string
		Context                              map[string][]string
	}
	Want string
}

func readBench(tb testing.TB) benchFile {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "policy-bench.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var f benchFile
	if err := json.Unmarshal(raw, &f); err != nil {
		tb.Fatal(err)
	}
	// A thousand statements: the fifty of p10s50 with twenty sets of other teams before them.
	var thousand []json.RawMessage
	for i := range 20 {
		for _, p := range f.Sets["p10s50"].Policies {
			text := string(p)
			if i < 19 {
				text = strings.ReplaceAll(text, "team", fmt.Sprintf("group%d-", i))
			}
			thousand = append(thousand, json.RawMessage(text))
		}
	}
	f.Sets["p200s1000"] = struct{ Policies []json.RawMessage }{thousand}
	for _, c := range f.Cases {
		if c.Set == "p10s50" {
			c.Set = "p200s1000"
			f.Cases = append(f.Cases, c)
		}
	}
	return f
}

func (f benchFile) layers(tb testing.TB, set string) *policy.Layers {
	tb.Helper()
	var l policy.Layers
	for i, text := range f.Sets[set].Policies {
		l.Identity = append(l.Identity, mustCompile(tb, string(text), policy.Source{Name: fmt.Sprint("p", i), Type: policy.Identity}, nil))
	}
	return &l
}

func (c benchCase) request() *policy.Request {
	ctx := new(policy.Context)
	for key, values := range c.Request.Context {
		ctx.Set(key, values[0])
	}
	return &policy.Request{
		Principal: &policy.Principal{Kind: policy.User, Account: c.Request.Account, ARN: c.Request.Principal, ID: "AIDAAAAAAAAAAAAAAAAAA"},
		Action:    c.Request.Action, Resource: c.Request.Resource, ResourceAccount: c.Request.Account, Context: ctx,
	}
}

func mustCompile(tb testing.TB, text string, source policy.Source, bindings map[string]string) *policy.Policy {
	tb.Helper()
	doc, err := policy.Parse(text)
	if err != nil {
		tb.Fatalf("%v in %s", err, text)
	}
	return policy.Compile(doc, source, bindings)
}

func outcomeName(o policy.Outcome) string {
	return map[policy.Outcome]string{policy.Allow: "Allow", policy.ExplicitDeny: "ExplicitDeny", policy.ImplicitDeny: "ImplicitDeny"}[o]
}

func TestBenchmarkCasesComeOutAsWritten(t *testing.T) {
	f := readBench(t)
	for _, c := range f.Cases {
		t.Run(c.Set+"/"+c.Name, func(t *testing.T) {
			layers, request := f.layers(t, c.Set), c.request()
			if got := outcomeName(layers.Decide(request).Outcome); got != c.Want {
				t.Errorf("%s, want %s", got, c.Want)
			}
			if got := outcomeName(newFloor(t, f, c.Set).decide(request)); got != c.Want {
				t.Errorf("the floor says %s, want %s", got, c.Want)
			}
			if n := testing.AllocsPerRun(50, func() { layers.Decide(request) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
}

// Every policy that is saved or loaded is parsed and compiled.
func TestParsingAndCompilingTakesFewAllocations(t *testing.T) {
	var docs []string
	for _, text := range readBench(t).Sets["p10s50"].Policies {
		docs = append(docs, string(text))
	}
	allocated := testing.AllocsPerRun(20, func() {
		for _, text := range docs {
			mustCompile(t, text, policy.Source{}, nil)
		}
	})
	if allocated > 500 {
		t.Errorf("%v allocations for fifty statements, want 500 at most", allocated)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	f := readBench(b)
	for _, c := range f.Cases {
		layers, request := f.layers(b, c.Set), c.request()
		b.Run(c.Set+"/"+c.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				layers.Decide(request)
			}
		})
	}
}

// BenchmarkFloor is what the least that can be done costs: the same statements
// from first to last, nothing decoded twice, string matching and no more.
func BenchmarkFloor(b *testing.B) {
	f := readBench(b)
	for _, c := range f.Cases {
		floor, request := newFloor(b, f, c.Set), c.request()
		b.Run(c.Set+"/"+c.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				floor.decide(request)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	f := readBench(b)
	var docs []string
	for _, text := range f.Sets["p10s50"].Policies {
		docs = append(docs, string(text))
	}
	b.Run("p10s50", func(b *testing.B) {
		for b.Loop() {
			for _, text := range docs {
				doc, err := policy.Parse(text)
				if err != nil {
					b.Fatal(err)
				}
				policy.Compile(doc, policy.Source{}, nil)
			}
		}
	})
}

// A floorStatement is a statement as the floor keeps it: strings.
type floorStatement struct {
	deny               bool
	actions, resources []string
	conditions         []floorCondition
}

type floorCondition struct {
	like   bool
	key    string
	values []string
}

type floor []floorStatement

func newFloor(tb testing.TB, f benchFile, set string) floor {
	tb.Helper()
	var out floor
	for _, text := range f.Sets[set].Policies {
		doc, err := policy.Parse(string(text))
		if err != nil {
			tb.Fatal(err)
		}
		for _, s := range doc.Statements {
			st := floorStatement{deny: s.Effect == policy.EffectDeny}
			for _, a := range s.Actions {
				st.actions = append(st.actions, a.Text)
			}
			for _, r := range s.Resources {
				st.resources = append(st.resources, r.Text)
			}
			for _, c := range s.Conditions {
				fc := floorCondition{like: c.Operator == "StringLike", key: c.Key}
				for _, v := range c.Values {
					fc.values = append(fc.values, v.Text)
				}
				st.conditions = append(st.conditions, fc)
			}
			out = append(out, st)
		}
	}
	return out
}

func (f floor) decide(r *policy.Request) policy.Outcome {
	outcome := policy.ImplicitDeny
	for i := range f {
		s := &f[i]
		if !f.any(s.actions, r.Action, r) || !f.any(s.resources, r.Resource, r) || !f.hold(s.conditions, r) {
			continue
		}
		if s.deny {
			return policy.ExplicitDeny
		}
		outcome = policy.Allow
	}
	return outcome
}

func (f floor) any(patterns []string, text string, r *policy.Request) bool {
	for _, p := range patterns {
		if floorMatch(f.expand(p, r), text) {
			return true
		}
	}
	return false
}

func (f floor) hold(conditions []floorCondition, r *policy.Request) bool {
	for _, c := range conditions {
		values, _, ok := r.Context.Lookup(c.key)
		if !ok {
			return false
		}
		held := false
		for _, v := range c.values {
			held = held || (c.like && floorMatch(f.expand(v, r), values[0])) || v == values[0]
		}
		if !held {
			return false
		}
	}
	return true
}

func (f floor) expand(pattern string, r *policy.Request) string {
	if !strings.Contains(pattern, "${aws:username}") {
		return pattern
	}
	name, _, _ := r.Context.Lookup("aws:username")
	return strings.ReplaceAll(pattern, "${aws:username}", name[0])
}

// floorMatch knows "*" only.
func floorMatch(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// BenchmarkLayers is a request through every layer, and through each alone.
func BenchmarkLayers(b *testing.B) {
	all, request := everyLayer(b)
	sets := map[string]*policy.Layers{
		"all":      all,
		"identity": {Identity: all.Identity},
		"boundary": {Identity: all.Identity, Boundary: all.Boundary},
		"session":  {Identity: all.Identity, Session: all.Session},
		"scp":      {Identity: all.Identity, SCP: all.SCP},
		"resource": {Identity: all.Identity, Resource: all.Resource},
	}
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		b.Run(name+"-allow", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sets[name].Decide(request)
			}
		})
	}
}
