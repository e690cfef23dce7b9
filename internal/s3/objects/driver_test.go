package objects_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/sigv4"
)

// A world is a store behind a small stand-in for the gateway: it classifies
// path-style requests and says that they are allowed. The bucket's id is its
// name unless ids says otherwise.
type world struct {
	t     testing.TB
	dir   string
	store *objects.Store
	srv   *httptest.Server
	now   time.Time

	ids     map[string]string
	mayList func() *s3err.Error
	began   chan struct{} // told when a call with Test-Began reads its body
}

func start(t testing.TB) *world { return startWith(t, objects.Options{SweepPause: time.Microsecond}) }

func startWith(t testing.TB, o objects.Options) *world {
	t.Helper()
	w := &world{
		t: t, dir: filepath.Join(t.TempDir(), "objects"), ids: map[string]string{},
		began:   make(chan struct{}),
		now:     time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC),
		mayList: func() *s3err.Error { return nil },
	}
	store, err := objects.Open(w.dir, o)
	if err != nil {
		t.Fatal(err)
	}
	w.store = store
	w.srv = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(func() {
		w.srv.Close()
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) id(bucket string) string {
	if id, ok := w.ids[bucket]; ok {
		return id
	}
	return bucket
}

// call classifies the request as the gateway would.
func (w *world) call(r *http.Request) (*objects.Call, error) {
	raw, q, err := sigv4.ParseTarget(r.RequestURI)
	if err != nil {
		w.t.Errorf("parsing %q: %v", r.RequestURI, err)
		return nil, err
	}
	rawBucket, rawKey, _ := strings.Cut(raw[1:], "/")
	key, err := sigv4.DecodePath(rawKey)
	if err != nil {
		w.t.Errorf("decoding %q: %v", rawKey, err)
	}
	c := &objects.Call{
		BucketID: w.id(rawBucket), Bucket: rawBucket, Key: key,
		VersionID: q.Get("versionId"), UploadID: q.Get("uploadId"),
		Body: r.Body, ContentLength: r.ContentLength, Query: q, Header: r.Header,
		Signed: r.Header.Get("Test-Anonymous") == "", MayList: w.mayList,
		Owner: objects.Owner{ID: "owner"}, Initiator: objects.Owner{ID: "initiator", DisplayName: "init"},
		Now: w.now, RequestID: "REQ", HostID: "HOST",
	}
	if raw := q.Get("partNumber"); raw != "" {
		if c.PartNumber, err = strconv.Atoi(raw); err != nil {
			c.PartNumber = -1
		}
	}
	if src := r.Header.Get("X-Amz-Copy-Source"); src != "" {
		c.Source = w.source(src)
	}
	c.Operation = operation(r, q, key, c.Source != nil)
	if bad := r.Header.Get("Test-Body-Error"); bad != "" {
		c.Body = io.MultiReader(r.Body, failing{sigv4.NewError(sigv4.BadPayload, sigv4.FamilyS3)})
	}
	if c.Operation == "DeleteObjects" {
		c.Deletes, c.Quiet, err = objects.ReadDelete(r.Header, r.Body)
		if err != nil {
			return c, err
		}
		for i, d := range c.Deletes {
			if strings.HasPrefix(d.Key, "denied") {
				c.Deletes[i].Refused = s3err.AccessDenied()
			}
		}
	}
	if r.Header.Get("Test-Began") != "" {
		c.Body = &firstRead{r: c.Body, began: w.began}
	}
	return c, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (w *world) source(raw string) *objects.Source {
	path, version, _ := strings.Cut(strings.TrimPrefix(raw, "/"), "?versionId=")
	bucket, key, _ := strings.Cut(path, "/")
	return &objects.Source{BucketID: w.id(bucket), Bucket: bucket, Key: key, VersionID: version, MayList: w.mayList}
}

func operation(r *http.Request, q sigv4.Query, key string, isCopy bool) string {
	if op := r.Header.Get("Test-Operation"); op != "" {
		return op
	}
	sub := func(name string) bool { return q.Has(name) }
	switch {
	case key == "" && sub("delete"):
		return "DeleteObjects"
	case key == "" && sub("uploads"):
		return "ListMultipartUploads"
	case key == "" && sub("versions"):
		return "ListObjectVersions"
	case key == "" && q.Get("list-type") == "2":
		return "ListObjectsV2"
	case key == "":
		return "ListObjects"
	case sub("uploads"):
		return "CreateMultipartUpload"
	case sub("attributes"):
		return "GetObjectAttributes"
	}
	table := map[string]map[string]string{
		"":         {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"},
		"uploadId": {"GET": "ListParts", "PUT": "UploadPart", "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload"},
		"tagging":  {"GET": "GetObjectTagging", "PUT": "PutObjectTagging", "DELETE": "DeleteObjectTagging"},
	}
	selector := ""
	for _, s := range []string{"uploadId", "tagging"} {
		if sub(s) {
			selector = s
		}
	}
	op := table[selector][r.Method]
	if isCopy {
		return map[string]string{"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}[op]
	}
	return op
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Security-Policy", "sandbox") // as receive does, outside all handlers
	rw.Header().Set("Referrer-Policy", "no-referrer")
	c, err := w.call(r)
	if err != nil {
		e, ok := errors.AsType[*s3err.Error](err)
		if !ok {
			w.t.Errorf("ReadDelete's error is %T", err)
		}
		s3err.Write(rw, r.Method, "REQ", "HOST", e)
		return
	}
	_ = w.store.ServeObject(rw, r, c)
}

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// code is the error code of the answer.
func (a answer) code() string { return a.element("Code") }

// element is the text of the first element of that name.
func (a answer) element(name string) string {
	list := a.elements(name)
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// elements are the texts of all elements of that name.
func (a answer) elements(name string) []string {
	var found []string
	dec := xml.NewDecoder(strings.NewReader(a.body))
	dec.Strict = false
	for {
		token, err := dec.Token()
		if err != nil {
			return found
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == name {
			var text string
			if dec.DecodeElement(&text, &e) == nil {
				found = append(found, text)
			}
		}
	}
}

func (w *world) do(method, target, body string, headers ...string) answer {
	w.t.Helper()
	return w.send(method, target, strings.NewReader(body), headers...)
}

func (w *world) send(method, target string, body io.Reader, headers ...string) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.srv.URL+target, body)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(raw)}
}

// want does a call and demands its status and, unless empty, its error code.
func (w *world) want(status int, code, method, target, body string, headers ...string) answer {
	w.t.Helper()
	a := w.do(method, target, body, headers...)
	if a.status != status || code != "" && method != http.MethodHead && a.code() != code {
		w.t.Errorf("%s %s %q: got %d %s, want %d %s\n%s", method, target, headers, a.status, a.code(), status, code, a.body)
	}
	return a
}

func (w *world) put(target, body string, headers ...string) answer {
	w.t.Helper()
	return w.want(200, "", "PUT", target, body, headers...)
}

func (w *world) wantBody(target, body string) answer {
	w.t.Helper()
	a := w.want(200, "", "GET", target, "")
	if a.body != body {
		w.t.Errorf("GET %s: got %.60q (%d bytes), want %.60q (%d bytes)", target, a.body, len(a.body), body, len(body))
	}
	return a
}

// files counts the files below dir in the store's directory.
func (w *world) files(dir string) int {
	w.t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(w.dir, dir), func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func pattern(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i/251)
	}
	return string(b)
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
