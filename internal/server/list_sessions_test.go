package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/server"
)

// TestSessionsAreListed: a server notes what STS hands out by itself, about a
// second later, and that it was used.
func TestSessionsAreListed(t *testing.T) {
	t.Parallel()
	e := newEstateIn(t, begin(t, server.Options{InMemory: true}))
	inline(mayAll)(e)
	s, err := e.alice.Assume(t.Context(), e.role(mayAll), "s1")
	if err != nil {
		t.Fatal(err)
	}
	key := s.Credentials().AccessKeyID
	if _, err := s.Regent(t.Context(), "GetServerInfo", map[string]any{}); err == nil { // a call that is refused is a use, too
		t.Error("the role may do what it was not given")
	}
	var answer string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		answer = must(t)(e.root.Regent(t.Context(), "ListSessions", map[string]any{"AccessKeyId": key}))
		if strings.Contains(answer, key) && strings.Contains(answer, "LastUsedAt") {
			return
		}
	}
	t.Errorf("the session %s is not listed: %s", key, answer)
}
