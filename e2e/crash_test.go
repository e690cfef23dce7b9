package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// startLimit is far above what a start takes; it fails when a start costs what
// there is to recover.
const startLimit = 5 * time.Second

// TestCrash kills the server again and again, mostly while several clients
// change things and sometimes while it starts, and looks after each start for
// every change that was answered. How often, REGENT_CRASH_KILLS says.
//
// Rules: TH-101
func TestCrash(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("REGENT_CRASH_KILLS"))
	if err != nil || kills <= 0 {
		t.Skip("REGENT_CRASH_KILLS says how often to kill the server; make crash does")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("%d kills, seed %d", kills, seed)
	random := rand.New(rand.NewPCG(seed, 1))
	data := filepath.Join(t.TempDir(), "data")
	for range 3 { // a first start that is cut short is made good by the next
		killAtStart(t, data, time.Duration(random.IntN(40))*time.Millisecond)
	}

	var model crashModel
	var starts []time.Duration
	for round := range kills {
		if round%5 == 4 {
			killAtStart(t, data, time.Duration(random.IntN(40))*time.Millisecond)
		}
		server, took := startTimed(t, data)
		starts = append(starts, took)
		id, secret := rootKeys(t, data)
		client := newSigner(server.URL, id, secret)
		model.check(t, client, round%25 == 0)
		model.prepare(t, client, seed)
		stop := make(chan struct{})
		var clients sync.WaitGroup
		for _, w := range model.workers {
			clients.Go(func() { w.work(t, client, stop) })
		}
		time.Sleep(time.Duration(20+random.IntN(700)) * time.Millisecond)
		server.kill()
		close(stop)
		clients.Wait()
		client.http.CloseIdleConnections()
		if t.Failed() {
			t.Fatalf("round %d\n%s", round, tail(server.logs.Bytes()))
		}
	}

	server, _ := startTimed(t, data)
	id, secret := rootKeys(t, data)
	client := newSigner(server.URL, id, secret)
	model.check(t, client, true)
	model.checkLists(t, client)
	if err := server.stop(); err != nil {
		t.Errorf("stopping regent: %v\n%s", err, server.logs)
	}
	model.checkRecord(t, filepath.Join(data, "record"))
	slices.Sort(starts)
	t.Logf("%d kills, %d answered changes, %d left unanswered; starts: median %v, one in twenty above %v, slowest %v",
		kills, len(model.answered()), model.unanswered(), starts[len(starts)/2].Round(time.Millisecond),
		starts[len(starts)*19/20].Round(time.Millisecond), starts[len(starts)-1].Round(time.Millisecond))
}

func tail(log []byte) []byte { return log[max(0, len(log)-4000):] }

// TestCrashOfFirstStarts cuts the first starts of new data directories short, at
// every moment that they have, and starts each of them again.
func TestCrashOfFirstStarts(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("REGENT_CRASH_KILLS"))
	if err != nil || kills <= 0 {
		t.Skip("REGENT_CRASH_KILLS says how often to kill the server; make crash does")
	}
	dir, span := t.TempDir(), 40*time.Millisecond // what a first start takes, and more
	for i := range 4 * kills {
		data := filepath.Join(dir, strconv.Itoa(i))
		killAtStart(t, data, span*time.Duration(i)/time.Duration(4*kills))
		server, _ := startTimed(t, data)
		id, secret := rootKeys(t, data)
		client := newSigner(server.URL, id, secret)
		if r, err := client.query(t.Context(), "sts", "GetCallerIdentity"); err != nil || r.status != 200 {
			t.Errorf("the root key after a first start that was cut short: %+v, %v", r, err)
		}
		client.http.CloseIdleConnections()
		server.kill()
		if err := os.RemoveAll(data); err != nil {
			t.Fatal(err)
		}
	}
}

// killAtStart starts a server and kills it after a while, wherever it is then.
func killAtStart(t *testing.T, data string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(program(t), "serve", "--listen", "127.0.0.1:0", "--data", data)
	var said bytes.Buffer
	cmd.Env, cmd.Stderr = environment(), &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill()
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() > 0 {
		t.Fatalf("a start ended by itself: %v\n%s", err, said.Bytes())
	}
}

