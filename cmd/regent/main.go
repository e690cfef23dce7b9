// Regent is AWS-style identity that people run themselves: one program that is
// the server and the command that speaks to it.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/regent-iam/regent/internal/cli"
	"github.com/regent-iam/regent/internal/config"
	"github.com/regent-iam/regent/internal/server"
)

// gcPercent lets the heap, which is small, grow to 12 MiB before it is
// collected. At Go's own 100 a fifth of a busy server's time went into that.
const gcPercent = 300

func main() {
	if os.Getenv("GOGC") == "" { // who runs it may know better
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.Seams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ(),
		Serve:  func(ctx context.Context, c *config.Config) error { return server.Run(ctx, c, os.Stdout, os.Stderr) },
		Check:  func(ctx context.Context, c *config.Config) error { return server.Check(ctx, c) },
		Rewrap: server.Rewrap, Renew: server.Renew, RootPassword: server.RootPassword,
		Secret: cli.Terminal(os.Stdin, os.Stderr),
	})
	stop()
	os.Exit(code)
}
