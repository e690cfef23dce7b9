// Oracle compares Regent's policy engine with an outside one over generated
// cases, makes every case that they decide differently as small as it can, and
// counts these by class. It fails when one of them has no explanation.
//
// docs/oracle.md says what it found and how to run it.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"sync"
	"sync/atomic"
)

type options struct {
	cases, seed uint64
	number      uint64
	one, plain  bool
	examples    int
	node        string
	script      string
	processes   int
	workers     int
}

func main() {
	var o options
	flag.Uint64Var(&o.cases, "cases", 100_000, "how many cases")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the cases")
	flag.Uint64Var(&o.number, "case", 0, "print this one case and what becomes of it, and no more")
	flag.BoolVar(&o.plain, "plain", false, "leave out of the cases all that is known to differ")
	flag.IntVar(&o.examples, "examples", 1, "examples to print of each class")
	flag.StringVar(&o.node, "node", "node", "the `program` that runs the script")
	flag.StringVar(&o.script, "script", "oracle.mjs", "the `script` that asks the outside engine")
	flag.IntVar(&o.processes, "processes", 2, "processes of the outside engine")
	flag.IntVar(&o.workers, "workers", 32, "cases under way at once")
	flag.Parse()
	flag.Visit(func(f *flag.Flag) { o.one = o.one || f.Name == "case" })
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	var pool []*oracle
	for range o.processes {
		started, err := startOracle(ctx, o.node, o.script)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, started.stop()) }()
		pool = append(pool, started)
	}
	if o.one {
		return explainOne(pool[0], o)
	}
	t := &tally{outcomes: map[string]int{}, refused: map[string]int{}, ignored: map[string]int{}, classes: map[string][]finding{}}
	var next atomic.Uint64
	var wg sync.WaitGroup
	failures := make([]error, o.workers)
	for w := range o.workers {
		wg.Go(func() {
			for number := next.Add(1) - 1; number < o.cases && failures[w] == nil && ctx.Err() == nil; number = next.Add(1) - 1 {
				failures[w] = t.one(pool[w%len(pool)], o, number)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(append(failures, ctx.Err())...); err != nil {
		return err
	}
	return t.print(o)
}

func (o options) generate(number uint64) *Case {
	c := generate(o.seed, number)
	if o.plain {
		plain(c)
	}
	return c
}

// A finding is a case that is decided differently, as small as it gets.
type finding struct {
	number         uint64
	small          *Case
	regent, oracle string
}

type tally struct {
	mu       sync.Mutex
	agreed   int
	outcomes map[string]int // of agreed cases
	refused  map[string]int // cases that the oracle does not take, by reason
	ignored  map[string]int // keys that the oracle left out, by name
	classes  map[string][]finding
}

// one compares the engines over one case.
func (t *tally) one(p *oracle, o options, number uint64) error {
	c := o.generate(number)
	regent, a, err := decide(p, c)
	if err != nil {
		return fmt.Errorf("case %d: %w", number, err)
	}
	t.mu.Lock()
	differ := false
	switch {
	case a.Refused != "":
		t.refused[a.Refused]++
	case len(a.Ignored) > 0:
		t.ignored[fmt.Sprint(c.Action, " ", a.Ignored)]++
	case regent == a.Outcome:
		t.agreed++
		t.outcomes[regent]++
	default:
		differ = true
	}
	t.mu.Unlock()
	if !differ {
		return nil
	}
	small, err := shrink(c, func(c *Case) (bool, error) {
		r, s, err := decide(p, c)
		return r == regent && s.Outcome == a.Outcome && s.Refused == "" && len(s.Ignored) == 0, err
	})
	if err != nil {
		return fmt.Errorf("case %d: %w", number, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	name := classify(small, regent, a.Outcome)
	t.classes[name] = append(t.classes[name], finding{number, small, regent, a.Outcome})
	return nil
}

func decide(o *oracle, c *Case) (regent string, _ answer, err error) {
	d, err := ours(c)
	if err != nil {
		return "", answer{}, err
	}
	a, err := o.ask(c)
	return d.Outcome.String(), a, err
}

func (t *tally) print(o options) error {
	fmt.Printf("seed %d, %d cases: %d agree", o.seed, o.cases, t.agreed)
	for _, name := range slices.Sorted(maps.Keys(t.outcomes)) {
		fmt.Printf(", %d %s", t.outcomes[name], name)
	}
	fmt.Println()
	for _, reasons := range []struct {
		what  string
		count map[string]int
	}{{"not taken by the oracle", t.refused}, {"keys left out by the oracle", t.ignored}} {
		for _, reason := range byCount(reasons.count) {
			fmt.Printf("%7d %s: %.300s\n", reasons.count[reason], reasons.what, reason)
		}
	}
	fmt.Println("\ndecided differently, by class:")
	counts := map[string]int{}
	for name, findings := range t.classes {
		counts[name] = len(findings)
	}
	for _, name := range byCount(counts) {
		fmt.Printf("%7d %s\n", counts[name], name)
		findings := t.classes[name]
		slices.SortFunc(findings, func(a, b finding) int { return cmp.Compare(a.number, b.number) })
		for _, f := range findings[:min(o.examples, len(findings))] {
			if err := f.print(); err != nil {
				return err
			}
		}
	}
	if n := counts[unexplained]; n > 0 {
		return fmt.Errorf("%d cases are decided differently for no reason that is known", n)
	}
	return nil
}

func (f finding) print() error {
	text, err := json.Marshal(f.small)
	if err != nil {
		return err
	}
	fmt.Printf("        case %d: regent %s, oracle %s: %s\n", f.number, f.regent, f.oracle, text)
	return nil
}

func byCount(counts map[string]int) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}

// explainOne prints a case and what both engines say.
func explainOne(p *oracle, o options) error {
	c := o.generate(o.number)
	regent, a, err := decide(p, c)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	fmt.Printf("%s\nregent %s, oracle %+v\n", text, regent, a)
	return nil
}
