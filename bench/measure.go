package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// measureRequests measures every operation and its floors.
func measureRequests(ctx context.Context, o options) (required []requirement, err error) {
	files := filepath.Join(o.dir, "files")
	if err := os.MkdirAll(files, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(files, "object"), make([]byte, 1024), 0o600); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var bare [4]*instance
	for i, args := range [][]string{{childVerb, "floor"}, {childVerb, "signed"}, {childVerb, "form"}, {childVerb, "files", "-files", files}} {
		if bare[i], err = serve(ctx, self, args...); err != nil {
			return nil, err
		}
		defer func() { _ = bare[i].stop() }() // it says that it was told to
	}
	data := filepath.Join(o.dir, "requests")
	regent, err := serveRegent(ctx, o, data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, regent.stop()) }()
	w, err := newWorld(ctx, regent, data)
	if err != nil {
		return nil, err
	}
	loads, err := bareLoads(bare[0], bare[1], bare[2], bare[3], o.clients)
	if err != nil {
		return nil, err
	}
	ours, err := w.loads(o.clients)
	if err != nil {
		return nil, err
	}
	fmt.Printf("%-58s %10s %9s %9s %12s\n", "requests", "per second", "p50", "p99", "CPU/request")
	results := map[string]result{}
	for _, l := range append(loads, ours...) {
		r, err := l.run(ctx, o.seconds)
		if err != nil {
			return nil, err
		}
		results[l.name] = r
		printResult(l.name, r)
	}
	all, own := w.memory()
	fmt.Printf("%-58s %6.1f MiB, %.1f MiB of it own\n\n", "resident right after", all, own)
	ratio := results["GetObject 1 KiB"].cpu.Seconds() / results["bare file server + SigV4, 1 KiB file"].cpu.Seconds()
	if math.IsNaN(ratio) {
		return nil, errors.New("this system does not tell what a process has used of the processor")
	}
	form, identity, assume := results[formFloor], results["GetCallerIdentity"], results["AssumeRole"]
	return []requirement{
		{"GetObject's CPU, in bare file servers with SigV4", ratio, false, 2.5, "x"},
		{"GetCallerIdentity per second, in its floors", identity.perSecond() / form.perSecond(), true, 0.55, "x"},
		{"GetCallerIdentity's CPU, in its floors", identity.cpu.Seconds() / form.cpu.Seconds(), false, 2, "x"},
		{"AssumeRole per second, in its floors", assume.perSecond() / form.perSecond(), true, 0.35, "x"},
		{"AssumeRole's CPU, in its floors", assume.cpu.Seconds() / form.cpu.Seconds(), false, 3.5, "x"},
	}, nil
}

