package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/sigv4"
)

// A Service is an API and the operations of it that Regent has.
type Service struct {
	API        *wire.Service
	Operations []Operation
}

// S3 serves the requests that are routed to S3.
type S3 interface {
	// ServeS3 answers a request. The credential has not been looked at yet.
	ServeS3(w http.ResponseWriter, r *http.Request, req *Request) Outcome
	// Refuse answers a request that could not even be parsed; req.Parsed may be nil.
	Refuse(w http.ResponseWriter, r *http.Request, req *Request, e *awserr.Error) Outcome
}

// Denials keeps refusals, so that they can be explained to those who ask.
type Denials interface {
	// Keep keeps the refusal of a request, whose operation is named like an
	// action. It does not fail and does not wait.
	Keep(at time.Time, requestID, operation string, caller *authn.Caller, d *authz.Denial)
}

// An Outcome is what the request's log line and the metrics say.
type Outcome struct {
	Service, Operation string        // "" when the request did not get as far
	Caller             *authn.Caller // nil when nobody was asked who they are
	// Action and Resource are the need that was refused.
	Action, Resource string
	Code             string // of the error, "" for a success
	Status           int
	// Failure is what went wrong on our side; the client saw no more than
	// that something did.
	Failure error
	Attrs   []slog.Attr
}

// A Config says how a Road is put together. All fields are needed but those
// that say otherwise.
type Config struct {
	Store    *store.Store
	Authn    *authn.Authenticator
	Decider  authz.Decider
	Recorder *record.Recorder
	Services []Service
	S3       S3 // nil: S3 requests are answered NotImplemented
	Log      *slog.Logger
	// Now is the clock that everything goes by, and Wall the machine's own,
	// which sets time-outs and by which signatures are fresh too when the two
	// were set apart.
	Now, Wall func() time.Time
	Region    string
	Proxies   Proxies // optional
	// Used is told of each caller that was identified, whatever comes of the
	// call, with the service and region it signed for; optional.
	Used func(c *authn.Caller, service, region string, now time.Time)
	// Minted is told of each session that a call made, once the call has
	// succeeded; optional.
	Minted func(c *authn.Caller, s *session.Session, address netip.Addr)
	// Denials keeps what was refused; optional.
	Denials Denials
	// Observe is told of each request when it is answered; optional.
	Observe func(*Outcome, time.Duration)
}

// A Road serves every request that is an AWS API call.
type Road struct {
	Config
	runner   Runner
	signing  map[string]*service // by the service in the credential scope
	prefixes map[string]*service // by the prefix of X-Amz-Target
	large    chan struct{}
}

// A service is a Service, indexed.
type service struct {
	api        *wire.Service
	operations map[string]*Operation
	unsigned   bool // some are called without a signature

	source  string // of its events
	details []byte // additionalEventData of its events (RE-27)
}

// maxLarge is how many large bodies of requests that nobody is known to have
// signed may be in memory at a time (TH-21).
const maxLarge = 32

// New returns a Road. It fails when an operation is not in its API's model or
// is there twice.
func New(c Config) (*Road, error) {
	rd := &Road{
		Config: c, runner: Runner{Store: c.Store, Authn: c.Authn, Decider: c.Decider, Minted: c.Minted},
		signing: map[string]*service{}, prefixes: map[string]*service{}, large: make(chan struct{}, maxLarge),
	}
	for _, s := range c.Services {
		indexed, err := index(s, c.Region)
		if err != nil {
			return nil, err
		}
		rd.signing[s.API.SigningName] = indexed
		if s.API.TargetPrefix != "" {
			rd.prefixes[s.API.TargetPrefix] = indexed
		}
	}
	return rd, nil
}

func index(s Service, region string) (*service, error) {
	indexed := &service{
		api: s.API, operations: make(map[string]*Operation, len(s.Operations)), source: s.API.SigningName + ".amazonaws.com",
	}
	if s.API.SigningName == "sts" {
		indexed.details = []byte(`{"RequestDetails":{"awsServingRegion":"` + region + `","endpointType":"regional"}}`)
	}
	for i := range s.Operations {
		op := &s.Operations[i]
		if s.API.Operation(op.Name) == nil {
			return nil, fmt.Errorf("dispatch: %s has no operation %s", s.API.ID, op.Name)
		}
		if indexed.operations[op.Name] != nil {
			return nil, fmt.Errorf("dispatch: %s:%s is there twice", s.API.ID, op.Name)
		}
		indexed.operations[op.Name] = op
		indexed.unsigned = indexed.unsigned || op.Unsigned()
	}
	return indexed, nil
}

// Runner returns what runs operations, for those who serve some themselves.
func (rd *Road) Runner() *Runner { return &rd.runner }

