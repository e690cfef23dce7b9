package iam

import (
	"bytes"
	"context"
	"errors"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func (s *Service) passwordOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Prepare("ChangePassword", changePasswordNeeds, s.prepareChange, changePassword),
		dispatch.Prepare("CreateLoginProfile", createLoginProfileNeeds, s.prepareCreate, createLoginProfile),
		dispatch.Write("DeleteLoginProfile", deleteLoginProfileNeeds, deleteLoginProfile),
		dispatch.Read("GetLoginProfile", getLoginProfileNeeds, getLoginProfile),
		dispatch.Prepare("UpdateLoginProfile", updateLoginProfileNeeds, s.prepareUpdate, updateLoginProfile),
	}
}

// A newPassword is a password that was checked and hashed, for the login
// profile that it was checked against.
type newPassword struct {
	userID string
	before []byte // what the profile's hash was; nil where there is no profile
	sealed []byte // the new hash; nil when no password was given
	unused int32  // of how many former passwords it is known to be none
	wrong  bool   // the old password that was given is not the profile's
}

// aboutRootPassword reports whether a call is about the password of the
// account's root. With root's credentials only sessions of AssumeRoot may leave
// out the user's name (IAM API Reference, "CreateLoginProfile").
func aboutRootPassword(call *dispatch.Call, userName string) bool {
	s := call.Caller.Session
	return asRoot(call, userName) && s != nil && s.Kind == session.AssumedRoot
}

// selfOrUser asks for an action on the user that a call names, or on the user
// who calls (IA-5). Root has to name a user.
func selfOrUser(call *dispatch.Call, action, userName string) ([]authz.Need, error) {
	name, err := userOrSelf(call, userName)
	if err != nil {
		return nil, err
	}
	return userNeeds(call, action, name)
}

// loginNeeds is selfOrUser for calls that may be about root's password.
func loginNeeds(call *dispatch.Call, action, userName string) ([]authz.Need, error) {
	if aboutRootPassword(call, userName) {
		return holderNeeds(call, action, userName)
	}
	return selfOrUser(call, action, userName)
}

// profileOf returns who a call is about and its login profile, nil where it has
// none.
func profileOf(call *dispatch.Call, userName string) (*holder, *identity.LoginProfile, error) {
	if !aboutRootPassword(call, userName) {
		name, err := userOrSelf(call, userName)
		if err != nil {
			return nil, nil, err
		}
		userName = string(name)
	}
	h, err := holderOf(call, userName)
	if err != nil {
		return nil, nil, err
	}
	profile, err := call.Tx.LoginProfile(h.accountID(), h.id())
	if errors.Is(err, store.ErrNotFound) {
		return h, nil, nil
	}
	return h, profile, err
}

// profileName is what a login profile and texts about it call its holder: the
// name cannot be left out as other answers leave out root's.
func (h *holder) profileName() string {
	if h.user == nil {
		return identity.RootUser
	}
	return string(h.user.Name)
}

// loginProfile is profileOf with IAM's error where there is none.
func loginProfile(call *dispatch.Call, userName string) (*holder, *identity.LoginProfile, error) {
	h, profile, err := profileOf(call, userName)
	if err == nil && profile == nil {
		err = api.NoSuchEntity("Login Profile for User %s cannot be found.", h.profileName())
	}
	return h, profile, err
}

// checkPassword fails unless the account's policy takes the password (IA-52,
// IA-53). The policy is returned, nil when the account has none of its own.
func checkPassword(call *dispatch.Call, text string) (*identity.PasswordPolicy, error) {
	policy, err := accountPolicy(call)
	if err != nil {
		return nil, err
	}
	account, err := call.Tx.Account(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	err = password.Check(policy, account, text)
	if v, ok := errors.AsType[*password.ViolationError](err); ok {
		return nil, api.PasswordPolicyViolation("%s", v.Reason)
	}
	return policy, err
}

// throttled is how a client learns that too many passwords are being hashed.
func throttled(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return awserr.Newf(400, "Throttling", "Rate exceeded")
	}
	return err
}

// hash hashes a password for a login profile, unless it is one that the policy
// does not let come again.
func (s *Service) hash(ctx context.Context, call *dispatch.Call, profile *identity.LoginProfile, policy *identity.PasswordPolicy, text string) (*newPassword, error) {
	out := &newPassword{userID: profile.UserID, before: profile.Sealed}
	secret := seal.NewSecret(text)
	if policy != nil && policy.Reuse > 0 {
		reused, err := s.hasher.Reused(ctx, call.Ring(), profile, int(policy.Reuse), secret)
		if err != nil {
			return nil, throttled(err)
		}
		if reused {
			return nil, api.PasswordPolicyViolation("Password cannot be one of the last %d passwords", policy.Reuse)
		}
		out.unused = policy.Reuse
	}
	var err error
	out.sealed, err = s.hasher.Seal(ctx, call.Ring(), call.Random, profile, secret)
	return out, throttled(err)
}

