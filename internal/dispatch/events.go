package dispatch

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
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
	e := &record.Event{
		RequestID: req.ID, Identity: identity, Time: req.Facts.Now, Region: req.Facts.Region,
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
func (c *apiCall) event(tx *store.Tx) (*record.Event, error) {
	who, err := Identity(tx, &c.caller)
	if err != nil {
		return nil, err
	}
	e := NewEvent(c.req, &c.caller, who)
	e.Source = c.svc.api.SigningName + ".amazonaws.com"
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
	if c.svc.api.SigningName == "sts" { // RE-27
		e.AdditionalEventData = []byte(`{"RequestDetails":{"awsServingRegion":"` + c.road.Region + `","endpointType":"regional"}}`)
	}
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
	if err := record.Commit(call.Tx, call.Now, record.Copies(e, owner(e), c.req.eventIDs())...); err != nil {
		return err
	}
	c.recorded = true
	return nil
}

// eventIDs draws the ids of a request's events: the same ones each time.
func (r *Request) eventIDs() func() string {
	random := r.seed.stream(forRecord)
	return func() string { return drawUUID(random) }
}

// keep hands an event to the recorder.
func (c *apiCall) keep(fill func(*record.Event)) {
	enter := func(tx *store.Tx) error {
		e, err := c.event(tx)
		if err != nil {
			return err
		}
		fill(e)
		c.road.Recorder.Record(record.Copies(e, owner(e), c.req.eventIDs())...)
		return nil
	}
	var err error
	if k := c.caller.Kind; k == authn.User || k == authn.RoleSession { // who calls most alone tells who it is
		err = enter(nil)
	} else {
		err = c.road.Store.View(context.WithoutCancel(c.ctx), enter)
	}
	if err != nil {
		c.road.Log.LogAttrs(c.ctx, slog.LevelError, "event lost", slog.String("request_id", c.req.ID), slog.String("error", err.Error()))
	}
}

func (c *apiCall) recordSuccess(out wire.Encodable) {
	c.keep(func(e *record.Event) {
		if c.recordsOutput() {
			e.ResponseElements = c.recorder().Output(c.model, out)
		}
	})
}

func (c *apiCall) recordFailure(err error, shown *awserr.Error) {
	c.keep(func(e *record.Event) {
		if _, ok := errors.AsType[*sigv4.Error](err); ok {
			e.Refuse(shown.Code, shown.Message)
			return
		}
		code := shown.Code
		if shown.Status >= 500 && shown.Code == "InternalFailure" {
			code = ""
		}
		e.Fail(code, shown.Shape, shown.Message)
	})
}
