package server

import (
	"net"
	"net/netip"
	"slices"
	"sync"
)

// maxPeerConnections is how many connections one peer may hold at a time: a
// stranger alone does not use up the process's (TH-21).
const maxPeerConnections = 1000

// A peerLimit is a listener that hangs up on a peer that holds too many
// connections. A trusted proxy speaks for many and may hold any number.
type peerLimit struct {
	net.Listener
	most    int
	trusted []netip.Prefix

	mu   sync.Mutex
	held map[netip.Addr]int
}

func limitPeers(l net.Listener, most int, trusted []netip.Prefix) *peerLimit {
	return &peerLimit{Listener: l, most: most, trusted: trusted, held: map[netip.Addr]int{}}
}

// Accept returns the next connection that is within its peer's limit.
func (l *peerLimit) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, ok := conn.(*net.TCPConn)
		if !ok {
			return conn, nil
		}
		addr, ok := tcp.RemoteAddr().(*net.TCPAddr)
		if !ok {
			return conn, nil
		}
		peer := peerOf(addr.AddrPort().Addr())
		if slices.ContainsFunc(l.trusted, func(p netip.Prefix) bool { return p.Contains(peer) }) {
			return conn, nil
		}
		if l.hold(peer) {
			return &heldConn{TCPConn: tcp, release: sync.OnceFunc(func() { l.release(peer) })}, nil
		}
		_ = conn.Close() // whom it hangs up on is not told why
	}
}

// peerOf returns what counts as one peer: an address, or the network of an
// IPv6 host, which has a whole one to itself.
func peerOf(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		return netip.PrefixFrom(a, 64).Masked().Addr()
	}
	return a
}

func (l *peerLimit) hold(peer netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[peer] >= l.most {
		return false
	}
	l.held[peer]++
	return true
}

func (l *peerLimit) release(peer netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[peer]--; l.held[peer] == 0 {
		delete(l.held, peer)
	}
}

// A heldConn counts until it is closed. It has all the methods of a TCP
// connection: net/http sends files and closes one side with them.
type heldConn struct {
	*net.TCPConn
	release func()
}

// Close closes the connection.
func (c *heldConn) Close() error {
	defer c.release()
	return c.TCPConn.Close()
}
