package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"github.com/regent-iam/regent/sigv4"
)

// childVerb makes this program one of the bare servers.
const childVerb = "child"

// bareKey is the one key that the bare servers know.
var bareKey = sigv4.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}

// runChild is a bare server: floor, signed, form, files or commits; or Regent under a
// profiler.
func runChild(args []string) error {
	flags := flag.NewFlagSet(childVerb, flag.ContinueOnError)
	files := flags.String("files", "", "directory that files are served from")
	data := flags.String("data", "", "data directory")
	cpuProfile := flags.String("cpuprofile", "", "file for a profile")
	if len(args) == 0 {
		return errors.New("which child?")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	body := make([]byte, 1024)
	answer := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }
	switch args[0] {
	case "floor":
		return serveHere(http.HandlerFunc(answer))
	case "signed":
		return serveHere(&verifier{family: sigv4.FamilyS3, next: answer})
	case "form":
		return serveHere(&verifier{family: sigv4.FamilyQuery, next: answer})
	case "files":
		return serveHere(&verifier{family: sigv4.FamilyS3, next: func(w http.ResponseWriter, r *http.Request) { serveFile(w, r, *files) }})
	case "commits":
		return serveCommits(*data)
	case "regent":
		return serveProfiled(*data, *cpuProfile)
	default:
		return fmt.Errorf("there is no child %q", args[0])
	}
}

// serveHere serves until the process is told to end.
func serveHere(h http.Handler) error {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // nothing ends it but the process's end
	if err != nil {
		return err
	}
	fmt.Printf("%s serves http://%s\n", os.Args[2], l.Addr())
	return (&http.Server{Handler: h, ReadHeaderTimeout: time.Minute}).Serve(l)
}

// A verifier lets signed requests through: the least that SigV4 costs. It
// keeps signing keys as any server would.
type verifier struct {
	next   http.HandlerFunc
	family sigv4.Family
	keys   sync.Map // scope → []byte
}

func (v *verifier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := v.verify(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	v.next(w, r)
}

func (v *verifier) verify(r *http.Request) error {
	parsed, err := sigv4.NewRequest(r.Method, r.RequestURI, r.Host, r.Header)
	if err != nil {
		return err
	}
	expect, hash := sigv4.Expect{Family: v.family, Service: "s3", Region: "us-east-1", Now: time.Now()}, ""
	if v.family == sigv4.FamilyQuery {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		expect.Service, hash = "iam", hex.EncodeToString(sum[:])
	}
	a, err := sigv4.Find(parsed, expect)
	if err != nil {
		return err
	}
	if a.AccessKeyID != bareKey.AccessKeyID {
		return errors.New("unknown key")
	}
	if key, ok := v.keys.Load(a.KeyScope()); ok {
		return a.VerifyWithKey(key.([]byte), hash)
	}
	key, err := a.Key([]byte(bareKey.SecretAccessKey))
	if err != nil {
		return err
	}
	if err := a.VerifyWithKey(key, hash); err != nil {
		return err
	}
	v.keys.Store(a.KeyScope(), key)
	return nil
}

// serveFile is net/http's own way to serve a file: ranges, conditions and all.
func serveFile(w http.ResponseWriter, r *http.Request, dir string) {
	f, err := os.Open(filepath.Join(dir, filepath.Base(r.URL.Path)))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", info.ModTime(), f)
}

// A bareGroup is the least that a group commit over bbolt can be: no
// savepoints, no limits, no events.
type bareGroup struct {
	db    *bbolt.DB
	queue chan bareRequest
}

type bareRequest struct {
	fn     func(*bbolt.Bucket) error
	answer chan error
}

func (g *bareGroup) write() {
	for first := range g.queue {
		group := []bareRequest{first}
		err := g.db.Update(func(tx *bbolt.Tx) error {
			for i := 0; i < len(group); i++ {
				if err := group[i].fn(tx.Bucket([]byte("b"))); err != nil {
					return err
				}
				select {
				case r := <-g.queue:
					group = append(group, r)
				default:
				}
			}
			return nil
		})
		for _, r := range group {
			r.answer <- err
		}
	}
}

func (g *bareGroup) update(fn func(*bbolt.Bucket) error) error {
	r := bareRequest{fn, make(chan error, 1)}
	g.queue <- r
	return <-r.answer
}

// openBare opens a new database and begins its writer.
func openBare(dir string) (*bareGroup, error) {
	db, err := bbolt.Open(filepath.Join(dir, "bare.db"), 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType, InitialMmapSize: 1 << 30})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("b")); return err })
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	g := &bareGroup{db: db, queue: make(chan bareRequest, 1024)}
	go g.write()
	return g, nil
}

// bareCommits makes count durable updates of a record of 300 bytes and three
// rows of indexes by so many callers, and returns how many were done in a
// second.
func bareCommits(dir string, callers, count int) (float64, error) {
	g, err := openBare(dir)
	if err != nil {
		return 0, err
	}
	record := make([]byte, 300)
	errs := make([]error, callers)
	var next atomic.Int64
	var wg sync.WaitGroup
	begin := time.Now()
	for caller := range callers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(count) && errs[caller] == nil; i = next.Add(1) {
				errs[caller] = g.update(func(b *bbolt.Bucket) error { return bareUpdate(b, i, record) })
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	close(g.queue)
	return float64(count) / took.Seconds(), errors.Join(append(errs, g.db.Close())...)
}

// serveCommits makes the same update for every signed request.
func serveCommits(dir string) error {
	g, err := openBare(dir)
	if err != nil {
		return err
	}
	record := make([]byte, 300)
	answer := []byte(strings.Repeat("<UserId>", 64))
	var next atomic.Int64
	return serveHere(&verifier{family: sigv4.FamilyQuery, next: func(w http.ResponseWriter, _ *http.Request) {
		i := next.Add(1)
		if err := g.update(func(b *bbolt.Bucket) error { return bareUpdate(b, i, record) }); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(answer) // a client that is gone needs no answer
	}})
}

// commitsOf is how many transactions were committed to a bbolt file so far.
func commitsOf(file string) (int, error) {
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return 0, err
	}
	commits := 0
	err = db.View(func(tx *bbolt.Tx) error { commits = tx.ID(); return nil })
	return commits, errors.Join(err, db.Close())
}

func bareUpdate(b *bbolt.Bucket, i int64, record []byte) error {
	name := fmt.Appendf(nil, "/account/111122223333/user/u%09d", i)
	_ = b.Get(name) // is the name free?
	return errors.Join(
		b.Put(name, record), b.Put(fmt.Appendf(nil, "/index/id/AIDA%09d", i), record[:12]),
		b.Put(fmt.Appendf(nil, "/index/path/%d/u%09d", i%7, i), nil), b.Put(fmt.Appendf(nil, "/index/key/AKIA%09d", i), record[:12]),
	)
}
