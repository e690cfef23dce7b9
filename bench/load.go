package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A request is one signed request as it goes over the wire.
type request []byte

// A load is what clients send to one server, and what must come back.
type load struct {
	name    string
	server  *instance
	perConn [][]request // of each connection, sent in turn
	contain string      // in every answer's body
	once    bool        // each request once, however long it takes
}

// A result is what one load measured.
type result struct {
	count    int
	took     time.Duration
	p50, p99 time.Duration
	cpu      time.Duration // of the server, per request
}

func (r result) perSecond() float64 { return float64(r.count) / r.took.Seconds() }

// A client is one connection that is kept open. It costs as little as it can:
// it shares the machine with what it measures.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	body bytes.Buffer
}

func dial(ctx context.Context, address string) (*client, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 16<<10)}, nil
}

var (
	lengthHeader = []byte("Content-Length:")
	chunked      = []byte("Transfer-Encoding: chunked")
)

// do sends a request and reads the answer into c.body.
func (c *client) do(r request) (status int, err error) {
	if _, err := c.conn.Write(r); err != nil {
		return 0, err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("status line %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length, inChunks := 0, false
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, lengthHeader); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		}
		inChunks = inChunks || bytes.Equal(line, chunked)
	}
	c.body.Reset()
	if !inChunks {
		_, err = io.CopyN(&c.body, c.in, int64(length))
		return status, err
	}
	return status, c.chunks()
}

// chunks reads a body of chunks.
func (c *client) chunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimRight(line, "\r\n")), 16, 64)
		if err != nil {
			return err
		}
		if _, err := io.CopyN(&c.body, c.in, size); err != nil {
			return err
		}
		if _, err := c.in.Discard(2); err != nil {
			return err
		}
		if size == 0 {
			return nil
		}
	}
}

// warmUp is how long a load runs before it is measured.
const warmUp = 700 * time.Millisecond

// run measures the load for a time, or until each request was sent once.
func (l *load) run(ctx context.Context, seconds time.Duration) (result, error) {
	if !l.once {
		if _, err := l.drive(ctx, min(warmUp, seconds)); err != nil {
			return result{}, err
		}
	}
	before, begin := l.server.cpu(), time.Now()
	latencies, err := l.drive(ctx, seconds)
	if err != nil {
		return result{}, err
	}
	r := result{count: len(latencies), took: time.Since(begin)}
	if r.count == 0 {
		return result{}, errors.New("nothing was answered in time")
	}
	r.cpu = (l.server.cpu() - before) / time.Duration(r.count)
	slices.Sort(latencies)
	r.p50, r.p99 = latencies[r.count/2], latencies[r.count*99/100]
	return r, nil
}

// drive lets every connection send and returns how long each answer took.
func (l *load) drive(ctx context.Context, seconds time.Duration) ([]time.Duration, error) {
	var (
		all  = make([][]time.Duration, len(l.perConn))
		errs = make([]error, len(l.perConn))
		wg   sync.WaitGroup
	)
	for i, requests := range l.perConn {
		c, err := dial(ctx, l.server.address)
		if err != nil {
			return nil, err
		}
		defer func() { _ = c.conn.Close() }()
		wg.Go(func() { all[i], errs[i] = l.connection(ctx, c, requests, seconds) })
	}
	wg.Wait()
	return slices.Concat(all...), errors.Join(errs...)
}

func (l *load) connection(ctx context.Context, c *client, requests []request, seconds time.Duration) ([]time.Duration, error) {
	latencies := make([]time.Duration, 0, 1<<16)
	begin := time.Now()
	for i := 0; ctx.Err() == nil; i++ {
		if l.once && i == len(requests) {
			break
		}
		sent := time.Now()
		if !l.once && sent.Sub(begin) > seconds {
			break
		}
		status, err := c.do(requests[i%len(requests)])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.name, err)
		}
		if status != 200 || !bytes.Contains(c.body.Bytes(), []byte(l.contain)) {
			return nil, fmt.Errorf("%s: %d: %s", l.name, status, c.body.Bytes())
		}
		latencies = append(latencies, time.Since(sent))
	}
	return latencies, ctx.Err()
}
