package signin

import (
	"sync"
	"time"
)

// handoverFor is how long a page has to ask for what the switch that opened it
// minted. Later, and on another node, the role is assumed once more.
const handoverFor = time.Minute

// maxHandovers is how many are kept. Those that find no room are not missed.
const maxHandovers = 1000

// handovers keep what switches minted until the pages that they open ask for it,
// so that a switch assumes the role once. They are in memory alone: nothing
// secret is written. The zero handovers are empty.
type handovers struct {
	mu   sync.Mutex
	kept map[handoverKey]handover
}

type handoverKey struct{ browser, session string }

type handover struct {
	*assumed
	at time.Time
}

func (h *handovers) keep(k handoverKey, got *assumed, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k, old := range h.kept {
		if !old.fresh(now) {
			delete(h.kept, k)
		}
	}
	if len(h.kept) >= maxHandovers {
		return
	}
	if h.kept == nil {
		h.kept = map[handoverKey]handover{}
	}
	h.kept[k] = handover{got, now}
}

// take returns what was kept for a session, once, unless anything was revoked
// since it was minted; else nil.
func (h *handovers) take(k handoverKey, revocations uint64, now time.Time) *assumed {
	h.mu.Lock()
	defer h.mu.Unlock()
	got, ok := h.kept[k]
	delete(h.kept, k)
	if !ok || !got.fresh(now) || got.revocations != revocations {
		return nil
	}
	return got.assumed
}

func (h *handover) fresh(now time.Time) bool {
	return !now.Before(h.at) && now.Sub(h.at) < handoverFor
}