// startTimed starts a server that the test will kill or stop itself.
func startTimed(t *testing.T, data string) (*process, time.Duration) {
	t.Helper()
	begin := time.Now()
	server, err := launch(program(t), data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // when the test ended early
		if server.cmd != nil {
			server.kill()
		}
	})
	took := time.Since(begin)
	if took > startLimit {
		t.Errorf("starting took %v", took)
	}
	return server, took
}

// A crashModel is what the server must hold.
type crashModel struct {
	workers []*crashWorker
}

// prepare makes the workers and what they work in.
func (m *crashModel) prepare(t *testing.T, client *signer, seed uint64) {
	t.Helper()
	if m.workers != nil {
		return
	}
	for i := range 6 {
		w := &crashWorker{name: fmt.Sprintf("w%d", i), random: rand.New(rand.NewPCG(seed, uint64(i+2)))}
		if i%2 == 0 {
			w.change = w.changeIdentities
			if err := w.newUser(t.Context(), client); err != nil {
				t.Fatal(err)
			}
		} else {
			w.change = w.changeObjects
			r, err := client.s3(t.Context(), "PUT", "/"+w.bucket(), nil)
			if err != nil {
				t.Fatal(err)
			}
			w.answered = append(w.answered, answered{r.request, "CreateBucket", true})
		}
		m.workers = append(m.workers, w)
	}
}

func (m *crashModel) answered() (all []answered) {
	for _, w := range m.workers {
		all = append(all, w.answered...)
	}
	return all
}

func (m *crashModel) unanswered() (n int) {
	for _, w := range m.workers {
		n += w.unanswered
	}
	return n
}

