package kv

import (
	"context"
	"iter"
	"slices"
	"sync"
)

// DefaultHistory is how many changes a [Log] keeps for late watchers when it is not told.
const DefaultHistory = 32768

// A Log is the events of a backend that lives in one process: the last ones are kept, and watchers read along
// at their own pace, so that none of them can delay a writer.
type Log struct {
	mu       sync.Mutex
	history  int // changes to keep
	kept     int // changes in events
	events   []Event
	since    Revision      // events holds everything after it, up to last
	last     Revision      // of the last event
	expected Revision      // of the commit that is under way
	more     chan struct{} // closed and replaced when something happens
	closed   bool
}

// NewLog returns a Log that begins after revision last and keeps history changes, [DefaultHistory] if that is 0.
func NewLog(last Revision, history int) *Log {
	if history <= 0 {
		history = DefaultHistory
	}
	return &Log{history: history, since: last, last: last, expected: last, more: make(chan struct{})}
}

// Expect says that revisions up to r are about to become visible, so that a watcher who saw one in a View
// before its event was appended is not taken for one from the future.
func (l *Log) Expect(r Revision) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expected = max(l.expected, r)
}

// Append publishes events, which follow the last one without a gap. The backend calls it when they are visible
// and before it answers the Updates that made them.
func (l *Log) Append(events ...Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		if e.Revision != l.last+1 {
			panic("kv: events out of order")
		}
		l.events = append(l.events, e)
		l.kept += len(e.Changes)
		l.last = e.Revision
	}
	l.expected = max(l.expected, l.last)
	drop := 0
	for l.kept > l.history && drop < len(l.events)-1 { // the last event stays, however large
		l.kept -= len(l.events[drop].Changes)
		l.since = l.events[drop].Revision
		drop++
	}
	clear(l.events[:drop])
	l.events = l.events[drop:]
	l.wakeLocked()
}

// Reset forgets all events: everything up to r was replaced, and every watcher from before r is told ErrCompacted.
func (l *Log) Reset(r Revision) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events, l.kept = nil, 0
	l.since, l.last, l.expected = r, r, max(l.expected, r)
	l.wakeLocked()
}

// Close ends all watchers with [ErrClosed].
func (l *Log) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		l.wakeLocked()
	}
}

func (l *Log) wakeLocked() {
	close(l.more)
	l.more = make(chan struct{})
}

// Watch is [DB.Watch].
func (l *Log) Watch(ctx context.Context, from Revision) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		next := from
		for {
			events, more, err := l.after(ctx, next)
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, e := range events {
				if err := ctx.Err(); err != nil {
					yield(Event{}, err)
					return
				}
				if !yield(e, nil) {
					return
				}
				next = e.Revision
			}
			if len(events) == 0 {
				await(ctx, more)
			}
		}
	}
}

// await returns when there is more, or ctx has ended.
func await(ctx context.Context, more <-chan struct{}) {
	select {
	case <-more:
	case <-ctx.Done():
	}
}

// after returns a few events behind r, or what to wait for when there are none.
func (l *Log) after(ctx context.Context, r Revision) ([]Event, <-chan struct{}, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return nil, nil, ErrClosed
	case r < l.since || r > l.expected:
		return nil, nil, ErrCompacted
	case r >= l.last:
		return nil, l.more, nil
	}
	const page = 64 // a slow watcher holds on to no more than this
	begin := int(r - l.since)
	return slices.Clone(l.events[begin:min(begin+page, len(l.events))]), nil, nil
}
