package dump

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// An Organization is the dump of an organization: what the AWS CLI prints of
// its parts, put into one object. Every unit and account says where it is, and
// every policy what it says and on what it hangs.
type Organization struct {
	Organization struct { // of describe-organization, to replace its id in policies
		ID string `json:"Id"`
	} `json:"Organization"`
	Roots    []Root               `json:"Roots"`               // list-roots: one
	Units    []Unit               `json:"OrganizationalUnits"` // list-organizational-units-for-parent
	Accounts []Member             `json:"Accounts"`            // list-accounts-for-parent
	Policies []OrganizationPolicy `json:"Policies"`            // describe-policy's Policy
}

// A Root is an entry of Roots.
type Root struct {
	ID    string `json:"Id"`
	Types []struct {
		Type   string `json:"Type"`
		Status string `json:"Status"`
	} `json:"PolicyTypes"`
}

// A Unit is an entry of OrganizationalUnits.
type Unit struct {
	ID     string `json:"Id"`
	ARN    string `json:"Arn"`
	Name   string `json:"Name"`
	Parent string `json:"ParentId"` // which the AWS CLI does not say
	Tags   []Tag  `json:"Tags"`
}

// A Member is an entry of Accounts.
type Member struct {
	ID     string `json:"Id"`
	Name   string `json:"Name"`
	Parent string `json:"ParentId"` // which the AWS CLI does not say
}

// An OrganizationPolicy is an entry of Policies.
type OrganizationPolicy struct {
	Summary struct {
		ID          string `json:"Id"`
		Name        string `json:"Name"`
		Description string `json:"Description"`
		Type        string `json:"Type"`
		AWSManaged  bool   `json:"AwsManaged"`
	} `json:"PolicySummary"`
	Content Document `json:"Content"`
	Targets []Target `json:"Targets"` // list-targets-for-policy
	Tags    []Tag    `json:"Tags"`
}

// A Target is an entry of Targets: a root, a unit or an account.
type Target struct {
	ID string `json:"TargetId"`
}

// ErrTree reports units that are no tree under one root.
var ErrTree = errors.New("its units are no tree under one root")

// ParseOrganization reads the dump of an organization. Its units come in an
// order in which they can be made: a parent before what is under it.
func ParseOrganization(text []byte) (*Organization, error) {
	o := new(Organization)
	if err := json.Unmarshal(text, o); err != nil {
		return nil, fmt.Errorf("not the dump of an organization: %w", err)
	}
	if len(o.Roots) != 1 || o.Roots[0].ID == "" {
		return nil, fmt.Errorf("not the dump of an organization: %w", ErrTree)
	}
	under := map[string][]Unit{}
	for _, u := range o.Units {
		under[u.Parent] = append(under[u.Parent], u)
	}
	sorted := make([]Unit, 0, len(o.Units))
	seen := map[string]bool{o.Roots[0].ID: true}
	for at := []string{o.Roots[0].ID}; len(at) > 0; at = at[1:] {
		for _, u := range under[at[0]] {
			if u.ID == "" || seen[u.ID] {
				return nil, fmt.Errorf("unit %q of the dump: %w", u.ID, ErrTree)
			}
			seen[u.ID] = true
			sorted, at = append(sorted, u), append(at, u.ID)
		}
	}
	if len(sorted) < len(o.Units) { // the others hang on each other, or on nothing
		return nil, fmt.Errorf("the dump of an organization: %w", ErrTree)
	}
	o.Units = sorted
	return o, nil
}

// place is an organization's id, alone or with a path below it.
var place = regexp.MustCompile(`o-[0-9a-z]{10,32}(?:/(?:r|ou)-[0-9a-z-]+)*`)

// MapPlaces returns text with the ids replaced of an organization, and of the
// roots and units in paths below it: values of aws:PrincipalOrgID and
// aws:PrincipalOrgPaths, and parts of ARNs.
func MapPlaces(text string, ids map[string]string) string {
	var b strings.Builder
	done := 0
	for _, at := range place.FindAllStringIndex(text, -1) {
		if at[0] > 0 && strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", rune(text[at[0]-1])) {
			continue // the end of another name
		}
		parts := strings.Split(text[at[0]:at[1]], "/")
		for i, p := range parts {
			if to, ok := ids[p]; ok {
				parts[i] = to
			}
		}
		b.WriteString(text[done:at[0]])
		b.WriteString(strings.Join(parts, "/"))
		done = at[1]
	}
	b.WriteString(text[done:])
	return b.String()
}
