package dispatch

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/sigv4"
)

// About says which resources a call acts on, for its audit event. The account
// of the first one gets a copy when it is not the caller's (RE-30, RE-40).
func (op Operation) About(resources func(in any) []record.Resource) Operation {
	op.about = resources
	return op
}

// Tells says what the record's request parameters have beside the input, of what
// identified the caller of an unsigned call: the members of a JSON object, none
// of which the input has (RE-25).
func (op Operation) Tells(members func(*authn.Caller) map[string]any) Operation {
	op.tells = members
	return op
}

// NewEvent returns the event of a request by caller with all that does not
// depend on the service.
func NewEvent(req *Request, caller *authn.Caller, identity record.UserIdentity) *record.Event {
	return new(newEvent(req, caller, &identity))
}

func newEvent(req *Request, caller *authn.Caller, identity *record.UserIdentity) record.Event {
	e := record.Event{
		RequestID: req.ID, Identity: *identity, Time: req.Facts.Now, Region: req.Facts.Region,
		UserAgent: req.Facts.UserAgent, Management: true, RecipientAccountID: caller.Account,
	}
	if s := caller.Session; s != nil {
		e.CredentialFromConsole = s.Kind == session.Console // RE-17
	}
	if req.Facts.SourceIP.IsValid() {
		e.SourceIP = req.Facts.SourceIP.String()
	}
	if req.TLS != nil {
		e.TLS = &record.TLSDetails{
			Version:     strings.ReplaceAll(tls.VersionName(req.TLS.Version), "TLS 1.", "TLSv1."),
			CipherSuite: tls.CipherSuiteName(req.TLS.CipherSuite), Host: req.Parsed.Host,
		}
	}
	return e
}

// Identity returns who the caller is for the record. It reads what the caller
// alone does not tell: root's alias and who issued a federated session.
func Identity(tx *store.Tx, c *authn.Caller) (record.UserIdentity, error) {
	var alias string
	var issuer *identity.User
	switch c.Kind {
	case authn.Root:
		account, err := tx.Account(c.Account)
		if err != nil {
			return record.UserIdentity{}, err
		}
		alias = account.Alias
	case authn.FederatedUser:
		u, err := tx.UserByID(c.PrincipalID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return record.UserIdentity{}, err
		}
		issuer = u
	case authn.Anonymous, authn.User, authn.RoleSession, authn.Federated, authn.Service:
	}
	return record.IdentityOf(c, alias, issuer), nil
}

// event returns the event of an API call.
func (c *apiCall) event(tx *store.Tx) (record.Event, error) {
	who, err := Identity(tx, &c.caller)
	if err != nil {
		return record.Event{}, err
	}
	e := newEvent(c.req, &c.caller, &who)
	e.Source = c.svc.source
	e.ReadOnly = true
	if c.model != nil {
		e.Name = c.model.Name
	}
	if c.op != nil {
		e.ReadOnly = !c.op.Writes() // RE-26
	}
	if c.in != nil {
		e.RequestParameters = c.recordedInput()
		if c.op.about != nil {
			e.Resources = c.op.about(c.in)
		}
	}
	e.AdditionalEventData = c.svc.details
	return e, nil
}

// owner is the account that learns of a call on what it owns.
func owner(e *record.Event) identity.AccountID {
	if len(e.Resources) == 0 {
		return ""
	}
	return e.Resources[0].AccountID
}

// recordsOutput reports whether the answer belongs into the event (RE-24).
func (c *apiCall) recordsOutput() bool {
	return c.model.Out != nil && c.op.access != reads
}

// recordedInput is the input as the record has it. A write asks for it before
// its transaction, which others wait for.
func (c *apiCall) recordedInput() []byte {
	if in, ok := c.in.(wire.Encodable); ok && c.parameters == nil {
		c.parameters = c.recorder().Input(c.model, in)
		if c.op.tells != nil {
			c.parameters = withMembers(c.parameters, c.op.tells(&c.caller))
		}
	}
	return c.parameters
}

// withMembers adds members to an object in JSON.
func withMembers(object []byte, members map[string]any) []byte {
	more, err := json.Marshal(members)
	if err != nil || len(members) == 0 || !bytes.HasSuffix(object, []byte("}")) {
		return object
	}
	return slices.Concat(bytes.TrimSuffix(object, []byte("}")), []byte(","), more[1:])
}

func (c *apiCall) recorder() wire.Recorder {
	return wire.Recorder{Service: c.svc.api, Host: c.req.Parsed.Host}
}

// commitEvent enters the event of a change in the change's own transaction.
func (c *apiCall) commitEvent(call *Call, out wire.Encodable) error {
	e, err := c.event(call.Tx)
	if err != nil {
		return err
	}
	if c.recordsOutput() {
		e.ResponseElements = c.recorder().Output(c.model, out)
	}
	ids := eventIDs{req: c.req}
	if err := record.Commit(call.Tx, call.Now, record.Copies(&e, owner(&e), ids.next)...); err != nil {
		return err
	}
	c.recorded = true
	return nil
}

// eventIDs draws the ids of a request's events: the same ones each time.
type eventIDs struct {
	req    *Request
	begun  bool
	random io.Reader // of those behind the first, which most requests have alone
}

func (ids *eventIDs) next() string {
	if !ids.begun {
		ids.begun = true
		return uuidOf(ids.req.firstEvent)
	}
	if ids.random == nil {
		ids.random = ids.req.seed.stream(forRecord)
	}
	return drawUUID(ids.random)
}

// A failure is what a call failed with, and what the client sees of it.
type failure struct {
	err   error
	shown *awserr.Error
}

// keep hands the event of a call to the recorder: of one that answered out, or
// that failed.
func (c *apiCall) keep(out wire.Encodable, failed *failure) {
	var err error
	if k := c.caller.Kind; k == authn.User || k == authn.RoleSession { // who calls most alone tells who it is
		err = c.keepIn(nil, out, failed)
	} else {
		err = c.road.Store.View(context.WithoutCancel(c.ctx), func(tx *store.Tx) error { return c.keepIn(tx, out, failed) })
	}
	if err != nil {
		c.road.Log.LogAttrs(c.ctx, slog.LevelError, "event lost", slog.String("request_id", c.req.ID), slog.String("error", err.Error()))
	}
}

func (c *apiCall) keepIn(tx *store.Tx, out wire.Encodable, failed *failure) error {
	e, err := c.event(tx)
	if err != nil {
		return err
	}
	switch {
	case failed != nil:
		failed.fill(&e)
	case c.recordsOutput():
		e.ResponseElements = c.recorder().Output(c.model, out)
	}
	ids := eventIDs{req: c.req}
	if other := record.Complete(&e, owner(&e), ids.next); other != nil {
		c.road.Recorder.Record(&e, other)
	} else {
		c.road.Recorder.Record(&e)
	}
	return nil
}

// fill says in an event that its call failed.
func (f *failure) fill(e *record.Event) {
	if _, ok := errors.AsType[*sigv4.Error](f.err); ok {
		e.Refuse(f.shown.Code, f.shown.Message)
		return
	}
	code := f.shown.Code
	if f.shown.Status >= 500 && f.shown.Code == "InternalFailure" {
		code = ""
	}
	e.Fail(code, f.shown.Shape, f.shown.Message)
}
