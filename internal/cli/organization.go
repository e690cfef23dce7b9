package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/regent-iam/regent/internal/client"
	"github.com/regent-iam/regent/internal/dump"
)

// A merge brings what the dump of an organization has into the caller's: by
// ordinary calls of Organizations, one after the other. What is there under the
// same name is used, and nothing is changed or taken away, so that a merge that
// broke off is done again.
type merge struct {
	ctx      context.Context //nolint:containedctx // lives as long as the command it is of
	client   *client.Client
	from     *dump.Organization
	accounts dump.Accounts
	ids      map[string]string // of the dump's organization, root, units and accounts → ours
	policies map[string]string // of the dump's policies → ours
	report   mergeReport
}

// A mergeReport is what a merge did.
type mergeReport struct {
	Made    int // calls that made something
	Present int // what was there already
	Skipped []client.Skipped
}

const enabled = "ENABLED"

// errRefused reports a call whose refusal is in the report.
var errRefused = errors.New("refused")

func mergeOrganization(ctx context.Context, c *client.Client, from *dump.Organization, accounts dump.Accounts) (*mergeReport, error) {
	m := &merge{
		ctx: ctx, client: c, from: from, accounts: accounts, ids: map[string]string{}, policies: map[string]string{},
		report: mergeReport{Skipped: []client.Skipped{}},
	}
	maps.Copy(m.ids, accounts)
	for _, step := range []func() error{m.root, m.units, m.makePolicies, m.attach, m.move} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("%w (what was made until then stays: the import can be done again)", err)
		}
	}
	return &m.report, nil
}

func (m *merge) skip(item, operation, reason string) {
	m.report.Skipped = append(m.report.Skipped, client.Skipped{Item: item, Operation: operation, Reason: reason})
}

// call makes a call about something of the dump. What Organizations refuses for
// a reason of its own is reported and left out: errRefused. Any other error
// ends the merge, above all that the caller may not do it.
func (m *merge) call(item, operation string, in, out any) error {
	err := m.client.Organizations(m.ctx, operation, in, out)
	r, refused := errors.AsType[*client.Refusal](err)
	if !refused || errors.Is(err, client.ErrCredentials) || r.Status >= 500 {
		return err
	}
	switch r.Code {
	case "AccessDeniedException", "AWSOrganizationsNotInUseException", "ConcurrentModificationException", "TooManyRequestsException":
		return err
	}
	m.skip(item, operation, r.Error())
	return errRefused
}

// make is call for what makes something.
func (m *merge) make(item, operation string, in, out any) error {
	err := m.call(item, operation, in, out)
	if err == nil {
		m.report.Made++
	}
	return err
}

// A listed answer is a page of one of the lists that a merge reads.
type listed struct {
	OrganizationalUnits, Policies []struct{ ID, Name string }
	Targets                       []dump.Target
	NextToken                     string
}

// list calls one of Organizations' lists until it ends, and gives page each
// answer.
func (m *merge) list(item, operation string, in map[string]string, page func(*listed)) error {
	for {
		var out listed
		if err := m.call(item, operation, in, &out); err != nil {
			return err
		}
		page(&out)
		if out.NextToken == "" {
			return nil
		}
		in["NextToken"] = out.NextToken
	}
}

// goOn is for who goes on when a call was refused.
func goOn(err error) error {
	if errors.Is(err, errRefused) {
		return nil
	}
	return err
}

