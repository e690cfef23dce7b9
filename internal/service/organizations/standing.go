package organizations

import (
	"context"
	"errors"

	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// An opening says whom besides the management account an operation is open to.
type opening int

const (
	toManagement opening = iota // to nobody else
	toPolicy                    // to members whom the organization's resource policy allows it
	toDelegates                 // to those, and to delegated administrators
)

// A standing is what a call about an organization is made by virtue of. The
// zero standing is none.
type standing int

const (
	noStanding   standing = iota
	asManagement          // of the organization
	asDelegate            // registered as a delegated administrator of any service
	asMember              // the organization's resource policy has to allow it
)

// standing returns by virtue of what the call may be made, and the
// organization's resource policy where that has a say.
func (m *managed) standing(o opening) (standing, *authz.ResourcePolicy, error) {
	if m.org.Management == m.Caller.Account {
		return asManagement, nil, nil
	}
	if o == toManagement {
		return noStanding, nil, nil
	}
	s, p := noStanding, (*authz.ResourcePolicy)(nil)
	kept, err := m.Tx.OrganizationResourcePolicy(m.org.ID)
	switch {
	case err == nil:
		s, p = asMember, authz.OrganizationPolicy(m.org, kept)
	case !errors.Is(err, store.ErrNotFound):
		return noStanding, nil, err
	}
	if o == toDelegates {
		_, err := m.Tx.Delegate(m.org.ID, m.Caller.Account)
		if registered, err := found(err); err != nil {
			return noStanding, nil, err
		} else if registered {
			s = asDelegate
		}
	}
	return s, p, nil
}

func guarded[In any](name string, o opening, n needs[In]) func(dispatch.Call, *In) ([]authz.Need, error) {
	return func(call dispatch.Call, in *In) ([]authz.Need, error) {
		org, err := organizationOf(&call)
		if err != nil {
			return nil, err
		}
		if org == nil {
			return need(name, "*"), nil
		}
		m := &managed{call, org}
		s, p, err := m.standing(o)
		if err != nil {
			return nil, err
		}
		if s == noStanding {
			return need(name, "*"), nil
		}
		asked, err := n(m, in)
		if err != nil || p == nil {
			return asked, err
		}
		return m.limit(s, p, asked), nil
	}
}

// limit brings the organization's resource policy to bear on the needs of a
// member. The resources are the management account's: the policy has to allow
// the call, and the member's own policies too (EV-33). Of a delegated
// administrator the policy is only asked whether it denies.
func (m *managed) limit(s standing, p *authz.ResourcePolicy, asked []authz.Need) []authz.Need {
	out := asked
	if s == asDelegate {
		out = append(out, asked...)
		for i := range asked {
			out[len(asked)+i].Policy = p
		}
		return out
	}
	for i := range out {
		out[i].Account, out[i].Policy = m.org.Management, p
	}
	return out
}

func held[In, Out any](o opening, h handler[In, Out]) func(context.Context, dispatch.Call, *In) (*Out, error) {
	return func(_ context.Context, call dispatch.Call, in *In) (*Out, error) {
		org, err := organizationOf(&call)
		if err != nil {
			return nil, err
		}
		if org == nil {
			return nil, notInUse()
		}
		m := &managed{call, org}
		s, _, err := m.standing(o)
		if err != nil {
			return nil, err
		}
		if s == noStanding {
			return nil, notPermitted()
		}
		return h(m, in)
	}
}

func notPermitted() *awserr.Error {
	return api.AccessDeniedException("You don't have permissions to access this resource.")
}

func notInUse() *awserr.Error {
	return api.AWSOrganizationsNotInUseException("Your account is not a member of an organization.")
}

// organizationOf returns the organization of the caller's account, nil when it
// stands alone.
func organizationOf(call *dispatch.Call) (*identity.Organization, error) {
	account, err := call.Tx.Account(call.Caller.Account)
	if err != nil || account.Organization == "" {
		return nil, err
	}
	return call.Tx.Organization(account.Organization)
}
