package organizations

import (
	"errors"
	"fmt"

	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

func (s *Service) accountOperations() []dispatch.Operation {
	return []dispatch.Operation{
		write("CreateAccount", createAccountNeeds, s.createAccount),
		read("DescribeAccount", describeAccountNeeds, describeAccount),
		read("DescribeCreateAccountStatus", describeCreateAccountStatusNeeds, describeCreateAccountStatus),
		read("ListAccounts", listAccountsNeeds, listAccounts),
		read("ListAccountsForParent", listAccountsForParentNeeds, listAccountsForParent),
		read("ListChildren", listChildrenNeeds, listChildren),
		read("ListCreateAccountStatus", listCreateAccountStatusNeeds, listCreateAccountStatus),
		read("ListParents", listParentsNeeds, listParents),
	}
}

// The states of a CreateAccount call (OR-4).
const (
	inProgress = "IN_PROGRESS"
	succeeded  = "SUCCEEDED"
	failed     = "FAILED"
)

// defaultRole is the role that the management account gets into a new account
// by, unless CreateAccount names another.
const defaultRole = "OrganizationAccountAccessRole"

const administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"

func createAccountNeeds(m *managed, in *api.CreateAccountInput) ([]authz.Need, error) {
	keys := authz.RequestTags(plainTags(in.Tags))
	n := need("CreateAccount", "*", keys...)
	if len(in.Tags) > 0 {
		n = tagged(n, m.org.AccountARN("*").String(), keys...)
	}
	return n, nil
}

// createAccount makes a member account under the root. As AWS's, the answer
// says that it is under way; what came of it is for DescribeCreateAccountStatus
// to tell (OR-4).
func (s *Service) createAccount(m *managed, in *api.CreateAccountInput) (*api.CreateAccountOutput, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	r := &identity.AccountRequest{Name: in.AccountName, State: succeeded, Requested: m.Now, Completed: m.Now}
	r.ID, err = id(m.Random, "car-", 32, func(s string) (bool, error) {
		_, err := m.Tx.AccountRequest(m.org.ID, s)
		return found(err)
	})
	if err != nil {
		return nil, err
	}
	_, err = m.Tx.AccountByEmail(in.Email)
	switch taken, err := found(err); {
	case err != nil:
		return nil, err
	case taken:
		r.State, r.Reason = failed, "EMAIL_ALREADY_EXISTS"
	default:
		account := &identity.Account{Name: in.AccountName, Email: in.Email, Tags: tags}
		if err := s.open(m, account, in.RoleName); err != nil {
			return nil, err
		}
		r.Account = account.ID
	}
	if err := m.Tx.PutAccountRequest(m.org.ID, r); err != nil {
		return nil, err
	}
	answer := apiRequest(&identity.AccountRequest{ID: r.ID, Name: r.Name, State: inProgress, Requested: r.Requested})
	return &api.CreateAccountOutput{CreateAccountStatus: &answer}, nil
}

// open makes the account and the role in it that the management account may
// assume.
func (s *Service) open(m *managed, account *identity.Account, roleName *string) error {
	var err error
	if account.ID, err = s.accountID(m); err != nil {
		return err
	}
	account.Status, account.Created, account.CanonicalID = identity.AccountActive, m.Now, s.config.CanonicalID(account.ID)
	account.Joined, account.JoinedMethod = m.Now, identity.JoinedCreated
	if err := m.Tx.CreateAccount(account); err != nil {
		return fmt.Errorf("creating account %s: %w", account.ID, err)
	}
	if err := m.Tx.Join(account, m.org.ID, m.org.RootID); err != nil {
		return err
	}
	role := &identity.Role{
		Account: account.ID, Name: defaultRole, Path: "/", MaxSession: 3600,
		Permissions: identity.Permissions{Attached: []string{administratorAccess}},
		Trust: identity.ResourcePolicy{
			Text: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` +
				identity.RootARN(m.org.Management).String() + `"},"Action":"sts:AssumeRole"}]}`,
		},
	}
	if roleName != nil {
		role.Name = identity.RoleName(*roleName)
	}
	return createRole(&m.Call, role)
}

// maxDraws bounds how often an account's id is drawn: there are more than
// enough of them, so one that stays taken was not drawn at random.
const maxDraws = 16

var errNoAccountID = errors.New("organizations: no account id is free")

func (s *Service) accountID(m *managed) (identity.AccountID, error) {
	for range maxDraws {
		id, err := s.config.AccountID(m.Random)
		if err != nil {
			return "", err
		}
		_, err = m.Tx.Account(id)
		if taken, err := found(err); err != nil || !taken {
			return id, err
		}
	}
	return "", errNoAccountID
}

func apiRequest(r *identity.AccountRequest) api.CreateAccountStatus {
	return api.CreateAccountStatus{
		Id: r.ID, AccountName: r.Name, State: r.State, RequestedTimestamp: r.Requested,
		CompletedTimestamp: r.Completed, AccountId: string(r.Account), FailureReason: r.Reason,
	}
}

func describeCreateAccountStatusNeeds(*managed, *api.DescribeCreateAccountStatusInput) ([]authz.Need, error) {
	return need("DescribeCreateAccountStatus", "*"), nil
}

func describeCreateAccountStatus(m *managed, in *api.DescribeCreateAccountStatusInput) (*api.DescribeCreateAccountStatusOutput, error) {
	r, err := m.Tx.AccountRequest(m.org.ID, in.CreateAccountRequestId)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.CreateAccountStatusNotFoundException("You specified a create account request that doesn't exist.")
	} else if err != nil {
		return nil, err
	}
	return &api.DescribeCreateAccountStatusOutput{CreateAccountStatus: new(apiRequest(r))}, nil
}