// fits fails with dispatch.ErrStale unless what was prepared is for the very
// profile that the transaction shows, and enough under its policy.
func (n *newPassword) fits(h *holder, profile *identity.LoginProfile, policy *identity.PasswordPolicy) error {
	var sealed []byte
	if profile != nil {
		sealed = profile.Sealed
	}
	if n.userID != h.id() || !bytes.Equal(n.before, sealed) || policy != nil && policy.Reuse > n.unused && profile != nil {
		return dispatch.ErrStale
	}
	return nil
}

// endSignIns ends what somebody signed in to the console with before: the
// sessions of their browsers, and all credentials that come from them.
func endSignIns(call *dispatch.Call, h *holder) error {
	l := session.SignIns(h.accountID(), h.id())
	return call.Tx.Revoke(l.Account, l.ID, call.Now, call.Now.Add(session.Remembered))
}

func createLoginProfileNeeds(call dispatch.Call, in *api.CreateLoginProfileInput) ([]authz.Need, error) {
	return loginNeeds(&call, "iam:CreateLoginProfile", in.UserName)
}

// checkCreate is what can be said about a new login profile without hashing. A
// user's comes with a password and root's without: nobody but root knows what
// root will set.
func checkCreate(call *dispatch.Call, in *api.CreateLoginProfileInput) (*holder, error) {
	h, profile, err := profileOf(call, in.UserName)
	switch {
	case err != nil:
		return nil, err
	case profile != nil:
		return nil, api.EntityAlreadyExists("Login Profile for user %s already exists.", h.profileName())
	case h.user == nil && in.Password != "":
		return nil, validationError("Must not specify a password for the login profile of the root user.")
	case h.user == nil:
		return h, nil
	case in.Password == "":
		return nil, validationError("Must specify a password for the login profile of a user.")
	}
	_, err = checkPassword(call, in.Password)
	return h, err
}

func (s *Service) prepareCreate(ctx context.Context, st *store.Store, call dispatch.Call, in *api.CreateLoginProfileInput) (*newPassword, error) {
	var h *holder
	err := st.View(ctx, func(tx *store.Tx) (err error) {
		call.Tx = tx
		h, err = checkCreate(&call, in)
		return err
	})
	if err != nil {
		return nil, err
	}
	if h.user == nil {
		return &newPassword{userID: h.id()}, nil
	}
	return s.hash(ctx, &call, &identity.LoginProfile{Account: h.accountID(), UserID: h.id()}, nil, in.Password)
}

// createLoginProfile gives a user a password, or lets the root of an account
// set one by recovery: root's profile has no password, and opens for none,
// until root has done so.
func createLoginProfile(_ context.Context, call dispatch.Call, in *api.CreateLoginProfileInput, prepared *newPassword) (*api.CreateLoginProfileOutput, error) {
	h, err := checkCreate(&call, in)
	if err != nil {
		return nil, err
	}
	if err := prepared.fits(h, nil, nil); err != nil {
		return nil, err
	}
	profile := &identity.LoginProfile{Account: h.accountID(), UserID: h.id(), Created: call.Now}
	if h.user != nil {
		profile.ResetRequired = in.PasswordResetRequired != nil && *in.PasswordResetRequired
		password.Set(profile, prepared.sealed, call.Now)
	}
	return &api.CreateLoginProfileOutput{LoginProfile: apiProfile(h, profile)}, call.Tx.CreateLoginProfile(profile)
}

func apiProfile(h *holder, p *identity.LoginProfile) *api.LoginProfile {
	return &api.LoginProfile{UserName: h.profileName(), CreateDate: p.Created, PasswordResetRequired: new(p.ResetRequired)}
}

func getLoginProfileNeeds(call dispatch.Call, in *api.GetLoginProfileInput) ([]authz.Need, error) {
	return loginNeeds(&call, "iam:GetLoginProfile", in.UserName)
}