// sandbox are the headers of every answer that is not the console's: an
// object must never act on the console's origin (TH-89). They are the last
// word, after whatever an object brought along.
var sandbox = [...]struct {
	name   string
	values []string // shared by all answers; nobody writes into it
}{
	{"Content-Security-Policy", []string{"sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Referrer-Policy", []string{"no-referrer"}},
	{"X-Frame-Options", []string{"DENY"}},
}

// Sandbox returns a writer whose answer is in the sandbox that every answer of
// the road is in, whatever is written to it: for those who answer beside the
// road. The Date is by now.
func Sandbox(w http.ResponseWriter, now func() time.Time) http.ResponseWriter {
	return &sandboxed{ResponseWriter: w, now: now}
}

// A sandboxed ResponseWriter sets the sandbox when the header goes out.
type sandboxed struct {
	http.ResponseWriter
	now    func() time.Time
	status int
}

func (w *sandboxed) WriteHeader(status int) {
	if status >= 200 && w.status == 0 {
		w.status = status
		h := w.Header()
		for _, s := range sandbox {
			h[s.name] = s.values
		}
		delete(h, "Service-Worker-Allowed")
		h["Date"] = dateOf(w.now())
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *sandboxed) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// ReadFrom lets a file go out without a copy where the connection can do so.
func (w *sandboxed) ReadFrom(src io.Reader) (int64, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return io.Copy(w.ResponseWriter, src)
}

// FlushError sends the header when nothing else has: flushed beside this writer
// it would go out without the sandbox.
func (w *sandboxed) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *sandboxed) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A dateHeader is the value of the header Date in one second.
type dateHeader struct {
	second int64
	values []string // shared by all answers; nobody writes into it
}

// lastDate is the last one that was made: most answers of a busy server are of
// its second.
var lastDate atomic.Pointer[dateHeader]

func dateOf(now time.Time) []string {
	d := lastDate.Load()
	if d == nil || d.second != now.Unix() {
		d = &dateHeader{now.Unix(), []string{now.UTC().Format(http.TimeFormat)}}
		lastDate.Store(d)
	}
	return d.values
}

// ServeHTTP answers one request and logs it.
func (rd *Road) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	start := rd.Wall()
	w := &sandboxed{ResponseWriter: rw, now: rd.Now}
	req, refusal := rd.receive(r)
	var out Outcome
	if refusal != nil {
		out = rd.refuse(w, r, req, refusal)
	} else {
		out = rd.route(w, r, req)
	}
	if out.Status == 0 {
		out.Status = w.status
	}
	end := rd.Wall()
	took := end.Sub(start)
	if rd.Observe != nil {
		rd.Observe(&out, took)
	}
	rd.log(r.Context(), req, &out, end, took)
}

// log writes the request's one line.
func (rd *Road) log(ctx context.Context, req *Request, out *Outcome, at time.Time, took time.Duration) {
	level := slog.LevelInfo
	var account, principal string
	if out.Caller != nil {
		account, principal = string(out.Caller.Account), out.Caller.ARN
	}
	var space [12]slog.Attr
	attrs := append(space[:0],
		slog.String("request_id", req.ID), slog.String("account", account), slog.String("principal", principal),
		slog.String("op", out.Service+":"+out.Operation),
		slog.Int("status", out.Status), slog.Float64("ms", float64(took.Microseconds())/1000),
	)
	if out.Code != "" {
		attrs = append(attrs, slog.String("code", out.Code))
	}
	if out.Action != "" {
		attrs = append(attrs, slog.String("action", out.Action), slog.String("resource", out.Resource))
	}
	attrs = append(attrs, out.Attrs...)
	if out.Failure != nil && !errors.Is(out.Failure, context.Canceled) {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", out.Failure.Error()))
	}
	h := rd.Log.Handler()
	if !h.Enabled(ctx, level) {
		return
	}
	line := slog.NewRecord(at, level, "request", 0) // it does not say which line of ours wrote it
	line.AddAttrs(attrs...)
	_ = h.Handle(ctx, line) // where a log cannot be written nobody can be told
}

// Identified notes that a caller was identified.
func (rd *Road) Identified(c *authn.Caller, service string, req *Request) {
	if rd.Used == nil || !c.Signs() {
		return
	}
	region := rd.Region
	if req.Auth != nil && req.Auth.Region != "" {
		region = req.Auth.Region
	}
	rd.Used(c, service, region, req.Facts.Now)
}

// Denied notes that a request was refused. Nothing but a refusal comes here.
func (rd *Road) Denied(req *Request, operation string, caller *authn.Caller, d *authz.Denial) {
	if rd.Denials != nil {
		rd.Denials.Keep(req.Facts.Now, req.ID, operation, caller, d)
	}
}

// Operations returns the names of the operations that are served, by service.
func (rd *Road) Operations() map[string][]string {
	out := map[string][]string{}
	for _, s := range rd.signing {
		for name := range s.operations {
			out[s.api.Package] = append(out[s.api.Package], name)
		}
		slices.Sort(out[s.api.Package])
	}
	return out
}

// Expect says what a credential must look like on the way to a service.
func (rd *Road) Expect(req *Request, family sigv4.Family, signingName string) sigv4.Expect {
	e := sigv4.Expect{Family: family, Service: signingName, Now: req.Facts.Now}
	if wall := rd.Wall(); wall.Sub(e.Now).Abs() > time.Second {
		e.AlsoNow = wall
	}
	return e
}