func listCreateAccountStatusNeeds(*managed, *api.ListCreateAccountStatusInput) ([]authz.Need, error) {
	return need("ListCreateAccountStatus", "*"), nil
}

func listCreateAccountStatus(m *managed, in *api.ListCreateAccountStatusInput) (*api.ListCreateAccountStatusOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	page := store.Page[identity.AccountRequest]{After: w.after, Limit: w.limit}
	if len(in.States) > 0 {
		states := map[string]bool{}
		for _, s := range in.States {
			states[s] = true
		}
		page.Keep = func(r *identity.AccountRequest) bool { return states[r.State] }
	}
	requests, next, err := m.Tx.AccountRequests(m.org.ID, page)
	if err != nil {
		return nil, err
	}
	out := &api.ListCreateAccountStatusOutput{CreateAccountStatuses: make([]api.CreateAccountStatus, len(requests))}
	for i, r := range requests {
		out.CreateAccountStatuses[i] = apiRequest(r)
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}

// member returns an account of the organization, or store.ErrNotFound.
func (m *managed) member(id string) (*identity.Account, error) {
	a, err := m.Tx.Account(identity.AccountID(id))
	if err != nil {
		return nil, err
	}
	if a.Organization != m.org.ID {
		return nil, store.ErrNotFound
	}
	return a, nil
}

// account is member with the exception for an account that there is not.
func (m *managed) account(id string) (*identity.Account, error) {
	a, err := m.member(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.AccountNotFoundException("You specified an account that doesn't exist.")
	}
	return a, err
}

// accountResource is a member account as needs see it. One that is none is
// asked about under the name it would have.
func (m *managed) accountResource(id string) (resource, error) {
	r := resource{arn: m.org.AccountARN(identity.AccountID(id)).String()}
	a, err := m.member(id)
	if errors.Is(err, store.ErrNotFound) {
		return r, nil
	} else if err != nil {
		return resource{}, err
	}
	r.keys = tagKeys(a.Tags)
	return r, nil
}

func (m *managed) apiAccount(a *identity.Account) (api.Account, error) {
	path, err := m.Tx.Path(m.org, a)
	if err != nil {
		return api.Account{}, fmt.Errorf("place of %s: %w", a.ID, err)
	}
	status, state := statusOf(a, m.Now)
	return api.Account{
		Id: string(a.ID), Arn: m.org.AccountARN(a.ID).String(), Email: a.Email, Name: a.Name, Status: status,
		State: state, Paths: []string{m.place(path)}, JoinedMethod: a.JoinedMethod, JoinedTimestamp: a.Joined,
	}, nil
}

func (m *managed) apiAccounts(accounts []*identity.Account) ([]api.Account, error) {
	out := make([]api.Account, len(accounts))
	for i, a := range accounts {
		var err error
		if out[i], err = m.apiAccount(a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func describeAccountNeeds(m *managed, in *api.DescribeAccountInput) ([]authz.Need, error) {
	r, err := m.accountResource(in.AccountId)
	return everywhere("DescribeAccount", r), err
}

func describeAccount(m *managed, in *api.DescribeAccountInput) (*api.DescribeAccountOutput, error) {
	a, err := m.account(in.AccountId)
	if err != nil {
		return nil, err
	}
	account, err := m.apiAccount(a)
	return &api.DescribeAccountOutput{Account: &account}, err
}

func listAccountsNeeds(*managed, *api.ListAccountsInput) ([]authz.Need, error) {
	return need("ListAccounts", "*"), nil
}

func listAccounts(m *managed, in *api.ListAccountsInput) (*api.ListAccountsOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	accounts, next, err := m.Tx.MemberAccounts(m.org.ID, w.after, w.limit)
	if err != nil {
		return nil, err
	}
	out := new(api.ListAccountsOutput)
	if out.Accounts, err = m.apiAccounts(accounts); err != nil {
		return nil, err
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}

// parent fails unless a call names the root or a unit of the organization.
func (m *managed) parent(id string) error {
	if id == m.org.RootID {
		return nil
	}
	_, err := m.Tx.Unit(m.org.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return api.ParentNotFoundException("You specified a parent that doesn't exist.")
	}
	return err
}

// nodeResource is a root, unit or account as needs see it.
func (m *managed) nodeResource(id string) (resource, error) {
	switch id[:min(2, len(id))] {
	case "r-":
		r := resource{arn: m.rootResource(id)}
		if id == m.org.RootID {
			r.keys = tagKeys(m.org.RootTags)
		}
		return r, nil
	case "ou":
		r := resource{arn: m.org.UnitARN(id).String()}
		u, err := m.Tx.Unit(m.org.ID, id)
		if errors.Is(err, store.ErrNotFound) {
			return r, nil
		} else if err != nil {
			return resource{}, err
		}
		r.keys = tagKeys(u.Tags)
		return r, nil
	}
	return m.accountResource(id)
}

func listAccountsForParentNeeds(m *managed, in *api.ListAccountsForParentInput) ([]authz.Need, error) {
	r, err := m.nodeResource(in.ParentId)
	return everywhere("ListAccountsForParent", r), err
}

func listAccountsForParent(m *managed, in *api.ListAccountsForParentInput) (*api.ListAccountsForParentOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	if err := m.parent(in.ParentId); err != nil {
		return nil, err
	}
	accounts, next, err := m.Tx.ChildAccounts(m.org.ID, in.ParentId, w.after, w.limit)
	if err != nil {
		return nil, err
	}
	out := new(api.ListAccountsForParentOutput)
	if out.Accounts, err = m.apiAccounts(accounts); err != nil {
		return nil, err
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}

func listChildrenNeeds(m *managed, in *api.ListChildrenInput) ([]authz.Need, error) {
	r, err := m.nodeResource(in.ParentId)
	return everywhere("ListChildren", r), err
}

// listChildren lists what lies directly under a parent.
func listChildren(m *managed, in *api.ListChildrenInput) (*api.ListChildrenOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	if err := m.parent(in.ParentId); err != nil {
		return nil, err
	}
	out := &api.ListChildrenOutput{Children: []api.Child{}}
	var next string
	if in.ChildType == targetAccount {
		var accounts []*identity.Account
		accounts, next, err = m.Tx.ChildAccounts(m.org.ID, in.ParentId, w.after, w.limit)
		for _, a := range accounts {
			out.Children = append(out.Children, api.Child{Id: string(a.ID), Type: targetAccount})
		}
	} else {
		var units []*identity.OrganizationalUnit
		units, next, err = m.Tx.ChildUnits(m.org.ID, in.ParentId, w.after, w.limit)
		for _, u := range units {
			out.Children = append(out.Children, api.Child{Id: u.ID, Type: targetUnit})
		}
	}
	if err != nil {
		return nil, err
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}

func listParentsNeeds(m *managed, in *api.ListParentsInput) ([]authz.Need, error) {
	r, err := m.nodeResource(in.ChildId)
	return everywhere("ListParents", r), err
}

func listParents(m *managed, in *api.ListParentsInput) (*api.ListParentsOutput, error) {
	if _, err := m.window(in.NextToken, in.MaxResults); err != nil {
		return nil, err
	}
	parent, err := m.parentOf(in.ChildId)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.ChildNotFoundException("You specified a child that doesn't exist.")
	} else if err != nil {
		return nil, err
	}
	p := api.Parent{Id: parent, Type: targetUnit}
	if parent == m.org.RootID {
		p.Type = targetRoot
	}
	return &api.ListParentsOutput{Parents: []api.Parent{p}}, nil
}

func (m *managed) parentOf(child string) (string, error) {
	if u, err := m.Tx.Unit(m.org.ID, child); err == nil {
		return u.Parent, nil
	} else if !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	a, err := m.member(child)
	if err != nil {
		return "", err
	}
	return a.Parent, nil
}
