package objects_test

import (
	"bufio"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects"
)

const crashDir = "REGENT_TEST_CRASH_DIR"

// TestCrashWriter is the child of the test below: it writes until it is killed,
// and says what was answered.
func TestCrashWriter(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs as the child of TestNothingAnsweredIsLostInACrash")
	}
	store, err := objects.Open(dir, objects.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: store, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), "PUT", "/", nil)
			for n := 0; ; n++ {
				key := fmt.Sprintf("%d-%d", worker, n%50)
				body := crashBody(key, n)
				s := &sink{h: map[string][]string{}}
				call := benchCall(w, "PutObject", key, strings.NewReader(body), int64(len(body)))
				if err := store.ServeObject(s, r, call); err != nil || s.status != 200 {
					t.Errorf("put: %d, %v", s.status, err)
					return
				}
				mu.Lock()
				fmt.Printf("done %s %d\n", key, n)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// crashBody is small for some keys and a file for others.
func crashBody(key string, n int) string {
	body := key + " " + strconv.Itoa(n) + "\n"
	if n%2 == 0 {
		return body + strings.Repeat(body, 2000)
	}
	return body
}

// Rules: S3-102 TH-75
func TestNothingAnsweredIsLostInACrash(t *testing.T) {
	dir := t.TempDir() + "/objects"
	last := map[string]int{}
	for round := range 3 {
		crash(t, dir, 40+37*round, last)
		store, err := objects.Open(dir, objects.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w := &world{store: store, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
		for key, n := range last {
			b := bodySink{sink: sink{h: map[string][]string{}}}
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
			if err := store.ServeObject(&b, r, benchCall(w, "GetObject", key, nil, 0)); err != nil {
				t.Fatalf("round %d, key %s, written by %d: %v", round, key, n, err)
			}
			var got int
			if _, err := fmt.Sscanf(b.body.String(), key+" %d\n", &got); err != nil {
				t.Fatalf("key %s holds %.40q", key, b.body.String())
			}
			if got < n || b.body.String() != crashBody(key, got) {
				t.Errorf("key %s: got write %d (%d bytes), want at least %d", key, got, b.body.Len(), n)
			}
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		clear(last) // the next child counts from the beginning again
	}
}

// crash runs a writer and kills it after some answers, which it notes in last.
func crash(t *testing.T, dir string, answers int, last map[string]int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashWriter$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		var key string
		var written int
		if _, err := fmt.Sscanf(lines.Text(), "done %s %d", &key, &written); err != nil {
			t.Fatalf("child said %q", lines.Text())
		}
		last[key] = written
		if n == answers {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	if len(last) == 0 {
		t.Fatal("the child wrote nothing")
	}
}

// A bodySink is a sink that keeps the body.
type bodySink struct {
	sink
	body strings.Builder
}

func (b *bodySink) Write(p []byte) (int, error) { return b.body.Write(p) }
