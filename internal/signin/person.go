package signin

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// A person is a user or an account's root who has a password, as the records
// are.
type person struct {
	account *identity.Account
	user    *identity.User // nil for root
	given   *given         // of who brought credentials, who is neither
	profile *identity.LoginProfile
	policy  *identity.PasswordPolicy // nil for root and where there is none
	devices []*identity.MFADevice    // that are enabled
}

// personOf returns the person of an id, which is RootUser for root. Its error is
// store.ErrNotFound when there is nobody who could sign in.
func personOf(tx *store.Tx, account identity.AccountID, id string) (*person, error) {
	a, err := tx.Account(account)
	if err != nil {
		return nil, err
	}
	if a.Status != identity.AccountActive {
		return nil, store.ErrNotFound
	}
	p := &person{account: a}
	serials := a.RootMFA
	if id != identity.RootUser {
		if p.user, err = tx.UserByID(id); err != nil {
			return nil, err
		}
		if p.user.Account != account {
			return nil, store.ErrNotFound
		}
		serials = p.user.MFA
		if p.policy, err = tx.PasswordPolicy(account); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	if p.profile, err = tx.LoginProfile(account, id); err != nil {
		return nil, err
	}
	p.devices, err = devicesOf(tx, account, id, serials)
	return p, err
}

// devicesOf returns the devices of a user or root that are enabled.
func devicesOf(tx *store.Tx, account identity.AccountID, id string, serials []string) (list []*identity.MFADevice, err error) {
	for _, serial := range serials {
		d, err := deviceOf(tx, account, serial)
		if errors.Is(err, store.ErrNotFound) {
			continue // its holder has it no more
		} else if err != nil {
			return nil, err
		}
		if d.UserID == id {
			list = append(list, d)
		}
	}
	return list, nil
}

func deviceOf(tx *store.Tx, account identity.AccountID, serial string) (*identity.MFADevice, error) {
	a, err := arn.Parse(serial)
	if err != nil {
		return nil, store.ErrNotFound
	}
	d, err := tx.Device(account, a.Resource[strings.LastIndexByte(a.Resource, '/')+1:])
	if err == nil && d.Serial() != serial {
		return nil, store.ErrNotFound
	}
	return d, err
}

// id is the person's unique id, RootUser for root.
func (p *person) id() string { return p.profile.UserID }

// principal is the person's unique id as sessions have it: root has none.
func (p *person) principal() string {
	switch {
	case p.given != nil:
		return p.given.caller.UserID
	case p.user == nil:
		return ""
	}
	return p.user.ID
}

func (p *person) kind() string {
	switch {
	case p.given != nil:
		return store.SignedInGiven
	case p.user == nil:
		return store.SignedInRoot
	}
	return store.SignedInUser
}

func (p *person) arn() string {
	switch {
	case p.given != nil:
		return p.given.caller.ARN
	case p.user == nil:
		return p.account.RootARN().String()
	}
	return p.user.ARN().String()
}

// name is the user's name, or that of who brought credentials; "" of root.
func (p *person) name() string {
	switch {
	case p.given != nil:
		return p.given.name()
	case p.user == nil:
		return ""
	}
	return string(p.user.Name)
}

// state says what the person's password is good for (CO-2).
func (p *person) state(now time.Time) password.State {
	return password.StateOf(p.policy, p.profile, now)
}

// generation is of what the person signs in with now, but for revocations.
func (p *person) generation() store.SignInGeneration {
	g := store.SignInGeneration{Password: digest(string(p.profile.Sealed))}
	for _, d := range p.devices {
		g.Devices = append(g.Devices, store.SignInDevice{Serial: d.Serial(), Enabled: d.Enabled})
	}
	return g
}

// has reports whether all that a sign-in was made with is still there: the same
// password, and each of the devices.
func (p *person) has(g store.SignInGeneration) bool {
	now := p.generation()
	if len(p.profile.Sealed) == 0 || now.Password != g.Password {
		return false
	}
	for _, d := range g.Devices {
		if !slices.ContainsFunc(now.Devices, func(e store.SignInDevice) bool { return e.Serial == d.Serial && e.Enabled.Equal(d.Enabled) }) {
			return false
		}
	}
	return true
}

// errEnded reports a session that has ended.
var errEnded = errors.New("signin: the session has ended")

// idleEnd is when a sign-in ends without input.
func (h *Handler) idleEnd(s *store.BrowserSession) time.Time {
	if end := s.Active.Add(h.Idle); end.Before(s.Expires) {
		return end
	}
	return s.Expires
}

// roleEnd is when the session of a role ends: with the sign-in, or, where roles
// are not renewed beyond it, when as much time has passed as the role gives
// (CO-15). The session of who signed in ends when that does.
func (h *Handler) roleEnd(s, origin *store.BrowserSession) time.Time {
	if h.StrictRoles && s.Role != nil && s.Expires.Before(origin.Expires) {
		return s.Expires
	}
	return origin.Expires
}

// live returns who signed in, unless the sign-in has ended: by time, or because
// of what became of its password, its devices, its user, or by revocation. It
// reads the records as they are, whenever it is asked.
func (h *Handler) live(tx *store.Tx, s *store.BrowserSession, now time.Time) (*person, error) {
	if !now.Before(h.idleEnd(s)) {
		return nil, errEnded
	}
	p, err := h.holder(tx, s)
	if err != nil {
		return nil, err
	}
	of := session.Session{Account: s.Account, PrincipalID: p.principal(), Ancestors: session.SignedIn(s.Account, p.principal(), s.SignIn)}
	for _, l := range of.Line() {
		if l.ID == "" {
			continue // it has no key of its own
		}
		if ended, err := tx.Revoked(l.Account, l.ID, s.Generation.Revocations); err != nil {
			return nil, err
		} else if ended {
			return nil, errEnded
		}
	}
	return p, nil
}

// holder returns who signed in, unless what they signed in with is no longer
// what it was.
func (h *Handler) holder(tx *store.Tx, s *store.BrowserSession) (*person, error) {
	if s.Given != nil {
		return h.givenPerson(tx, s.Given)
	}
	p, err := personOf(tx, s.Account, s.UserID)
	if errors.Is(err, store.ErrNotFound) || err == nil && !p.has(s.Generation) {
		return nil, errEnded
	}
	return p, err
}

// An openSession is a session of a browser that is live.
type openSession struct {
	*store.BrowserSession
	origin *store.BrowserSession // of a role; else the session itself
	person *person
}

// sessions returns a browser's live sessions, in the order in which they were
// opened. A role lives as long as the sign-in that it was switched to from, if
// not shorter (roleEnd).
func (h *Handler) sessions(tx *store.Tx, b *store.Browser, now time.Time) ([]openSession, error) {
	var list []openSession
	people := map[string]openSession{}
	for i := range b.Sessions {
		s := &b.Sessions[i]
		if s.Kind == store.SwitchedRole {
			continue
		}
		p, err := h.live(tx, s, now)
		if errors.Is(err, errEnded) {
			continue
		} else if err != nil {
			return nil, err
		}
		people[s.ID] = openSession{s, s, p}
	}
	for i := range b.Sessions {
		s := &b.Sessions[i]
		if s.Kind != store.SwitchedRole {
			if o, ok := people[s.ID]; ok {
				list = append(list, o)
			}
		} else if o, ok := people[s.Origin]; ok && now.Before(h.roleEnd(s, o.origin)) {
			list = append(list, openSession{s, o.origin, o.person})
		}
	}
	return list, nil
}

func find(list []openSession, id string) (openSession, error) {
	for _, s := range list {
		if s.ID == id {
			return s, nil
		}
	}
	return openSession{}, errEnded
}
