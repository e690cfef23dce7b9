package regent

import (
	"errors"
	"fmt"
	"strings"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/denials"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// A way is how a call says which decision it is about.
type way int

const (
	byLast way = iota
	byRequest
	byMessage
	byHypothesis
)

// Whose policies an explanation goes by: those at the time of the request, or
// those of today. A request that was made goes by those of then, unless they
// are no longer at hand or today's are asked for.
const (
	basisThen = "THEN"
	basisNow  = "NOW"
)

func wayOf(in *api.ExplainDecisionInput) (way, error) {
	given, w := 0, byLast
	for _, each := range []struct {
		is bool
		way
	}{
		{in.RequestId != "", byRequest},
		{in.EncodedMessage != "", byMessage},
		{in.Principal != "" || in.Action != "" || in.Resource != "" || len(in.Context) > 0, byHypothesis},
	} {
		if each.is {
			w, given = each.way, given+1
		}
	}
	switch {
	case given > 1:
		return 0, api.InvalidParameterException("Give RequestId, or EncodedMessage, or a request of your own: Principal, Action, Resource and Context.")
	case w == byHypothesis && in.Action == "":
		return 0, api.InvalidParameterException("Action is needed with Principal, Resource or Context.")
	case w == byHypothesis && in.Basis == basisThen:
		return 0, api.InvalidParameterException("A request that nobody made is decided by the policies as they are now.")
	}
	return w, nil
}

// asks says whether a call is about the caller's own denial, which needs no
// permission, and what it needs if it is not. A denial that is not there is
// asked about like somebody else's, so that nobody learns which there are.
func (s *Service) asks(call dispatch.Call, in *api.ExplainDecisionInput) (dispatch.Subject, []authz.Need, error) {
	w, err := wayOf(in)
	if err != nil {
		return dispatch.SomebodyElse, nil, err
	}
	if w == byLast {
		return dispatch.Oneself, nil, nil
	}
	if w != byHypothesis {
		d, _, err := s.denial(&call, w, in)
		if err != nil {
			return dispatch.SomebodyElse, nil, err
		}
		if d != nil && d.Of(&call.Caller) {
			return dispatch.Oneself, nil, nil
		}
	}
	return dispatch.SomebodyElse, []authz.Need{{Action: "regent:ExplainDecision", Resource: "*"}}, nil
}

// denial returns the denial that a call is about, nil when there is none.
func (s *Service) denial(call *dispatch.Call, w way, in *api.ExplainDecisionInput) (*denials.Denial, *authz.Evidence, error) {
	switch w {
	case byRequest:
		d, then, _ := s.config.Denials.Find(call.Caller.Account, in.RequestId)
		return d, then, nil
	case byMessage:
		d, err := denials.OpenMessage(call.Ring(), in.EncodedMessage, call.Now, func(d *denials.Denial) (bool, error) { return concerns(call, d) })
		if errors.Is(err, denials.ErrMessage) {
			return nil, nil, api.InvalidEncodedMessageException("The message is not valid, is too old, or is not for this account.")
		} else if err != nil {
			return nil, nil, err
		}
		if kept, then, ok := s.config.Denials.Find(d.Account(), d.RequestID); ok {
			return kept, then, nil
		}
		return d, nil, nil
	case byLast:
		d, then, _ := s.config.Denials.Last(&call.Caller)
		return d, then, nil
	case byHypothesis:
	}
	return nil, nil, fmt.Errorf("no denial is asked about in way %d", w)
}

// concerns reports whether a denial is the business of the calling account: it
// is the caller's, the resource's, or manages the organization of either.
func concerns(call *dispatch.Call, d *denials.Denial) (bool, error) {
	for _, id := range []identity.AccountID{d.Account(), d.Owner} {
		if id == call.Caller.Account {
			return true, nil
		}
		org, err := organizationOf(call.Tx, id)
		if err != nil {
			return false, err
		}
		if org != nil && org.Management == call.Caller.Account {
			return true, nil
		}
	}
	return false, nil
}

// organizationOf returns the organization of an account, nil when it is in
// none or is not there.
func organizationOf(tx *store.Tx, id identity.AccountID) (*identity.Organization, error) {
	if id == "" {
		return nil, nil
	}
	account, err := tx.Account(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && account.Organization == "" {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return tx.Organization(account.Organization)
}

// A question is one decision that is asked about.
type question struct {
	denial *denials.Denial // nil for a hypothesis
	caller *authn.Caller   // of the request in question
	own    bool            // the asker asks about itself
	need   authz.Need
	sight  sight
	// evidence is what to explain: as it was, or as it is now.
	evidence *authz.Evidence
	then     bool
	gone     bool // the caller's user or role is no more
}

// ask finds out what a call is about and what its caller may see of it.
func (s *Service) ask(call *dispatch.Call, in *api.ExplainDecisionInput) (*question, error) {
	w, err := wayOf(in)
	if err != nil {
		return nil, err
	}
	if w == byHypothesis {
		return s.hypothesis(call, in)
	}
	d, then, err := s.denial(call, w, in)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, api.DenialNotFoundException("No such denial is kept.")
	}
	q := &question{denial: d, caller: d.Caller(), own: d.Of(&call.Caller)}
	q.need = authz.Need{Action: d.Action, Resource: d.Resource, Account: d.Owner, Trust: d.Trust}
	if q.need.Policy, _, err = livePolicy(call.Tx, &q.need); err != nil {
		return nil, err
	}
	if q.sight, err = s.look(call, q); err != nil {
		return nil, err
	}
	if then != nil && in.Basis != basisNow {
		q.evidence, q.then = then, true
		return q, nil
	}
	q.evidence, err = s.now(call, q)
	return q, err
}

// now returns the policies as they are now, with the request as it was.
func (s *Service) now(call *dispatch.Call, q *question) (*authz.Evidence, error) {
	var layers *policy.Layers
	var err error
	if q.sight.own {
		layers, err = s.config.Authorizer.Policies(call.Tx, q.caller, &q.need)
		if errors.Is(err, store.ErrNotFound) {
			q.gone, q.sight.own = true, false
		} else if err != nil {
			return nil, err
		}
	}
	if !q.sight.own {
		if layers, err = s.config.Authorizer.OthersPolicies(call.Tx, q.caller, &q.need); err != nil {
			return nil, err
		}
	}
	return &authz.Evidence{Layers: layers, Request: q.denial.Request()}, nil
}

// livePolicy returns the policy that the resource of a need has now, and the
// resource's tags. A resource that is somebody else's by now has none.
func livePolicy(tx *store.Tx, n *authz.Need) (*authz.ResourcePolicy, []identity.Tag, error) {
	a, err := arn.Parse(n.Resource)
	if err != nil {
		return nil, nil, nil //nolint:nilerr // what has no name of that form has no policy
	}
	if n.Trust {
		r, err := roleOf(tx, a)
		if err != nil || r == nil || r.Account != n.Account || r.ARN().String() != n.Resource {
			return nil, nil, err
		}
		return authz.TrustPolicy(r), r.Tags, nil
	}
	b, err := bucketOf(tx, a)
	if err != nil || b == nil || b.Account != n.Account {
		return nil, nil, err
	}
	return authz.BucketPolicy(b), nil, nil
}

// roleOf returns the role of an ARN's last segment, nil when there is none.
func roleOf(tx *store.Tx, a arn.ARN) (*identity.Role, error) {
	if a.Service != "iam" || !strings.HasPrefix(a.Resource, "role/") {
		return nil, nil
	}
	r, err := tx.Role(identity.AccountID(a.Account), identity.RoleName(a.Resource[strings.LastIndexByte(a.Resource, '/')+1:]))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return r, err
}

// bucketOf returns the bucket that an ARN is of or in, nil when there is none.
func bucketOf(tx *store.Tx, a arn.ARN) (*identity.Bucket, error) {
	if a.Service != "s3" {
		return nil, nil
	}
	name, _, _ := strings.Cut(a.Resource, "/")
	b, err := tx.Bucket(name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return b, err
}
