package server_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestARefusedClientIsCutOffToo: a stranger who sends the head of a request
// that is refused, and then its body slowly or not at all, or who does not take
// the answer, does not hold the connection for long.
//
// Rules: TH-21
func TestARefusedClientIsCutOffToo(t *testing.T) {
	t.Parallel()
	forever := strings.Repeat("x", 100_000)
	for name, head := range map[string]string{
		"object":    "PUT /bucket/key HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
		"chunked":   "PUT /bucket/key HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n",
		"no body":   "GET /bucket HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
		"preflight": "OPTIONS /bucket HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
		"a form":    "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n",
		"its own":   "POST /_regent/nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
		"health":    "GET /_regent/health HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slowly(t, func(t *testing.T, _ *world, dial func() net.Conn) {
				c := dial()
				if _, err := io.WriteString(c, head); err != nil {
					t.Fatal(err)
				}
				if took, answer := drip(c, forever); took > 3*time.Minute {
					t.Errorf("after %s: %q", took, answer)
				}
			})
		})
		t.Run(name+", silent", func(t *testing.T) {
			t.Parallel()
			slowly(t, func(t *testing.T, _ *world, dial func() net.Conn) {
				c := dial()
				if _, err := io.WriteString(c, head); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				raw, _ := io.ReadAll(c) // what came before the connection broke
				if took := time.Since(start); took > 3*time.Minute {
					t.Errorf("after %s: %q", took, raw)
				}
			})
		})
	}
	t.Run("an answer that nobody takes", func(t *testing.T) {
		t.Parallel()
		slowly(t, func(t *testing.T, _ *world, dial func() net.Conn) {
			c := dial()
			start := time.Now()
			for { // until the server hangs up
				if _, err := io.WriteString(c, "GET /_regent/health HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
					break
				}
			}
			if took := time.Since(start); took > 3*time.Minute {
				t.Errorf("after %s", took)
			}
		})
	})
}
