package sts_test

import (
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/service/sts"
)

// Responses are verified a few at a time, however many are posted: nobody signed
// for them, and each takes much more memory than its size. Those that wait are
// answered when it is their turn, and a place is free again whatever came of it.
//
// Rules: TH-21
func TestSAMLResponsesTakeTurns(t *testing.T) {
	t.Parallel()
	s := sts.New(sts.Config{PublicURL: public})
	w := federationIn(t, harnessOf(t, s), trustSAML(allSAML, ""))
	places := cap(s.Verifying())
	if places == 0 || places > 32 {
		t.Fatalf("%d are verified at once", places)
	}
	for range 2 * places {
		w.assume("no response at all").Fails("InvalidIdentityToken")
	}
	for range places {
		s.Verifying() <- struct{}{}
	}
	response := w.response()
	answers := make(chan *servicetest.Answer, 1)
	go func() { answers <- w.assume(response) }()
	select {
	case a := <-answers:
		t.Fatalf("one was not kept waiting: %d %s", a.Status, a.Code)
	case <-time.After(20 * time.Millisecond):
	}
	<-s.Verifying()
	(<-answers).OK()
	if busy := len(s.Verifying()); busy != places-1 {
		t.Errorf("%d places are taken, want %d", busy, places-1)
	}
}
