package objects_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
)

// later begins a PUT that, when later returns, is classified and waits for the
// last byte of its body; the function returned lets it finish.
func (w *world) later(target, text string, headers ...string) func() answer {
	w.t.Helper()
	conn, err := net.Dial("tcp", w.srv.Listener.Addr().String())
	if err != nil {
		w.t.Fatal(err)
	}
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: h\r\nTest-Began: 1\r\nContent-Length: %d\r\n", target, len(text))
	for i := 0; i < len(headers); i += 2 {
		fmt.Fprintf(conn, "%s: %s\r\n", headers[i], headers[i+1])
	}
	_, _ = io.WriteString(conn, "\r\n"+text[:len(text)-1])
	<-w.began
	return func() answer {
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, text[len(text)-1:])
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return answer{body: fmt.Sprintf("<Code>%v</Code>", err)}
		}
		raw, _ := io.ReadAll(res.Body)
		return answer{res.StatusCode, res.Header, string(raw)}
	}
}

// A firstRead tells when a body is first read: the call has looked at the index by then.
type firstRead struct {
	r     io.Reader
	began chan struct{}
	told  bool
}

func (f *firstRead) Read(p []byte) (int, error) {
	if !f.told {
		f.told = true
		f.began <- struct{}{}
	}
	return f.r.Read(p)
}