// root finds the root and enables the types of policies that the dump's has.
func (m *merge) root() error {
	var here struct {
		Organization struct{ ID string }
		Roots        []dump.Root
	}
	if err := m.client.Organizations(m.ctx, "DescribeOrganization", struct{}{}, &here); err != nil {
		return err
	}
	if err := m.client.Organizations(m.ctx, "ListRoots", struct{}{}, &here); err != nil {
		return err
	}
	if len(here.Roots) != 1 {
		return fmt.Errorf("the organization has %d roots", len(here.Roots))
	}
	theirs, ours := &m.from.Roots[0], &here.Roots[0]
	m.ids[theirs.ID] = ours.ID
	if id := m.from.Organization.ID; id != "" {
		m.ids[id] = here.Organization.ID
	}
	on := map[string]bool{}
	for _, t := range ours.Types {
		on[t.Type] = t.Status == enabled
	}
	for _, t := range theirs.Types {
		switch {
		case t.Status != enabled:
		case on[t.Type]:
			m.report.Present++
		default:
			if err := goOn(m.make(t.Type, "EnablePolicyType", map[string]string{"RootId": ours.ID, "PolicyType": t.Type}, nil)); err != nil {
				return err
			}
		}
	}
	return nil
}

// units makes the tree of units.
func (m *merge) units() error {
	children := map[string]map[string]string{} // ids by name, by parent: ours
	for _, u := range m.from.Units {
		parent, ok := m.ids[u.Parent]
		if !ok {
			m.skip(u.ID, "CreateOrganizationalUnit", fmt.Sprintf("The unit %q is in one that was left out.", u.Name))
			continue
		}
		if children[parent] == nil {
			there := map[string]string{}
			err := m.list(u.ID, "ListOrganizationalUnitsForParent", map[string]string{"ParentId": parent}, func(page *listed) {
				for _, c := range page.OrganizationalUnits {
					there[c.Name] = c.ID
				}
			})
			if errors.Is(err, errRefused) {
				continue
			} else if err != nil {
				return err
			}
			children[parent] = there
		}
		if id, ok := children[parent][u.Name]; ok {
			m.ids[u.ID] = id
			m.report.Present++
			continue
		}
		var out struct{ OrganizationalUnit struct{ ID string } }
		in := struct {
			ParentID string `json:"ParentId"`
			Name     string
			Tags     []dump.Tag `json:",omitempty"`
		}{parent, u.Name, u.Tags}
		switch err := m.make(u.ID, "CreateOrganizationalUnit", in, &out); {
		case err == nil:
			m.ids[u.ID], children[parent][u.Name] = out.OrganizationalUnit.ID, out.OrganizationalUnit.ID
		case goOn(err) != nil:
			return err
		}
	}
	return nil
}

// makePolicies makes the policies, with the ids replaced that stand for others
// here. One that is there under its name and says something else is left alone,
// and so is what it hangs on.
func (m *merge) makePolicies() error {
	there := map[string]map[string]string{} // ids by name, by type
	for i := range m.from.Policies {
		p := &m.from.Policies[i]
		s := &p.Summary
		if s.AWSManaged {
			m.policies[s.ID] = s.ID
			continue
		}
		if there[s.Type] == nil {
			ids := map[string]string{}
			err := m.list(s.ID, "ListPolicies", map[string]string{"Filter": s.Type}, func(page *listed) {
				for _, p := range page.Policies {
					ids[p.Name] = p.ID
				}
			})
			if errors.Is(err, errRefused) {
				continue
			} else if err != nil {
				return err
			}
			there[s.Type] = ids
		}
		text := dump.MapPlaces(m.accounts.Map(string(p.Content)), m.ids)
		var err error
		if id, ok := there[s.Type][s.Name]; ok {
			err = m.reuse(p, id, text)
		} else {
			err = m.makePolicy(p, text)
		}
		if goOn(err) != nil {
			return err
		}
	}
	return nil
}

func (m *merge) reuse(p *dump.OrganizationPolicy, id, text string) error {
	var out struct{ Policy struct{ Content string } }
	if err := m.call(p.Summary.ID, "DescribePolicy", map[string]string{"PolicyId": id}, &out); err != nil {
		return err
	}
	if flat(out.Policy.Content) != flat(text) {
		m.skip(p.Summary.ID, "UpdatePolicy", fmt.Sprintf("There is a policy %q that says something else. It was left as it is, and not attached.", p.Summary.Name))
		return nil
	}
	m.policies[p.Summary.ID] = id
	m.report.Present++
	return nil
}

