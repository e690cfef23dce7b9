// Bench measures a built Regent against floors that run beside it in the same
// run on the same machine, prints one table, and fails when Regent does not
// keep what it must.
//
// Every server is a process of its own, so that what the clients cost does not
// count; but they share the machine, so figures of different runs compare only
// as ratios.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"time"
)

type options struct {
	regent  string // the program to measure
	dir     string // where servers keep their data
	clients int
	seconds time.Duration // that one operation is measured for
	users   int           // of the large store
	creates int           // users made in one round
	rounds  int           // of what varies: commits
	starts  int
	only    string
	profile string
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == childVerb {
		if err := runChild(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	var o options
	flag.StringVar(&o.regent, "regent", filepath.Join("..", "bin", "regent"), "the `program` to measure")
	flag.StringVar(&o.dir, "dir", "", "`directory` on the disk to measure with (default: the system's for temporary files)")
	flag.IntVar(&o.clients, "clients", 16, "connections that ask at once")
	flag.DurationVar(&o.seconds, "time", 4*time.Second, "how long one operation is measured")
	flag.IntVar(&o.users, "users", 1_000_000, "users in the large store")
	flag.IntVar(&o.creates, "creates", 4000, "users created in a round, at most 5000")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds of CreateUser and bare commits, in turn")
	flag.IntVar(&o.starts, "starts", 15, "starts of each store; the median counts")
	flag.StringVar(&o.only, "only", "", "measure only `requests`, policy, commits, starts, iam or access")
	flag.StringVar(&o.profile, "profile", "", "instead of measuring, write CPU profiles of the server to this `directory`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A requirement is what the figures must keep.
type requirement struct {
	what  string
	value float64
	least bool // the limit is the least, not the most
	limit float64
	unit  string
}

func (r requirement) kept() bool {
	if r.least {
		return r.value >= r.limit
	}
	return r.value <= r.limit
}

func run(ctx context.Context, o options) (err error) {
	if _, err := os.Stat(o.regent); err != nil {
		return fmt.Errorf("run make build first: %w", err)
	}
	dir, err := os.MkdirTemp(o.dir, "regent-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	o.dir = dir
	if o.profile != "" {
		return profile(ctx, o)
	}
	fmt.Printf("%s/%s, %d processors, %s, %d clients\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), o.clients)
	var all []requirement
	for _, part := range []struct {
		name string
		run  func(context.Context, options) ([]requirement, error)
	}{{"policy", measurePolicy}, {"requests", measureRequests}, {"commits", measureCommits}, {"starts", measureStarts}, {"iam", measureIAM}, {"access", measureAccess}} {
		if o.only != "" && o.only != part.name {
			continue
		}
		required, err := part.run(ctx, o)
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		all = append(all, required...)
	}
	return judge(all)
}

// judge prints the requirements and fails when one is not kept.
func judge(all []requirement) error {
	fmt.Printf("%-58s %12s %12s\n", "required", "measured", "limit")
	var missed error
	for _, r := range all {
		sign, verdict := "<=", "ok"
		if r.least {
			sign = ">="
		}
		if !r.kept() {
			verdict = "MISSED"
			missed = errors.New("a requirement is not kept")
		}
		fmt.Printf("%-58s %12s %12s  %s\n", r.what, fmt.Sprintf("%.2f%s", r.value, r.unit), fmt.Sprintf("%s %g%s", sign, r.limit, r.unit), verdict)
	}
	return missed
}
