package organizations

import (
	"errors"
	"fmt"
	"strings"

	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func unitOperations() []dispatch.Operation {
	return []dispatch.Operation{
		write("CreateOrganizationalUnit", createUnitNeeds, createUnit),
		write("DeleteOrganizationalUnit", deleteUnitNeeds, deleteUnit),
		read("DescribeOrganizationalUnit", describeUnitNeeds, describeUnit),
		read("ListOrganizationalUnitsForParent", listUnitsForParentNeeds, listUnitsForParent),
		write("MoveAccount", moveAccountNeeds, moveAccount),
		write("UpdateOrganizationalUnit", updateUnitNeeds, updateUnit),
	}
}

// maxUnits is how many organizational units an organization has at most
// (Organizations User Guide, "Quotas for AWS Organizations").
const maxUnits = 1000

// place writes a path from the root down as aws:PrincipalOrgPaths has it.
func (m *managed) place(path []string) string {
	return m.org.ID + "/" + strings.Join(path, "/") + "/"
}

func (m *managed) apiUnit(u *identity.OrganizationalUnit) (*api.OrganizationalUnit, error) {
	path, err := m.Tx.UnitPath(m.org, u.ID)
	if err != nil {
		return nil, fmt.Errorf("place of %s: %w", u.ID, err)
	}
	return &api.OrganizationalUnit{Id: u.ID, Arn: m.org.UnitARN(u.ID).String(), Name: u.Name, Path: m.place(path)}, nil
}

// unit returns a unit of the organization.
func (m *managed) unit(id string) (*identity.OrganizationalUnit, error) {
	u, err := m.Tx.Unit(m.org.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.OrganizationalUnitNotFoundException("You specified an organizational unit that doesn't exist.")
	}
	return u, err
}

func duplicateUnit(err error) error {
	if errors.Is(err, store.ErrExists) {
		return api.DuplicateOrganizationalUnitException("An OU with the same name already exists.")
	}
	if _, full := errors.AsType[*store.LimitError](err); full {
		return violated("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of OUs that you can have in an organization.")
	}
	return err
}

func createUnitNeeds(m *managed, in *api.CreateOrganizationalUnitInput) ([]authz.Need, error) {
	r, err := m.nodeResource(in.ParentId)
	if err != nil {
		return nil, err
	}
	requested := authz.RequestTags(plainTags(in.Tags))
	r.keys = append(r.keys, requested...)
	n := everywhere("CreateOrganizationalUnit", r)
	if len(in.Tags) > 0 { // the id is not drawn yet: patterns for the organization's units match
		n = tagged(n, m.org.UnitARN("ou-*").String(), requested...)
	}
	return n, nil
}

// createUnit makes a unit, on which the default policies hang (OR-5, OR-22).
func createUnit(m *managed, in *api.CreateOrganizationalUnitInput) (*api.CreateOrganizationalUnitOutput, error) {
	if err := m.parent(in.ParentId); err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	path, err := m.Tx.UnitPath(m.org, in.ParentId)
	if err != nil {
		return nil, err
	}
	if len(path) > catalog.OrganizationalUnitDepth.Default() { // the root is no level
		return nil, violated("OU_DEPTH_LIMIT_EXCEEDED", "You attempted to create an OU tree that is too many levels deep.")
	}
	u := &identity.OrganizationalUnit{Name: in.Name, Parent: in.ParentId, Created: m.Now, Tags: tags}
	u.ID, err = id(m.Random, "ou-"+strings.TrimPrefix(m.org.RootID, "r-")+"-", 8, func(s string) (bool, error) {
		_, err := m.Tx.Unit(m.org.ID, s)
		return found(err)
	})
	if err != nil {
		return nil, err
	}
	if err := m.Tx.CreateUnit(m.org.ID, u, maxUnits); err != nil {
		return nil, duplicateUnit(err)
	}
	unit, err := m.apiUnit(u)
	return &api.CreateOrganizationalUnitOutput{OrganizationalUnit: unit}, err
}

// onUnit returns the needs of an operation on the unit that it names.
func (m *managed) onUnit(action, id string) ([]authz.Need, error) {
	r, err := m.nodeResource(id)
	return everywhere(action, r), err
}

func describeUnitNeeds(m *managed, in *api.DescribeOrganizationalUnitInput) ([]authz.Need, error) {
	return m.onUnit("DescribeOrganizationalUnit", in.OrganizationalUnitId)
}

func describeUnit(m *managed, in *api.DescribeOrganizationalUnitInput) (*api.DescribeOrganizationalUnitOutput, error) {
	u, err := m.unit(in.OrganizationalUnitId)
	if err != nil {
		return nil, err
	}
	unit, err := m.apiUnit(u)
	return &api.DescribeOrganizationalUnitOutput{OrganizationalUnit: unit}, err
}

func updateUnitNeeds(m *managed, in *api.UpdateOrganizationalUnitInput) ([]authz.Need, error) {
	return m.onUnit("UpdateOrganizationalUnit", in.OrganizationalUnitId)
}

// updateUnit renames a unit. What is in it and hangs on it stays.
func updateUnit(m *managed, in *api.UpdateOrganizationalUnitInput) (*api.UpdateOrganizationalUnitOutput, error) {
	u, err := m.unit(in.OrganizationalUnitId)
	if err != nil {
		return nil, err
	}
	if in.Name != "" {
		if err := m.Tx.RenameUnit(m.org.ID, u, in.Name); err != nil {
			return nil, duplicateUnit(err)
		}
	}
	unit, err := m.apiUnit(u)
	return &api.UpdateOrganizationalUnitOutput{OrganizationalUnit: unit}, err
}

func deleteUnitNeeds(m *managed, in *api.DeleteOrganizationalUnitInput) ([]authz.Need, error) {
	return m.onUnit("DeleteOrganizationalUnit", in.OrganizationalUnitId)
}

func deleteUnit(m *managed, in *api.DeleteOrganizationalUnitInput) (*wire.Empty, error) {
	u, err := m.unit(in.OrganizationalUnitId)
	if err != nil {
		return nil, err
	}
	occupied, err := m.Tx.Occupied(m.org.ID, u.ID)
	if err != nil {
		return nil, err
	}
	if occupied {
		return nil, api.OrganizationalUnitNotEmptyException(
			"The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.")
	}
	return &wire.Empty{}, m.Tx.DeleteUnit(m.org, u)
}

func listUnitsForParentNeeds(m *managed, in *api.ListOrganizationalUnitsForParentInput) ([]authz.Need, error) {
	r, err := m.nodeResource(in.ParentId)
	return everywhere("ListOrganizationalUnitsForParent", r), err
}

func listUnitsForParent(m *managed, in *api.ListOrganizationalUnitsForParentInput) (*api.ListOrganizationalUnitsForParentOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	if err := m.parent(in.ParentId); err != nil {
		return nil, err
	}
	units, next, err := m.Tx.ChildUnits(m.org.ID, in.ParentId, w.after, w.limit)
	if err != nil {
		return nil, err
	}
	out := &api.ListOrganizationalUnitsForParentOutput{OrganizationalUnits: make([]api.OrganizationalUnit, len(units))}
	for i, u := range units {
		unit, err := m.apiUnit(u)
		if err != nil {
			return nil, err
		}
		out.OrganizationalUnits[i] = *unit
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}

// moveAccountNeeds asks about all three that a move touches: the account,
// where it is and where it goes.
func moveAccountNeeds(m *managed, in *api.MoveAccountInput) ([]authz.Need, error) {
	account, err := m.accountResource(in.AccountId)
	if err != nil {
		return nil, err
	}
	touched := []resource{account}
	for _, id := range []string{in.SourceParentId, in.DestinationParentId} {
		r, err := m.nodeResource(id)
		if err != nil {
			return nil, err
		}
		touched = append(touched, r)
	}
	return everywhere("MoveAccount", touched...), nil
}

// moveAccount puts an account under another parent. The policies of its new
// place hold from the very next request on (OR-24, TH-42).
func moveAccount(m *managed, in *api.MoveAccountInput) (*wire.Empty, error) {
	a, err := m.account(in.AccountId)
	if err != nil {
		return nil, err
	}
	if _, err := m.Tx.UnitPath(m.org, in.DestinationParentId); errors.Is(err, store.ErrNotFound) {
		return nil, api.DestinationParentNotFoundException("You specified a destination parent that doesn't exist.")
	} else if err != nil {
		return nil, err
	}
	if a.Parent == in.DestinationParentId {
		return nil, api.DuplicateAccountException("That account is already present in the specified destination.")
	}
	if a.Parent != in.SourceParentId {
		return nil, api.SourceParentNotFoundException("You specified a source parent that doesn't contain the account.")
	}
	return &wire.Empty{}, m.Tx.Join(a, m.org.ID, in.DestinationParentId)
}
