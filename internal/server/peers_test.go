package server_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/regent-iam/regent/internal/server"
)

// TestAPeerHoldsSoManyConnections and no more, until it closes one; a trusted
// proxy holds any number.
//
// Rules: TH-21
func TestAPeerHoldsSoManyConnections(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		trusted []netip.Prefix
		want    bool // whether a third connection is served
	}{{nil, false}, {[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, false}, {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, true}} {
		inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l := server.LimitPeers(inner, 2, test.trusted)
		accepted := make(chan net.Conn, 10)
		done := make(chan error, 1)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					done <- err
					return
				}
				_, _ = c.Write([]byte("!")) // the test sees whether it came
				accepted <- c
			}
		}()
		served := func() bool {
			c, err := new(net.Dialer).DialContext(t.Context(), "tcp", inner.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Close() })
			_, err = io.ReadFull(c, make([]byte, 1))
			return err == nil
		}
		if first, second := served(), served(); !first || !second {
			t.Errorf("%v: the first two were not served", test.trusted)
		}
		if got := served(); got != test.want {
			t.Errorf("%v: the third was served: %t", test.trusted, got)
		}
		first := <-accepted
		if _, ok := first.(io.ReaderFrom); !ok {
			t.Error("net/http cannot send files over it")
		}
		for range 2 { // closing twice counts once
			_ = first.Close()
		}
		if !served() {
			t.Errorf("%v: after one was closed another was not served", test.trusted)
		}
		if got := served(); got != test.want {
			t.Errorf("%v: a second one was served: %t", test.trusted, got)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}
}
