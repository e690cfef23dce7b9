package server_test

import (
	"bytes"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/regent-iam/regent/internal/server"
)

// A world is a server with its data directory and its log.
type world struct {
	*server.Server
	options server.Options
	log     *buffer
}

// A buffer may be written to and read by several.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// begin starts a server on a new data directory.
func begin(t *testing.T, o server.Options) *world {
	t.Helper()
	if o.Data == "" {
		o.Data = filepath.Join(t.TempDir(), "data")
	}
	w := &world{options: o, log: new(buffer)}
	w.start(t, o)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return w
}

func (w *world) start(t *testing.T, o server.Options) {
	t.Helper()
	o.Log = server.NewLog(w.log)
	s, err := server.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	w.Server = s
}

// again stops the server and starts another one on the same data.
func (w *world) again(t *testing.T, change func(*server.Options)) {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	o := w.options
	if change != nil {
		change(&o)
	}
	w.start(t, o)
}

// root is a client of the management account's root, from its first start.
func (w *world) root() server.Client { return w.Client(w.First().Key) }

// ask sends a request to the server without a network.
func (w *world) ask(r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	w.Handler().ServeHTTP(answer, r)
	return answer
}

// local is a request of a process of this machine.
func local(method, target, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "127.0.0.1:8700"
	return r
}

// dev calls /_regent/dev/… with the token, and fails when it is refused.
func (w *world) dev(t *testing.T, call, body string) string {
	t.Helper()
	r := local(http.MethodPost, "/_regent/dev/"+call, body)
	r.Header.Set("Authorization", "Bearer "+w.DevToken())
	answer := w.ask(r)
	if answer.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", call, answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// files returns the names and contents of all files under a directory.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		all[filepath.ToSlash(rel)] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// must returns a call's answer.
func must(t *testing.T) func(string, error) string {
	return func(answer string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

// refused fails unless err is a refusal with the code.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	if err == nil || server.Code(err) != code {
		t.Errorf("got %v, and wanted %s", err, code)
	}
}

func closeBody(t *testing.T, r *http.Response) string {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	if err := r.Body.Close(); err != nil {
		t.Error(err)
	}
	return string(raw)
}