// flat is a document without the white space between its parts.
func flat(text string) string {
	var b bytes.Buffer
	if json.Compact(&b, []byte(text)) != nil {
		return text
	}
	return b.String()
}

func (m *merge) makePolicy(p *dump.OrganizationPolicy, text string) error {
	in := struct {
		Name, Description, Type, Content string
		Tags                             []dump.Tag `json:",omitempty"`
	}{p.Summary.Name, p.Summary.Description, p.Summary.Type, text, p.Tags}
	var out struct {
		Policy struct{ PolicySummary struct{ ID string } }
	}
	err := m.make(p.Summary.ID, "CreatePolicy", in, &out)
	if err == nil {
		m.policies[p.Summary.ID] = out.Policy.PolicySummary.ID
	}
	return err
}

// attach hangs the policies where they hang in the dump.
func (m *merge) attach() error {
	for i := range m.from.Policies {
		p := &m.from.Policies[i]
		if id, ok := m.policies[p.Summary.ID]; ok {
			if err := goOn(m.attachPolicy(p, id)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *merge) attachPolicy(p *dump.OrganizationPolicy, id string) error {
	hangs, wanted := map[string]bool{}, map[string]bool{}
	err := m.list(p.Summary.ID, "ListTargetsForPolicy", map[string]string{"PolicyId": id}, func(page *listed) {
		for _, t := range page.Targets {
			hangs[t.ID] = true
		}
	})
	if err != nil {
		return err
	}
	for _, t := range p.Targets {
		target, ok := m.ids[t.ID]
		switch {
		case !ok:
			m.skip(p.Summary.ID, "AttachPolicy", fmt.Sprintf("Nothing here stands for %s.", t.ID))
			continue
		case hangs[target]:
			m.report.Present++
		case !wanted[target]:
			if err := goOn(m.make(p.Summary.ID, "AttachPolicy", map[string]string{"PolicyId": id, "TargetId": target}, nil)); err != nil {
				return err
			}
		}
		wanted[target] = true
	}
	if p.Summary.AWSManaged {
		m.extra(p.Summary.ID, hangs, wanted)
	}
	return nil
}

// extra reports where a policy of AWS's hangs here and not in the dump, so that
// it allows more than there: what hangs is not taken down.
func (m *merge) extra(policy string, hangs, wanted map[string]bool) {
	for _, theirs := range slices.Sorted(maps.Keys(m.ids)) {
		if ours := m.ids[theirs]; hangs[ours] && !wanted[ours] {
			m.skip(policy, "DetachPolicy", fmt.Sprintf("It hangs on %s, and not on %s in the dump: detach it when the copy is to allow no more.", ours, theirs))
		}
	}
}

// move puts the accounts that stand for accounts of the dump where those are,
// under policies that are in force by then.
func (m *merge) move() error {
	for _, a := range m.from.Accounts {
		account, ok := m.accounts[a.ID]
		if !ok {
			m.skip(a.ID, "MoveAccount", fmt.Sprintf("No account here stands for %q: --map-account names one.", a.Name))
			continue
		}
		parent, ok := m.ids[a.Parent]
		if !ok {
			m.skip(a.ID, "MoveAccount", "Its unit was left out.")
			continue
		}
		var out struct{ Parents []struct{ ID string } }
		err := m.call(a.ID, "ListParents", map[string]string{"ChildId": account}, &out)
		switch {
		case errors.Is(err, errRefused):
			continue
		case err != nil:
			return err
		case len(out.Parents) == 1 && out.Parents[0].ID == parent:
			m.report.Present++
			continue
		case len(out.Parents) != 1:
			return fmt.Errorf("account %s has %d parents", account, len(out.Parents))
		}
		in := map[string]string{"AccountId": account, "SourceParentId": out.Parents[0].ID, "DestinationParentId": parent}
		if err := goOn(m.make(a.ID, "MoveAccount", in, nil)); err != nil {
			return err
		}
	}
	return nil
}
