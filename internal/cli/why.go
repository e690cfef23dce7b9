package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/regent-iam/regent/internal/client"
)

// A why is what the verb was asked.
type why struct {
	remote

	last    bool
	now     bool
	message string
	context []string
	ask     client.Question
}

func newWhy(seams Seams) *cobra.Command {
	w := &why{remote: remote{seams: seams}}
	cmd := &cobra.Command{
		Use:   "why [REQUEST-ID | --last | --message TEXT]",
		Short: "Explain why a request was refused, and what would allow it",
		Long: `Explain why a request was refused, and what would allow it.

Without anything it explains your last refused request. A request id explains
that request; --message explains what somebody gave you, "-" reads it from the
standard input. --action, with --resource, --principal and --context, asks about
a request that nobody made. Your own refused requests you may always ask about;
others need regent:ExplainDecision.

You see your own side whole, and of other policies what you could read anyway.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("why takes one request id, and was given %d arguments", len(args))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := w.question(args); err != nil {
				return err
			}
			return w.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.BoolVar(&w.last, "last", false, "explain your last refused request (the default)")
	f.BoolVar(&w.now, "now", false, "decide the request that was refused by the policies as they are now")
	f.StringVar(&w.message, "message", "", "explain an encoded message; - reads it from the standard input")
	f.StringVar(&w.ask.Action, "action", "", "explain whether this action is allowed, such as s3:GetObject")
	f.StringVar(&w.ask.Resource, "resource", "", "ARN that --action is on")
	f.StringVar(&w.ask.Principal, "principal", "", "ARN of who would do it; you, unless given")
	f.StringArrayVar(&w.context, "context", nil, "condition key of that request, as KEY=VALUE; several times for several values")
	w.flags(f)
	return cmd
}

// question puts the flags together. Two ways to ask at once are a mistake.
func (w *why) question(args []string) error {
	ways := 0
	for _, given := range []bool{len(args) > 0, w.last, w.message != "", w.ask.Action != ""} {
		if given {
			ways++
		}
	}
	if ways > 1 {
		return usageError{errors.New("give a request id, or --last, or --message, or --action")}
	}
	if w.ask.Action == "" && (w.ask.Resource != "" || w.ask.Principal != "" || len(w.context) > 0) {
		return usageError{errors.New("--resource, --principal and --context go with --action")}
	}
	if len(args) > 0 {
		w.ask.RequestID = args[0]
	}
	if w.now && w.ask.Action == "" {
		w.ask.Basis = "NOW"
	}
	w.ask.Message = w.message
	if w.message == "-" {
		raw, err := io.ReadAll(io.LimitReader(w.seams.In, 64<<10))
		if err != nil {
			return err
		}
		w.ask.Message = strings.TrimSpace(string(raw))
	}
	for _, entry := range w.context {
		key, value, ok := strings.Cut(entry, "=")
		if !ok || key == "" {
			return usageError{fmt.Errorf("--context %q is not KEY=VALUE", entry)}
		}
		w.addContext(key, value)
	}
	return nil
}

func (w *why) addContext(key, value string) {
	for i := range w.ask.Context {
		if w.ask.Context[i].Key == key {
			w.ask.Context[i].Values = append(w.ask.Context[i].Values, value)
			return
		}
	}
	w.ask.Context = append(w.ask.Context, client.ContextEntry{Key: key, Values: []string{value}})
}

func (w *why) run(ctx context.Context) error {
	c, err := w.open(ctx)
	if err != nil {
		return err
	}
	x, raw, err := c.Explain(ctx, w.ask)
	if err != nil {
		return err
	}
	return w.print(raw, func(out *bytes.Buffer) { describe(out, x) })
}
