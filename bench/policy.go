package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cedar "github.com/cedar-policy/cedar-go"

	"github.com/regent-iam/regent/policy"
)

// Limits of the policy engine, in the floor's time: a linear scan that only
// compares strings.
const (
	smallLimit   = 2.0 // five statements, or conditions
	largeLimit   = 1.0 // fifty statements and more
	compileLimit = 300 // microseconds, of fifty statements
)

// Each engine is measured so often in turn, and so long each time; the quickest
// round counts, since what else runs on the machine only ever slows.
const (
	policyRounds = 5
	policyTime   = "100ms"
)

// A policyFile is policy/testdata/policy-bench.json.
type policyFile struct {
	Sets  map[string]policySet
	Cases []policyCase
}

type policySet struct{ Policies []json.RawMessage }

type policyCase struct {
	Name, Set, Want string
	Request         struct {
		Account, Principal, Action, Resource string
		Context                              map[string][]string
	}
}

// measurePolicy measures the engine beside the floor and Cedar.
func measurePolicy(ctx context.Context, _ options) ([]requirement, error) {
	testing.Init()
	if err := flag.Set("test.benchtime", policyTime); err != nil {
		return nil, err
	}
	f, err := readPolicies(filepath.Join("..", "policy", "testdata", "policy-bench.json"))
	if err != nil {
		return nil, err
	}
	fmt.Printf("%-34s %22s %22s %22s\n", "deciding, and allocations", "floor", "Regent", "cedar-go")
	var required []requirement
	var allocations int64
	for i := range f.Cases {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c := &f.Cases[i]
		ratio, allocated, err := f.measureCase(c)
		if err != nil {
			return nil, fmt.Errorf("%s/%s: %w", c.Set, c.Name, err)
		}
		allocations = max(allocations, allocated)
		limit := smallLimit
		if c.Set == "p10s50" || c.Set == "p200s1000" {
			limit = largeLimit
		}
		required = append(required, requirement{"deciding " + c.Set + "/" + c.Name + ", in linear scans", ratio, false, limit, "x"})
	}
	layers, allocated, err := f.measureLayers()
	if err != nil {
		return nil, err
	}
	compile, err := f.measureCompile()
	if err != nil {
		return nil, err
	}
	fmt.Println()
	return append(required, layers,
		requirement{"allocations of any decision", float64(max(allocations, allocated)), false, 0, ""}, compile), nil
}

func readPolicies(file string) (*policyFile, error) {
	raw, err := os.ReadFile(file) //nolint:gosec // a file of this repository
	if err != nil {
		return nil, err
	}
	f := new(policyFile)
	if err := json.Unmarshal(raw, f); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	// A thousand statements: the fifty of p10s50 behind nineteen sets of other teams.
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
	f.Sets["p200s1000"] = policySet{thousand}
	for _, c := range f.Cases {
		if c.Set == "p10s50" {
			c.Set = "p200s1000"
			f.Cases = append(f.Cases, c)
		}
	}
	return f, nil
}

// measureCase measures one case with all engines, after having seen that each
// decides it right.
func (f *policyFile) measureCase(c *policyCase) (ratio float64, allocations int64, err error) {
	compiled, docs, err := f.compile(c.Set)
	if err != nil {
		return 0, 0, err
	}
	layers, request, scan := &policy.Layers{Identity: compiled}, c.request(), newScan(docs)
	if got := layers.Decide(request).Outcome.String(); got != c.outcome() {
		return 0, 0, fmt.Errorf("regent decides %s, want %s", got, c.outcome())
	}
	if got := scan.decide(request).String(); got != c.outcome() {
		return 0, 0, fmt.Errorf("the floor decides %s, want %s", got, c.outcome())
	}
	engines := []func(){func() { scan.decide(request) }, func() { layers.Decide(request) }}
	if set, ok := translate(docs); ok {
		asked := c.cedarRequest()
		if got, _ := cedar.Authorize(set, cedar.EntityMap{}, asked); (got == cedar.Allow) != (c.Want == "Allow") {
			return 0, 0, fmt.Errorf("cedar decides %v, want %s", got, c.Want)
		}
		engines = append(engines, func() { cedar.Authorize(set, cedar.EntityMap{}, asked) })
	}
	speeds := measureTurns(engines...)
	printSpeeds(c.Set+"/"+c.Name, speeds)
	return speeds[1].nanoseconds / speeds[0].nanoseconds, speeds[1].allocations, nil
}

func (f *policyFile) compile(set string) (compiled []*policy.Policy, docs []*policy.Document, err error) {
	for i, text := range f.Sets[set].Policies {
		doc, err := policy.Parse(string(text))
		if err != nil {
			return nil, nil, err
		}
		docs = append(docs, doc)
		compiled = append(compiled, policy.Compile(doc, policy.Source{Name: fmt.Sprint("p", i), Type: policy.Identity}, nil))
	}
	return compiled, docs, nil
}

// outcome is what c wants, in the engine's spelling.
func (c *policyCase) outcome() string {
	switch c.Want {
	case "Allow":
		return policy.Allow.String()
	case "ExplicitDeny":
		return policy.ExplicitDeny.String()
	default:
		return policy.ImplicitDeny.String()
	}
}

