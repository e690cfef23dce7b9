package regent

import (
	"context"
	"errors"
	"fmt"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/dump"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// ImportAccount makes an account of the caller's organization from a dump of
// another. Four calls do it: one that begins, one for each part of the dump,
// one that commits, and one that abandons instead. The account is pending, and
// nobody can use anything in it, until the commit's transaction switches it on,
// so that a server that is killed leaves all of it or nothing (TH-31).
//
// What a part holds is written by IAM's own operations, with their checks, and
// what they refuse is left out and reported. The caller needs the permission
// for every one of them, on the ARNs that the things will have.
func (s *Service) importOperation() dispatch.Operation {
	return dispatch.Write("ImportAccount", s.importAccountNeeds, s.importAccount).Before(s.prepareImport)
}

// An importCall is what a call of ImportAccount is.
type importCall int

const (
	importBegins importCall = iota
	importPart
	importCommits
	importAbandons
)

// The states of an import on the wire.
const (
	stateImporting = "IMPORTING"
	stateActive    = "ACTIVE"
	stateAbandoned = "ABANDONED"
)

// defaultRole is the role by which the management account gets into the new
// account, unless the call names another: as in CreateAccount (OR-4).
const (
	defaultRole         = "OrganizationAccountAccessRole"
	administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"
)

func invalidParameter(format string, args ...any) *awserr.Error {
	return api.InvalidParameterException(format, args...)
}

// importCallOf tells the calls apart. What belongs to another is a mistake.
func importCallOf(in *api.ImportAccountInput) (importCall, error) {
	commit, abandon := in.Commit != nil && *in.Commit, in.Abandon != nil && *in.Abandon
	part := in.Part != nil || in.Dump != ""
	begins := in.AccountName != "" || in.Email != "" || in.RoleName != "" || in.SourceAccountId != nil || in.KeepAccountIds != nil || in.AccountMap != nil
	ways := 0
	for _, way := range []bool{commit, abandon, part, begins} {
		if way {
			ways++
		}
	}
	switch {
	case ways > 1, ways == 1 && begins != (in.AccountId == nil), ways == 0:
		return 0, invalidParameter("A call begins an import with AccountName and Email, or names its AccountId with Part and Dump, with Commit or with Abandon.")
	case begins && (in.AccountName == "" || in.Email == ""):
		return 0, invalidParameter("AccountName and Email are needed.")
	case part && (in.Part == nil || in.Dump == ""):
		return 0, invalidParameter("Part and Dump go together.")
	case commit:
		return importCommits, nil
	case abandon:
		return importAbandons, nil
	case part:
		return importPart, nil
	}
	return importBegins, nil
}

// importAccountNeeds asks for the import as such and, for a part, for all that
// the part writes. Whether there is such an import makes no difference to what
// a stranger is told.
func (s *Service) importAccountNeeds(call dispatch.Call, in *api.ImportAccountInput) ([]authz.Need, error) {
	needs := []authz.Need{
		{Action: "regent:ImportAccount", Resource: "*"},
		{Action: "organizations:CreateAccount", Resource: "*"},
	}
	if kind, err := importCallOf(in); err != nil || kind != importPart {
		return needs, nil //nolint:nilerr // the handler says so to those who may ask
	}
	im, err := s.importOf(&call, in)
	if _, refused := errors.AsType[*awserr.Error](err); refused {
		return needs, nil
	} else if err != nil {
		return nil, err
	}
	entries, err := importEntries(im, call.Tx, in.Dump)
	if _, refused := errors.AsType[*awserr.Error](err); refused {
		return needs, nil
	} else if err != nil {
		return nil, err
	}
	for _, e := range entries {
		needs = append(needs, e.needs()...)
	}
	return needs, nil
}

// managing returns the organization of the caller, who must be of its
// management account: only that makes accounts (OR-3).
func managing(call *dispatch.Call) (*identity.Organization, error) {
	account, err := call.Tx.Account(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	if account.Organization != "" {
		o, err := call.Tx.Organization(account.Organization)
		if err != nil || o.Management == account.ID {
			return o, err
		}
	}
	return nil, api.NotManagementAccountException("An account is imported into an organization, by its management account.")
}

// importOf returns the import that a call names, if it is one of the caller's
// organization.
func (s *Service) importOf(call *dispatch.Call, in *api.ImportAccountInput) (*identity.Import, error) {
	o, err := managing(call)
	if err != nil {
		return nil, err
	}
	im, err := call.Tx.Import(identity.AccountID(*in.AccountId))
	if errors.Is(err, store.ErrNotFound) || err == nil && im.Organization != o.ID {
		return nil, api.ImportNotFoundException("There is no import that fills account %s.", *in.AccountId)
	}
	return im, err
}

// prepareImport does what takes many transactions: all of it inside an account
// that is pending, so that nothing of it counts.
func (s *Service) prepareImport(ctx context.Context, st *store.Store, call dispatch.Call, in any) error {
	input := in.(*api.ImportAccountInput)
	kind, err := importCallOf(input)
	if err != nil {
		return err
	}
	var im *identity.Import
	err = st.View(ctx, func(tx *store.Tx) (err error) {
		call.Tx = tx
		if kind == importBegins {
			im, err = abandoned(&call, input)
			return err
		}
		im, err = s.importOf(&call, input)
		return err
	})
	if err != nil || im == nil {
		return err
	}
	f := filler{service: s, ctx: ctx, store: st, call: call, im: im}
	switch kind {
	case importBegins:
		return f.discardAll()
	case importPart:
		return f.part(*input.Part, input.Dump)
	case importCommits:
		return f.trust()
	default:
		return f.discard()
	}
}

// abandoned returns an import of the caller's organization under the e-mail
// address that a new one is to have: one that was given up half-way, nil if
// there is none.
func abandoned(call *dispatch.Call, in *api.ImportAccountInput) (*identity.Import, error) {
	o, err := managing(call)
	if err != nil {
		return nil, err
	}
	a, err := call.Tx.AccountByEmail(in.Email)
	if errors.Is(err, store.ErrNotFound) || err == nil && a.Status != identity.AccountPending {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	im, err := call.Tx.Import(a.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && im.Organization != o.ID {
		return nil, nil
	}
	return im, err
}

func (s *Service) importAccount(_ context.Context, call dispatch.Call, in *api.ImportAccountInput) (*api.ImportAccountOutput, error) {
	kind, err := importCallOf(in)
	if err != nil {
		return nil, err
	}
	if kind == importBegins {
		return s.beginImport(&call, in)
	}
	im, err := s.importOf(&call, in)
	if err != nil {
		return nil, err
	}
	switch kind {
	case importCommits:
		return s.commitImport(&call, im)
	case importAbandons:
		return abandonImport(&call, im)
	default:
	}
	if *in.Part != im.Parts+1 {
		return nil, outOfTurn(im)
	}
	im.Parts, im.Filling = im.Parts+1, false
	if err := call.Tx.PutImport(im); err != nil {
		return nil, err
	}
	return importAnswer(&call, im, stateImporting)
}

func unfinished(im *identity.Import) error {
	return api.ConflictException("Part %d is being written by another call, or was not finished: abandon the import.", im.Parts+1)
}

func outOfTurn(im *identity.Import) error {
	return invalidParameter("The next part is %d.", im.Parts+1)
}

// importAnswer is the answer of a call, with the report of what was done before
// its transaction.
func importAnswer(call *dispatch.Call, im *identity.Import, state string) (*api.ImportAccountOutput, error) {
	report, err := call.Tx.ImportReport(im.Account)
	if err != nil {
		return nil, err
	}
	out := &api.ImportAccountOutput{
		AccountId: string(im.Account), State: state, Imported: int32(report.Written),
		Skipped: make([]api.SkippedItem, len(report.Skipped)),
	}
	for i, s := range report.Skipped {
		out.Skipped[i] = api.SkippedItem{Item: s.Item, Operation: s.Operation, Reason: s.Reason}
	}
	if report.More > 0 {
		out.MoreSkipped = new(int32(report.More))
	}
	return out, nil
}

// beginImport makes the account, pending and in no organization.
func (s *Service) beginImport(call *dispatch.Call, in *api.ImportAccountInput) (*api.ImportAccountOutput, error) {
	o, err := managing(call)
	if err != nil {
		return nil, err
	}
	id, err := s.freeAccount(call)
	if err != nil {
		return nil, err
	}
	im := &identity.Import{
		Account: id, Organization: o.ID, RoleName: defaultRole, Started: call.Now, Accounts: map[string]string{},
	}
	if in.RoleName != "" {
		im.RoleName = identity.RoleName(in.RoleName)
	}
	for _, m := range in.AccountMap {
		im.Accounts[m.From] = m.To
	}
	if in.SourceAccountId != nil && (in.KeepAccountIds == nil || !*in.KeepAccountIds) {
		im.Accounts[*in.SourceAccountId] = string(id)
	}
	err = call.Tx.CreateAccount(&identity.Account{
		ID: id, Name: in.AccountName, Email: in.Email, Status: identity.AccountPending, Created: call.Now,
		CanonicalID: s.config.CanonicalID(id),
	})
	if errors.Is(err, store.ErrExists) {
		return nil, api.ConflictException("Another account has this e-mail address.")
	} else if err != nil {
		return nil, err
	}
	return &api.ImportAccountOutput{AccountId: string(id), State: stateImporting, Skipped: []api.SkippedItem{}}, call.Tx.PutImport(im)
}

// maxDraws bounds how often an account's id is drawn.
const maxDraws = 16

var errNoAccountID = errors.New("regent: no account id is free")

func (s *Service) freeAccount(call *dispatch.Call) (identity.AccountID, error) {
	for range maxDraws {
		id, err := s.config.AccountID(call.Random)
		if err != nil {
			return "", err
		}
		if _, err := call.Tx.Account(id); errors.Is(err, store.ErrNotFound) {
			return id, nil
		} else if err != nil {
			return "", err
		}
	}
	return "", errNoAccountID
}

// commitImport is the transaction that switches the account on.
func (s *Service) commitImport(call *dispatch.Call, im *identity.Import) (*api.ImportAccountOutput, error) {
	if im.Filling {
		return nil, unfinished(im)
	}
	left, _, err := call.Tx.ImportedTrusts(im.Account, store.Page[identity.ImportedTrust]{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(left) > 0 {
		return nil, api.ConflictException("Another call is still filling account %s.", im.Account)
	}
	account, err := call.Tx.Account(im.Account)
	if err != nil {
		return nil, err
	}
	o, err := managing(call)
	if err != nil {
		return nil, err
	}
	out, err := importAnswer(call, im, stateActive)
	if err != nil {
		return nil, err
	}
	replaced, err := wayIn(call, im, o)
	if err != nil {
		return nil, err
	}
	if replaced != "" {
		out.Skipped = append(out.Skipped, api.SkippedItem{
			Item: replaced, Operation: "UpdateAssumeRolePolicy",
			Reason: "The management account gets into the account by this role, so that its trust policy names that account and nobody else.",
		})
	}
	account.Status, account.Joined, account.JoinedMethod = identity.AccountActive, call.Now, "CREATED"
	if err := call.Tx.Join(account, o.ID, o.RootID); err != nil {
		return nil, err
	}
	return out, call.Tx.EndImport(im.Account)
}

// wayIn lets the management account in by the role that the import names, as
// CreateAccount does. If the dump has a role of that name it stays as it was,
// but for its trust policy; replaced is its ARN if that was another.
func wayIn(call *dispatch.Call, im *identity.Import, o *identity.Organization) (replaced string, err error) {
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` +
		identity.RootARN(o.Management).String() + `"},"Action":"sts:AssumeRole"}]}`
	r, err := call.Tx.Role(im.Account, im.RoleName)
	switch {
	case err == nil && r.Trust.Text == trust:
		return "", nil
	case err == nil:
		r.Trust = identity.ResourcePolicy{Text: trust}
		return r.ARN().String(), call.Tx.PutRole(r)
	case !errors.Is(err, store.ErrNotFound):
		return "", err
	}
	r = &identity.Role{
		Account: im.Account, Name: im.RoleName, Path: "/", Created: call.Now, MaxSession: 3600,
		Permissions: identity.Permissions{Attached: []string{administratorAccess}}, Trust: identity.ResourcePolicy{Text: trust},
	}
	if r.ID, err = arn.NewID(arn.RoleID, string(im.Account), call.Random); err != nil {
		return "", fmt.Errorf("making a role's id: %w", err)
	}
	err = call.Tx.CreateRole(r)
	if _, full := errors.AsType[*store.LimitError](err); full {
		return "", api.ConflictException("The dump has as many roles as an account can have, and none is left for %s. Name one of its own as the way in.", im.RoleName)
	}
	if err != nil {
		return "", err
	}
	return "", call.Tx.Attached(im.Account, administratorAccess, store.KindRole, r.ID)
}

// abandonImport removes what is left of an account when all that was in it is
// gone.
func abandonImport(call *dispatch.Call, im *identity.Import) (*api.ImportAccountOutput, error) {
	account, err := call.Tx.Account(im.Account)
	if err != nil {
		return nil, err
	}
	out := &api.ImportAccountOutput{AccountId: string(im.Account), State: stateAbandoned, Skipped: []api.SkippedItem{}}
	return out, call.Tx.DiscardAccount(account)
}

// inside returns the call as one for the account that is filled: what IAM's
// operations do then is done there. Nothing is decided by it.
func inside(call dispatch.Call, tx *store.Tx, account identity.AccountID) dispatch.Call {
	call.Tx = tx
	call.Caller = authn.Caller{Kind: authn.Root, Account: account, ARN: identity.RootARN(account).String()}
	return call
}

// importEntries reads a part of the dump of an import. Without tx the ARNs of
// groups that are there already are not looked up.
func importEntries(im *identity.Import, tx *store.Tx, text string) ([]*entry, error) {
	d, err := dump.Parse([]byte(text))
	if err != nil {
		return nil, invalidParameter("The part is %v.", err)
	}
	r := &reading{account: im.Account, accounts: im.Accounts}
	if tx != nil {
		if r.there, err = groupsThere(tx, im.Account, d); err != nil {
			return nil, err
		}
	}
	return r.entries(d), nil
}
