//go:build unix

package boltkv_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
)

// crashDirectory tells the test binary, started again, to be the process that is killed.
const crashDirectory = "REGENT_TEST_CRASH_DIRECTORY"

const crashWriters = 4

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDirectory); dir != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeUntilKilled has some writers count, each its own key and its shadow, and says every count that is committed.
func writeUntilKilled(dir string) error {
	db, err := boltkv.Open(filepath.Join(dir, "regent.db"), boltkv.Options{})
	if err != nil {
		return err
	}
	errs := make([]error, crashWriters)
	var wg sync.WaitGroup
	for i := range crashWriters {
		wg.Go(func() {
			for errs[i] == nil {
				var n int
				errs[i] = db.Update(context.Background(), func(w kv.Writer) error {
					value, _, err := w.Get(fmt.Sprint("count/", i))
					if err != nil {
						return err
					}
					n, _ = strconv.Atoi(string(value)) // absent is 0
					n++
					text := []byte(strconv.Itoa(n))
					return errors.Join(w.Set(fmt.Sprint("count/", i), text), w.Set(fmt.Sprint("shadow/", i), text),
						w.Set(fmt.Sprintf("log/%d/%d", i, n), make([]byte, 700)))
				})
				if errs[i] == nil {
					_, errs[i] = fmt.Printf("%d %d\n", i, n) // one write: lines do not mix
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// A process is killed in the middle of its writing, again and again. What it said to be committed is there, and
// nothing is there by halves.
func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	dir := t.TempDir()
	acknowledged := make([]int, crashWriters)
	for round := range 6 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), crashDirectory+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := 0
		scanner := bufio.NewScanner(out)
		for scanner.Scan() { // after the kill too: what it still said counts
			var i, n int
			if _, err := fmt.Sscanf(scanner.Text(), "%d %d", &i, &n); err != nil || i < 0 || i >= crashWriters {
				continue // a line that the kill cut
			}
			acknowledged[i] = max(acknowledged[i], n)
			if lines++; lines == 40+17*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil || lines < 40 {
			t.Fatalf("the process ended by itself after %d lines: %v", lines, err)
		}
		checkAfterCrash(t, dir, acknowledged)
	}
}

func checkAfterCrash(t *testing.T, dir string, acknowledged []int) {
	t.Helper()
	path := filepath.Join(dir, "regent.db")
	if _, err := boltkv.Verify(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	db := open(t, path, boltkv.Options{})
	defer shut(t, db)
	err := db.View(t.Context(), func(r kv.Reader) error {
		total := 0
		for i, least := range acknowledged {
			value, _, err := r.Get(fmt.Sprint("count/", i))
			if err != nil {
				return err
			}
			shadow, _, err := r.Get(fmt.Sprint("shadow/", i))
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(string(value))
			if err != nil || n < least || string(shadow) != string(value) {
				t.Errorf("writer %d: count %s and shadow %s, acknowledged %d, %v", i, value, shadow, least, err)
			}
			logged := 0
			for _, err := range r.Scan(fmt.Sprintf("log/%d/", i), "") {
				if err != nil {
					return err
				}
				logged++
			}
			if logged != n {
				t.Errorf("writer %d: %d records of %d", i, logged, n)
			}
			total += n
		}
		if uint64(total) != uint64(r.Revision()) {
			t.Errorf("revision %d after %d updates", r.Revision(), total)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