func getLoginProfile(_ context.Context, call dispatch.Call, in *api.GetLoginProfileInput) (*api.GetLoginProfileOutput, error) {
	h, profile, err := loginProfile(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	return &api.GetLoginProfileOutput{LoginProfile: apiProfile(h, profile)}, nil
}

func updateLoginProfileNeeds(call dispatch.Call, in *api.UpdateLoginProfileInput) ([]authz.Need, error) {
	return userNeeds(&call, "iam:UpdateLoginProfile", identity.UserName(in.UserName))
}

// checkUpdate is what can be said about a password without hashing; an update
// need not give one.
func checkUpdate(call *dispatch.Call, in *api.UpdateLoginProfileInput) (h *holder, profile *identity.LoginProfile, policy *identity.PasswordPolicy, err error) {
	if h, profile, err = loginProfile(call, in.UserName); err != nil || in.Password == "" {
		return h, profile, nil, err
	}
	policy, err = checkPassword(call, in.Password)
	return h, profile, policy, err
}

func (s *Service) prepareUpdate(ctx context.Context, st *store.Store, call dispatch.Call, in *api.UpdateLoginProfileInput) (*newPassword, error) {
	var profile *identity.LoginProfile
	var policy *identity.PasswordPolicy
	err := st.View(ctx, func(tx *store.Tx) (err error) {
		call.Tx = tx
		_, profile, policy, err = checkUpdate(&call, in)
		return err
	})
	if err != nil {
		return nil, err
	}
	if in.Password == "" {
		return &newPassword{userID: profile.UserID, before: profile.Sealed}, nil
	}
	return s.hash(ctx, &call, profile, policy, in.Password)
}

// updateLoginProfile sets what an administrator says: a password, whether it
// has to be changed, or both.
func updateLoginProfile(_ context.Context, call dispatch.Call, in *api.UpdateLoginProfileInput, prepared *newPassword) (*wire.Empty, error) {
	h, profile, policy, err := checkUpdate(&call, in)
	if err != nil {
		return nil, err
	}
	if err := prepared.fits(h, profile, policy); err != nil {
		return nil, err
	}
	if prepared.sealed != nil {
		password.Set(profile, prepared.sealed, call.Now)
		if err := endSignIns(&call, h); err != nil {
			return nil, err
		}
	}
	if in.PasswordResetRequired != nil {
		profile.ResetRequired = *in.PasswordResetRequired
	}
	return &wire.Empty{}, call.Tx.PutLoginProfile(profile)
}

func deleteLoginProfileNeeds(call dispatch.Call, in *api.DeleteLoginProfileInput) ([]authz.Need, error) {
	return loginNeeds(&call, "iam:DeleteLoginProfile", in.UserName)
}

func deleteLoginProfile(_ context.Context, call dispatch.Call, in *api.DeleteLoginProfileInput) (*wire.Empty, error) {
	h, profile, err := loginProfile(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	if err := endSignIns(&call, h); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.DeleteLoginProfile(profile)
}

// changePasswordNeeds asks for the permission to change one's own password,
// which the account's policy may give to all its users (IA-52). Only users have
// a password that this call could be about.
func changePasswordNeeds(call dispatch.Call, _ *api.ChangePasswordInput) ([]authz.Need, error) {
	if call.Caller.Kind != authn.User {
		return nil, api.InvalidUserType("Only IAM Users can change their own password.")
	}
	needs, err := userNeeds(&call, "iam:ChangePassword", call.Caller.UserName)
	if err != nil {
		return nil, err
	}
	return granted(&call, needs)
}

// granted marks needs that the account's password policy meets for its users.
func granted(call *dispatch.Call, needs []authz.Need) ([]authz.Need, error) {
	policy, err := accountPolicy(call)
	if err != nil {
		return nil, err
	}
	for i := range needs {
		needs[i].Granted = policy != nil && policy.UsersMayChange
	}
	return needs, nil
}

// changeable returns the caller and its login profile, as long as the next
// password may be tried.
func changeable(call *dispatch.Call) (*holder, *identity.LoginProfile, error) {
	h, profile, err := loginProfile(call, string(call.Caller.UserName))
	if err == nil && call.Now.Before(profile.BlockedUntil) {
		err = api.EntityTemporarilyUnmodifiable("A wrong password was given too often. Please try again later.")
	}
	return h, profile, err
}

func (s *Service) prepareChange(ctx context.Context, st *store.Store, call dispatch.Call, in *api.ChangePasswordInput) (*newPassword, error) {
	var profile *identity.LoginProfile
	err := st.View(ctx, func(tx *store.Tx) (err error) {
		call.Tx = tx
		_, profile, err = changeable(&call)
		return err
	})
	if err != nil {
		return nil, err
	}
	right, err := s.hasher.Opens(ctx, call.Ring(), profile, seal.NewSecret(in.OldPassword))
	if err != nil {
		return nil, throttled(err)
	}
	if !right {
		return &newPassword{userID: profile.UserID, before: profile.Sealed, wrong: true}, nil
	}
	var policy *identity.PasswordPolicy
	err = st.View(ctx, func(tx *store.Tx) (err error) {
		call.Tx = tx
		policy, err = checkPassword(&call, in.NewPassword)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.hash(ctx, &call, profile, policy, in.NewPassword)
}

// changePassword changes the password of the user who calls. A wrong old
// password is counted although the call fails (TH-50).
func changePassword(_ context.Context, call dispatch.Call, in *api.ChangePasswordInput, prepared *newPassword) (*wire.Empty, error) {
	h, profile, err := changeable(&call)
	if err != nil {
		return nil, err
	}
	if prepared.wrong {
		if err := prepared.fits(h, profile, nil); err != nil {
			return nil, err
		}
		password.Fail(profile, call.Now)
		if err := call.Tx.PutLoginProfile(profile); err != nil {
			return nil, err
		}
		return nil, dispatch.Keep(awserr.Newf(403, "AccessDenied", "The old password was incorrect."))
	}
	policy, err := checkPassword(&call, in.NewPassword)
	if err != nil {
		return nil, err
	}
	if err := prepared.fits(h, profile, policy); err != nil {
		return nil, err
	}
	password.Set(profile, prepared.sealed, call.Now)
	profile.ResetRequired = false
	if err := endSignIns(&call, h); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutLoginProfile(profile)
}