func round(d time.Duration) string {
	switch {
	case d >= 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	default:
		return d.Round(100 * time.Nanosecond).String()
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// measureCommits measures CreateUser and bare commits in turn: what a disk does
// changes from second to second. The same callers ask for both, over HTTP:
// where the disk is fast and processors are few, commits that are called in
// their own process are out of reach for any server, a bare one too, as the
// line of medians shows.
func measureCommits(ctx context.Context, o options) ([]requirement, error) {
	fmt.Printf("%-58s %10s %9s %9s %12s\n", "durable changes", "per second", "p50", "p99", "CPU/request")
	var inProcess, overHTTP, floor []float64
	for i := range o.rounds {
		dir := filepath.Join(o.dir, fmt.Sprintf("commits-%d", i))
		if err := os.MkdirAll(filepath.Join(dir, "bare"), 0o700); err != nil {
			return nil, err
		}
		bare, err := bareCommits(dir, o.clients, o.creates)
		if err != nil {
			return nil, err
		}
		behind, err := bareUsers(ctx, o, filepath.Join(dir, "bare"))
		if err != nil {
			return nil, err
		}
		users, err := createUsers(ctx, o, filepath.Join(dir, "data"))
		if err != nil {
			return nil, err
		}
		commits, err := commitsOf(filepath.Join(dir, "data", "regent.db"))
		if err != nil {
			return nil, err
		}
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
		fmt.Printf("%-58s %10.0f\n", "bare bbolt group commit", bare)
		printResult("bare bbolt group commit behind HTTP + SigV4", behind)
		printResult(fmt.Sprintf("CreateUser (%.1f in a commit)", float64(o.creates)/float64(commits)), users)
		inProcess, floor = append(inProcess, users.perSecond()/bare), append(floor, behind.perSecond()/bare)
		overHTTP = append(overHTTP, users.perSecond()/behind.perSecond())
	}
	fmt.Printf("medians, in bare commits that are called in their own process: %.2f behind HTTP + SigV4, %.2f CreateUser\n\n", median(floor), median(inProcess))
	return []requirement{{"CreateUser, durable, in bare bbolt commits over HTTP", median(overHTTP), true, 0.6, "x"}}, nil
}

func printResult(name string, r result) {
	fmt.Printf("%-58s %10.0f %9s %9s %12s\n", name, r.perSecond(), round(r.p50), round(r.p99), round(r.cpu))
}

// bareUsers sends what CreateUser gets to a server that only commits.
func bareUsers(ctx context.Context, o options, dir string) (_ result, err error) {
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	s, err := serve(ctx, self, childVerb, "commits", "-data", dir)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = s.stop() }() // it says that it was told to
	l, err := creations(o, s, &caller{s.address, bareKey})
	if err != nil {
		return result{}, err
	}
	return l.run(ctx, 0)
}

// createUsers makes users in a store of its own.
func createUsers(ctx context.Context, o options, data string) (_ result, err error) {
	s, err := serveRegent(ctx, o, data)
	if err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	root, err := rootCaller(s.address, data)
	if err != nil {
		return result{}, err
	}
	administrator, err := root.user(ctx, "administrator", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}`)
	if err != nil {
		return result{}, err
	}
	l, err := creations(o, s, administrator)
	if err != nil {
		return result{}, err
	}
	return l.run(ctx, 0)
}

// creations are requests that make users, each once.
func creations(o options, s *instance, root *caller) (*load, error) {
	l := &load{name: "CreateUser", server: s, contain: "<UserId>", once: true, perConn: make([][]request, o.clients)}
	for i := range o.creates {
		r, err := root.query("iam", "CreateUser", "UserName", fmt.Sprintf("user-%05d", i))
		if err != nil {
			return nil, err
		}
		l.perConn[i%o.clients] = append(l.perConn[i%o.clients], r)
	}
	return l, nil
}

// Limits of starts, whatever the store holds.
const (
	startLimit  = 50 // milliseconds
	memoryLimit = 40 // MiB
)

// measureStarts measures how long a store takes to answer after the program
// was started, and what it holds in memory when nobody asks.
func measureStarts(ctx context.Context, o options) (required []requirement, err error) {
	fmt.Printf("%-34s %10s %10s %10s %10s %10s\n", "starts", "median", "slowest", "resident", "of it own", "on disk")
	for _, users := range []int{0, o.users} {
		data := filepath.Join(o.dir, fmt.Sprintf("starts-%d", users))
		first, err := startOnce(ctx, o, data)
		if err != nil {
			return nil, err
		}
		if users > 0 {
			begin := time.Now()
			if err := fill(ctx, data, users); err != nil {
				return nil, err
			}
			fmt.Printf("  (%d users written in %s)\n", users, time.Since(begin).Round(100*time.Millisecond))
		}
		var took, resident, own []float64
		for range o.starts {
			s, err := startOnce(ctx, o, data)
			if err != nil {
				return nil, err
			}
			took, resident, own = append(took, s.milliseconds), append(resident, s.resident), append(own, s.own)
		}
		info, err := os.Stat(filepath.Join(data, "regent.db"))
		if err != nil {
			return nil, err
		}
		slowest := slices.Max(took)
		name := fmt.Sprintf("%d users", users)
		if users == 0 {
			name = fmt.Sprintf("empty (very first start: %.1f ms)", first.milliseconds)
		}
		fmt.Printf("%-34s %7.1f ms %7.1f ms %6.1f MiB %6.1f MiB %6.0f MiB\n",
			name, median(took), slowest, slices.Max(resident), slices.Max(own), float64(info.Size())/(1<<20))
		required = append(required,
			requirement{fmt.Sprintf("start to first answer, %d users", users), median(took), false, startLimit, " ms"},
			requirement{fmt.Sprintf("resident when idle, %d users", users), slices.Max(resident), false, memoryLimit, " MiB"})
	}
	fmt.Println()
	return required, nil
}

type startFigures struct {
	milliseconds, resident, own float64
}

// idle is how long a server is left alone before its memory is looked at.
const idle = 300 * time.Millisecond

// startOnce starts a server, asks it something that needs the store, leaves it
// alone, and stops it.
func startOnce(ctx context.Context, o options, data string) (figures startFigures, err error) {
	s, err := serveRegent(ctx, o, data)
	if err != nil {
		return startFigures{}, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	root, err := rootCaller(s.address, data)
	if err != nil {
		return startFigures{}, err
	}
	r, err := root.s3(http.MethodGet, "/", nil)
	if _, err := root.call(ctx, r, err); err != nil {
		return startFigures{}, err
	}
	figures.milliseconds = float64(time.Since(s.started).Microseconds()) / 1000
	time.Sleep(idle)
	figures.resident, figures.own = s.memory()
	return figures, nil
}
