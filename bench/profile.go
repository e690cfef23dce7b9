package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"

	"github.com/regent-iam/regent/internal/server"
)

// What the profiled server has of the program: its share of garbage, and one
// allocation looked at in so many bytes.
const (
	gcPercent  = 300
	memoryRate = 64 << 10
)

// serveProfiled is Regent in this process, under the profiler from the moment
// that it gets SIGUSR1: the program itself has no profiler.
func serveProfiled(data, profileTo string) (err error) {
	debug.SetGCPercent(gcPercent)
	runtime.MemProfileRate = memoryRate
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	s, err := server.New(ctx, server.Options{Data: data, Log: server.NewLog(null)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	web := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = web.Serve(l) }() // until the process ends
	begin := make(chan os.Signal, 1)
	signal.Notify(begin, syscall.SIGUSR1)
	fmt.Printf("regent serves http://%s\n", l.Addr())
	select {
	case <-ctx.Done():
		return nil
	case <-begin:
	}
	f, err := os.Create(profileTo)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return errors.Join(err, f.Close())
	}
	<-ctx.Done()
	pprof.StopCPUProfile()
	return errors.Join(f.Close(), writeAllocations(strings.TrimSuffix(profileTo, ".pprof")+".allocs.pprof"))
}

// writeAllocations writes what was allocated since the process began.
func writeAllocations(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close())
}

// profile writes a profile of every operation, of the processor and of what it
// allocates.
func profile(ctx context.Context, o options) error {
	if err := os.MkdirAll(o.profile, 0o700); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	names := []string{"GetCallerIdentity", "AssumeRole", "GetUser", "GetObject 1 KiB", "GetObject 1 KiB, in a role session", "PutObject 1 KiB", "CreateUser"}
	for i, name := range names {
		if o.only != "" && !strings.HasPrefix(name, o.only) {
			continue
		}
		to := filepath.Join(o.profile, strings.NewReplacer(" ", "-", ",", "").Replace(name)+".pprof")
		data := filepath.Join(o.dir, fmt.Sprintf("profile-%d", i))
		s, err := serve(ctx, self, childVerb, "regent", "-data", data, "-cpuprofile", to)
		if err != nil {
			return err
		}
		w, err := newWorld(ctx, s, data)
		if err != nil {
			return errors.Join(err, s.stop())
		}
		loads, err := w.loads(o.clients)
		if err != nil {
			return errors.Join(err, s.stop())
		}
		create, err := creations(o, s, w.root)
		if err != nil {
			return errors.Join(err, s.stop())
		}
		loads = append(loads, create)
		if err := s.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
			return errors.Join(err, s.stop())
		}
		r, err := loads[i].run(ctx, o.seconds)
		if err := errors.Join(err, s.stop()); err != nil {
			return err
		}
		fmt.Printf("%-40s %8.0f per second, %s of processor each: %s\n", name, r.perSecond(), round(r.cpu), to)
	}
	return nil
}
