package record

import (
	"time"

	"github.com/regent-iam/regent/internal/store"
)

// Commit enters events in the outbox of tx, so that they are committed with the
// change they tell of or not at all (RE-1, TH-101). at orders them among those
// of other transactions. After the commit, [Recorder.Wake] is to be called.
func Commit(tx *store.Tx, at time.Time, events ...*Event) error { panic("record: Commit") }
