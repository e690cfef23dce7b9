package server_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/regent-iam/regent/internal/server"
)

// attrs draws attributes, plain ones and those that need an escape, a group or
// what not.
func attrs() *rapid.Generator[slog.Attr] {
	text := rapid.OneOf(
		rapid.StringMatching(`[ -~]{0,20}`), rapid.String(),
		rapid.SampledFrom([]string{"", `"`, `\`, "\x7f", "\n", "<&>", "\u2028", "\xff", "é"}),
	)
	value := rapid.OneOf(
		rapid.Map(text, slog.StringValue), rapid.Map(rapid.Int64(), slog.Int64Value), rapid.Map(rapid.Float64(), slog.Float64Value),
		rapid.Map(rapid.Float64Range(0, 1e6), slog.Float64Value), rapid.Map(rapid.Bool(), slog.BoolValue), rapid.Map(rapid.Uint64(), slog.Uint64Value),
		rapid.Just(slog.Float64Value(0)), rapid.Just(slog.Float64Value(1e-7)), rapid.Just(slog.Float64Value(1e21)),
		rapid.Just(slog.DurationValue(time.Second)), rapid.Just(slog.AnyValue(errors.New("failed"))), rapid.Just(slog.AnyValue(nil)),
		rapid.Just(slog.GroupValue(slog.Int("in", 1))), rapid.Just(slog.TimeValue(time.Unix(1, 2))),
	)
	return rapid.Custom(func(t *rapid.T) slog.Attr {
		return slog.Attr{Key: text.Draw(t, "key"), Value: value.Draw(t, "value")}
	})
}

// TestTheLogIsWrittenAsSlogWritesIt compares lines with those of slog's handler,
// whatever is in them.
//
// Rules: TH-103
func TestTheLogIsWrittenAsSlogWritesIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var ours, slogs bytes.Buffer
		at := rapid.SampledFrom([]time.Time{
			{}, time.Unix(1764400000, 123456789).UTC(), time.Unix(1764400000, 120000000), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		}).Draw(rt, "time")
		message := rapid.OneOf(rapid.Just("request"), rapid.String()).Draw(rt, "message")
		r := slog.NewRecord(at, rapid.SampledFrom([]slog.Level{slog.LevelInfo, slog.LevelError, slog.LevelWarn, 3}).Draw(rt, "level"), message, 0)
		r.AddAttrs(rapid.SliceOfN(attrs(), 0, 9).Draw(rt, "attrs")...)
		mine := server.NewLog(&ours).Handler()
		theirs := slog.NewJSONHandler(&slogs, nil)
		if rapid.Bool().Draw(rt, "with") {
			a := attrs().Draw(rt, "more")
			check(rt, mine.WithAttrs([]slog.Attr{a}).WithGroup("g").Handle(t.Context(), r), theirs.WithAttrs([]slog.Attr{a}).WithGroup("g").Handle(t.Context(), r))
		}
		check(rt, mine.Handle(t.Context(), r), theirs.Handle(t.Context(), r))
		if ours.String() != slogs.String() {
			rt.Errorf("\n%s, slog has\n%s", ours.String(), slogs.String())
		}
	})
	debug := server.NewLog(new(bytes.Buffer)).Handler()
	if debug.Enabled(t.Context(), slog.LevelDebug) || !debug.Enabled(t.Context(), slog.LevelInfo) {
		t.Error("the log has other levels than slog's")
	}
}

func check(t *rapid.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// TestLinesOfTheLogStayWhole writes short and long lines from many goroutines to
// a writer that is not safe for that.
func TestLinesOfTheLogStayWhole(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log := server.NewLog(&b)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				log.LogAttrs(context.Background(), slog.LevelInfo, "short", slog.String("text", "plain"))
				log.LogAttrs(context.Background(), slog.LevelInfo, "long", slog.String("text", `"`))
			}
		})
	}
	wg.Wait()
	for line := range strings.Lines(b.String()) {
		if !strings.HasSuffix(line, `"msg":"short","text":"plain"}`+"\n") && !strings.HasSuffix(line, `"msg":"long","text":"\""}`+"\n") {
			t.Fatalf("line %q", line)
		}
	}
}