func (c *policyCase) request() *policy.Request {
	keys := new(policy.Context)
	for key, values := range c.Request.Context {
		keys.Set(key, values[0])
	}
	return &policy.Request{
		Principal: &policy.Principal{Kind: policy.User, Account: c.Request.Account, ARN: c.Request.Principal, ID: "AIDAAAAAAAAAAAAAAAAAA"},
		Action:    c.Request.Action, Resource: c.Request.Resource, ResourceAccount: c.Request.Account, Context: keys,
	}
}

// A speed is what one call takes.
type speed struct {
	nanoseconds float64
	allocations int64
}

// measureTurns measures every one of calls in turn, in each of several rounds.
func measureTurns(calls ...func()) []speed {
	out := slices.Repeat([]speed{{nanoseconds: math.Inf(1)}}, len(calls))
	for range policyRounds {
		for i, call := range calls {
			r := testing.Benchmark(func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					call()
				}
			})
			out[i].nanoseconds = min(out[i].nanoseconds, float64(r.T.Nanoseconds())/float64(r.N))
			out[i].allocations = max(out[i].allocations, r.AllocsPerOp())
		}
	}
	return out
}

// printSpeeds prints a line: the floor, and the others with their ratio to it.
func printSpeeds(name string, speeds []speed) {
	fmt.Printf("%-34s %22s", name, fmt.Sprintf("%.0f ns %3d", speeds[0].nanoseconds, speeds[0].allocations))
	for _, s := range speeds[1:] {
		fmt.Printf(" %22s", fmt.Sprintf("%.0f ns %3d %6.2fx", s.nanoseconds, s.allocations, s.nanoseconds/speeds[0].nanoseconds))
	}
	if len(speeds) < 3 {
		fmt.Printf(" %22s", "cannot say it")
	}
	fmt.Println()
}

// measureLayers measures a request that every layer has to allow, and each of
// the policies alone.
func (f *policyFile) measureLayers() (requirement, int64, error) {
	var problem error
	compile := func(kind policy.Kind, text string) *policy.Policy {
		doc, err := policy.Parse(text)
		if err != nil {
			problem = err
		}
		return policy.Compile(doc, policy.Source{Type: kind}, nil)
	}
	c := &f.Cases[0]
	own := string(f.Sets[c.Set].Policies[0])
	shared := strings.ReplaceAll(own, `"Effect"`, `"Principal": {"AWS": "`+c.Request.Account+`"}, "Effect"`)
	full := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}]}`
	identity, boundary, session := compile(policy.Identity, own), compile(policy.Boundary, own), compile(policy.Session, own)
	bucket, scp := compile(policy.Bucket, shared), compile(policy.SCP, full)
	if problem != nil {
		return requirement{}, 0, problem
	}
	one := []*policy.Policy{scp}
	request := c.request()
	all := []*policy.Layers{
		{Identity: []*policy.Policy{identity}, Boundary: boundary, Session: []*policy.Policy{session}, SCP: [][]*policy.Policy{one, one, one}, Resource: []*policy.Policy{bucket}},
		{Identity: []*policy.Policy{identity}},
		{Identity: []*policy.Policy{boundary}},
		{Identity: []*policy.Policy{session}},
		{Identity: one},
		{Identity: one},
		{Identity: one},
		{Resource: []*policy.Policy{bucket}},
	}
	var calls []func()
	for _, layers := range all {
		calls = append(calls, func() { layers.Decide(request) })
	}
	if got := all[0].Decide(request); got.Outcome != policy.Allow || got.Layer != policy.LayerIdentity {
		return requirement{}, 0, fmt.Errorf("all layers together: %s by %s", got.Outcome, got.Layer)
	}
	speeds := measureTurns(calls...)
	parts := 0.0
	for _, s := range speeds[1:] {
		parts += s.nanoseconds
	}
	fmt.Printf("%-34s %22s %22s\n", "SCP x3, boundary, session, bucket", fmt.Sprintf("%.0f ns the parts", parts), fmt.Sprintf("%.0f ns %3d %6.2fx", speeds[0].nanoseconds, speeds[0].allocations, speeds[0].nanoseconds/parts))
	return requirement{"deciding with all layers, in the sum of each alone", speeds[0].nanoseconds / parts, false, 1, "x"}, speeds[0].allocations, nil
}

// measureCompile measures parsing and compiling fifty statements.
func (f *policyFile) measureCompile() (requirement, error) {
	_, docs, err := f.compile("p10s50")
	if err != nil {
		return requirement{}, err
	}
	text := cedarText(docs)
	speeds := measureTurns(
		func() {
			if _, _, err := f.compile("p10s50"); err != nil {
				panic(err) // it was compiled above
			}
		},
		func() {
			if _, err := cedar.NewPolicySetFromBytes("", []byte(text)); err != nil {
				panic(err)
			}
		},
	)
	took := func(s speed) string {
		return fmt.Sprintf("%s %d", time.Duration(s.nanoseconds).Round(100*time.Nanosecond), s.allocations)
	}
	fmt.Printf("%-34s %22s %22s %22s\n", "parsing, compiling 50 statements", "", took(speeds[0]), took(speeds[1]))
	return requirement{"parsing and compiling 50 statements", speeds[0].nanoseconds / 1000, false, compileLimit, " us"}, nil
}
