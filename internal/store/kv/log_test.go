package kv_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/regent-iam/regent/internal/store/kv"
)

func event(r kv.Revision, changes int) kv.Event {
	e := kv.Event{Revision: r}
	for i := range changes {
		e.Changes = append(e.Changes, kv.Change{Key: fmt.Sprint(i)})
	}
	return e
}

// first returns the revision of the first event after from.
func first(t *testing.T, l *kv.Log, from kv.Revision) (kv.Revision, error) {
	t.Helper()
	for e, err := range l.Watch(t.Context(), from) {
		return e.Revision, err
	}
	return 0, errors.New("ended without an error")
}

// The log keeps as many changes as it was told, in however many events, and always the last event.
func TestLogKeepsChangesNotEvents(t *testing.T) {
	l := kv.NewLog(7, 10)
	l.Append(event(8, 4), event(9, 4))
	for from, want := range map[kv.Revision]kv.Revision{7: 8, 8: 9} {
		if got, err := first(t, l, from); got != want || err != nil {
			t.Errorf("after %d comes %d, %v, want %d", from, got, err, want)
		}
	}
	l.Append(event(10, 4)) // 12 changes: the oldest goes
	if _, err := first(t, l, 7); !errors.Is(err, kv.ErrCompacted) {
		t.Errorf("from 7: %v, want ErrCompacted", err)
	}
	if got, err := first(t, l, 8); got != 9 || err != nil {
		t.Errorf("after 8 comes %d, %v", got, err)
	}
	l.Append(event(11, 100))
	if _, err := first(t, l, 9); !errors.Is(err, kv.ErrCompacted) {
		t.Errorf("from 9: %v, want ErrCompacted", err)
	}
	if got, err := first(t, l, 10); got != 11 || err != nil {
		t.Errorf("after 10 comes %d, %v", got, err)
	}
}

func TestLogGivesMoreThanAPage(t *testing.T) {
	l := kv.NewLog(0, 0)
	const n = 1000
	for r := range kv.Revision(n) {
		l.Append(event(r+1, 1))
	}
	last := kv.Revision(0)
	for e, err := range l.Watch(t.Context(), 0) {
		if err != nil || e.Revision != last+1 {
			t.Fatalf("%d after %d, %v", e.Revision, last, err)
		}
		if last = e.Revision; last == n {
			break
		}
	}
}

func TestLogWaitsForWhatItExpects(t *testing.T) {
	l := kv.NewLog(0, 0)
	if _, err := first(t, l, 1); !errors.Is(err, kv.ErrCompacted) {
		t.Errorf("from the future: %v, want ErrCompacted", err)
	}
	l.Expect(1) // somebody may see revision 1 from here on, before its event is there
	done := make(chan error)
	go func() {
		for e, err := range l.Watch(t.Context(), 1) {
			if err == nil && e.Revision != 2 {
				err = fmt.Errorf("revision %d", e.Revision)
			}
			done <- err
			return
		}
	}()
	l.Append(event(1, 1))
	l.Append(event(2, 1))
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestLogRefusesAGap(t *testing.T) {
	l := kv.NewLog(3, 0)
	defer func() {
		if recover() == nil {
			t.Error("an event was left out and nobody said so")
		}
	}()
	l.Append(event(5, 1))
}