// check reads what was changed since the last check, or everything.
func (m *crashModel) check(t *testing.T, client *signer, everything bool) {
	t.Helper()
	var readers sync.WaitGroup
	for _, w := range m.workers {
		readers.Go(func() {
			for _, c := range w.cells {
				if !everything && !c.changed {
					continue
				}
				if err := c.check(t.Context(), client); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			}
		})
	}
	readers.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// checkLists looks for objects and users that nobody made.
func (m *crashModel) checkLists(t *testing.T, client *signer) {
	t.Helper()
	for _, w := range m.workers {
		want := map[string]bool{}
		for _, c := range w.cells {
			if c.listed != "" && c.want != absent {
				want[c.listed] = true
			}
		}
		list := w.listUsers
		if w.users == nil {
			list = w.listObjects
		}
		got, err := list(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range got {
			if !want[name] {
				t.Errorf("%s: %s is there and should not be", w.name, name)
			}
			delete(want, name)
		}
		for name := range want {
			t.Errorf("%s: %s is not in the list", w.name, name)
		}
	}
}

// checkRecord counts the events of each answered change: one for each change
// of the store. Those of objects are written without waiting for the disk, and
// the last may be lost, but none may be there twice.
func (m *crashModel) checkRecord(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no record in %s: %v", dir, err)
	}
	events, ids := map[string][]string{}, map[string]bool{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var e struct{ EventID, RequestID, EventName string }
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Errorf("%s: %v: %s", name, err, lines.Bytes())
			}
			if ids[e.EventID] {
				t.Errorf("event %s (%s) is there twice", e.EventID, e.EventName)
			}
			ids[e.EventID] = true
			events[e.RequestID] = append(events[e.RequestID], e.EventName)
		}
		if err := errors.Join(lines.Err(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	lost, all := 0, m.answered()
	for _, a := range all {
		got := events[a.request]
		switch {
		case len(got) == 1 && got[0] == a.event:
		case len(got) == 0 && !a.durable:
			lost++
		default:
			t.Errorf("request %s, an answered %s, has the events %q", a.request, a.event, got)
		}
	}
	for request, got := range events {
		if len(got) > 1 {
			t.Errorf("request %s has the events %q", request, got)
		}
	}
	t.Logf("record: %d events in %d files; %d of object calls were not on their way to the disk when the server was killed", len(ids), len(files), lost)
}

// A cell is one thing that clients change and that can be read back: what it is
// is told by a text.
type cell struct {
	name   string
	listed string // its name in its worker's list, "" when it is in none
	read   func(context.Context, *signer) (string, error)

	want    string
	maybe   *string // what an unanswered change would have made of it
	changed bool
}

// absent is the text of what is not there.
const absent = "absent"

// check reads the cell, which must be as the last answered change left it, or
// as the unanswered one behind that would have: whole, either way.
func (c *cell) check(ctx context.Context, client *signer) error {
	got, err := c.read(ctx, client)
	if err != nil {
		return err
	}
	if got != c.want && (c.maybe == nil || got != *c.maybe) {
		maybe := "no change was under way"
		if c.maybe != nil {
			maybe = "or " + *c.maybe
		}
		return fmt.Errorf("is %s, want %s, %s", got, c.want, maybe)
	}
	c.want, c.maybe, c.changed = got, nil, false
	return nil
}

// An answered change must have its event.
type answered struct {
	request, event string
	durable        bool // the event is committed with the change
}

// A crashWorker is one client: nobody else touches what it does.
type crashWorker struct {
	name   string
	random *rand.Rand
	change func(context.Context, *signer) error

	cells      []*cell
	users      []*crashUser
	passing    *cell // a user that is made only to be deleted
	counter    int
	answered   []answered
	unanswered int
}

// work makes one change after the other until the server is gone.
func (w *crashWorker) work(t *testing.T, client *signer, stop <-chan struct{}) {
	for {
		err := w.change(t.Context(), client)
		if err == nil {
			continue
		}
		if !errors.Is(err, errUnanswered) {
			t.Errorf("%s: %v", w.name, err)
			return
		}
		w.unanswered++
		select {
		case <-stop:
		case <-time.After(5 * time.Second):
			t.Errorf("%s: a server that was not killed did not answer: %v", w.name, err)
		}
		return
	}
}

// set changes a cell: do sends the request that makes it into text.
func (w *crashWorker) set(c *cell, text, event string, durable bool, do func() (*reply, error)) error {
	c.maybe, c.changed = &text, true
	r, err := do()
	if err != nil {
		return err
	}
	c.want, c.maybe = text, nil
	w.answered = append(w.answered, answered{r.request, event, durable})
	return nil
}

func (w *crashWorker) next() int {
	w.counter++
	return w.counter
}

func (w *crashWorker) listUsers(ctx context.Context, client *signer) (names []string, err error) {
	for marker := ""; ; {
		params := []string{"PathPrefix", "/" + w.name + "/", "MaxItems", "100"}
		if marker != "" {
			params = append(params, "Marker", marker)
		}
		r, err := client.query(ctx, "iam", "ListUsers", params...)
		if err != nil {
			return nil, err
		}
		var page struct {
			Names  []string `xml:"ListUsersResult>Users>member>UserName"`
			Marker string   `xml:"ListUsersResult>Marker"`
		}
		if err := xml.Unmarshal(r.body, &page); err != nil {
			return nil, err
		}
		names = append(names, page.Names...)
		if marker = page.Marker; marker == "" {
			return names, nil
		}
	}
}

func (w *crashWorker) listObjects(ctx context.Context, client *signer) (names []string, err error) {
	for token := ""; ; {
		target := "/" + w.bucket() + "?list-type=2&max-keys=100"
		if token != "" {
			target += "&continuation-token=" + url.QueryEscape(token)
		}
		r, err := client.s3(ctx, "GET", target, nil)
		if err != nil {
			return nil, err
		}
		var page struct {
			Names []string `xml:"Contents>Key"`
			Token string   `xml:"NextContinuationToken"`
		}
		if err := xml.Unmarshal(r.body, &page); err != nil {
			return nil, err
		}
		names = append(names, page.Names...)
		if token = page.Token; token == "" {
			return names, nil
		}
	}
}
