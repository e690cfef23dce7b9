package server

import (
	"sync/atomic"
	"time"
)

// A clock is the server's time: the machine's, moved by an offset that only
// --dev can change.
type clock struct {
	wall   func() time.Time
	offset atomic.Int64 // nanoseconds
}

func newClock(wall func() time.Time) *clock { return &clock{wall: wall} }

// Now returns the server's time.
func (c *clock) Now() time.Time { return c.wall().Add(time.Duration(c.offset.Load())) }

// Set makes at the server's time.
func (c *clock) Set(at time.Time) { c.offset.Store(int64(at.Sub(c.wall()))) }

// AdvanceClock moves the server's time on, for tests.
func (s *Server) AdvanceClock(d time.Duration) { s.clock.offset.Add(int64(d)) }
