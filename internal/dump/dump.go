// Package dump reads and writes the authorization details of an account, in
// the JSON that `aws iam get-account-authorization-details` prints: all users,
// groups, roles and managed policies of the account with what they may do. It
// knows the form alone, and not what of it an account can have.
package dump

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
)

// A Dump is a dump or a part of one. Members that Regent does not know are
// ignored, as are those that say how a list went on.
type Dump struct {
	Users    []User   `json:"UserDetailList,omitempty"`
	Groups   []Group  `json:"GroupDetailList,omitempty"`
	Roles    []Role   `json:"RoleDetailList,omitempty"`
	Policies []Policy `json:"Policies,omitempty"`
}

// A User is an entry of UserDetailList.
type User struct {
	Path     string     `json:"Path"`
	Name     string     `json:"UserName"`
	ID       string     `json:"UserId"`
	ARN      string     `json:"Arn"`
	Created  Time       `json:"CreateDate,omitzero"`
	Inline   []Inline   `json:"UserPolicyList,omitempty"`
	Groups   []string   `json:"GroupList"`
	Attached []Attached `json:"AttachedManagedPolicies"`
	Boundary *Boundary  `json:"PermissionsBoundary,omitempty"`
	Tags     []Tag      `json:"Tags,omitempty"`
}

// A Group is an entry of GroupDetailList.
type Group struct {
	Path     string     `json:"Path"`
	Name     string     `json:"GroupName"`
	ID       string     `json:"GroupId"`
	ARN      string     `json:"Arn"`
	Created  Time       `json:"CreateDate,omitzero"`
	Inline   []Inline   `json:"GroupPolicyList"`
	Attached []Attached `json:"AttachedManagedPolicies"`
}

// A Role is an entry of RoleDetailList. Description and MaxSession are not in
// AWS's form; Regent writes them so that its copies are whole.
type Role struct {
	Path        string     `json:"Path"`
	Name        string     `json:"RoleName"`
	ID          string     `json:"RoleId"`
	ARN         string     `json:"Arn"`
	Created     Time       `json:"CreateDate,omitzero"`
	Trust       Document   `json:"AssumeRolePolicyDocument"`
	Profiles    []Profile  `json:"InstanceProfileList"`
	Inline      []Inline   `json:"RolePolicyList"`
	Attached    []Attached `json:"AttachedManagedPolicies"`
	Boundary    *Boundary  `json:"PermissionsBoundary,omitempty"`
	Tags        []Tag      `json:"Tags,omitempty"`
	LastUsed    *LastUsed  `json:"RoleLastUsed,omitempty"`
	Description string     `json:"Description,omitempty"`
	MaxSession  int32      `json:"MaxSessionDuration,omitempty"` // seconds
}

// A Policy is an entry of Policies: the account's own, or one of AWS's that
// the account uses.
type Policy struct {
	Name        string    `json:"PolicyName"`
	ID          string    `json:"PolicyId"`
	ARN         string    `json:"Arn"`
	Path        string    `json:"Path"`
	Default     string    `json:"DefaultVersionId"`
	Attachments int32     `json:"AttachmentCount"`
	Boundaries  int32     `json:"PermissionsBoundaryUsageCount"`
	Attachable  bool      `json:"IsAttachable"`
	Description string    `json:"Description,omitempty"`
	Created     Time      `json:"CreateDate,omitzero"`
	Updated     Time      `json:"UpdateDate,omitzero"`
	Versions    []Version `json:"PolicyVersionList"`
	Tags        []Tag     `json:"Tags,omitempty"`
}

// A Version is one text of a managed policy.
type Version struct {
	Document Document `json:"Document"`
	ID       string   `json:"VersionId"` // v1
	Default  bool     `json:"IsDefaultVersion"`
	Created  Time     `json:"CreateDate,omitzero"`
}

// An Inline is an inline policy.
type Inline struct {
	Name     string   `json:"PolicyName"`
	Document Document `json:"PolicyDocument"`
}

// An Attached is a managed policy that is attached to something.
type Attached struct {
	Name string `json:"PolicyName"`
	ARN  string `json:"PolicyArn"`
}

// A Boundary is the managed policy that bounds a user or a role.
type Boundary struct {
	Type string `json:"PermissionsBoundaryType"`
	ARN  string `json:"PermissionsBoundaryArn"`
}

// A Profile is an instance profile that has the role. Those without a role are
// in no dump. Tags are not in AWS's form; Regent writes them.
type Profile struct {
	Path    string `json:"Path"`
	Name    string `json:"InstanceProfileName"`
	ID      string `json:"InstanceProfileId"`
	ARN     string `json:"Arn"`
	Created Time   `json:"CreateDate,omitzero"`
	Tags    []Tag  `json:"Tags,omitempty"`
}

// A LastUsed says when a role was last used, and where.
type LastUsed struct {
	At     Time   `json:"LastUsedDate,omitzero"`
	Region string `json:"Region,omitempty"`
}

// A Tag is a tag.
type Tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// A Time is a date as the AWS CLI prints it: ISO 8601, whole seconds.
type Time struct{ time.Time }

const timeLayout = "2006-01-02T15:04:05-07:00"

// MarshalJSON writes the time in UTC.
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(`"` + t.UTC().Format(timeLayout) + `"`), nil
}

// UnmarshalJSON reads any date without judging it: nothing that is imported
// depends on one.
func (t *Time) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			t.Time = at
		}
	}
	return nil
}

// A Document is a policy document: as an object, which is how the AWS CLI
// prints it, or as a string, percent-encoded or not, which is how other
// programs pass on what the API answers.
type Document string

// MarshalJSON writes the document as an object. White space between its parts
// is not kept; everything else is.
func (d Document) MarshalJSON() ([]byte, error) {
	if !json.Valid([]byte(d)) {
		return json.Marshal(string(d))
	}
	return []byte(d), nil
}

// UnmarshalJSON takes the document's text over as it is.
func (d *Document) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] != '"' {
		*d = Document(raw)
		return nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	if plain, err := url.PathUnescape(text); err == nil && strings.HasPrefix(text, "%") {
		text = plain
	}
	*d = Document(text)
	return nil
}

// Parse reads a dump or a part of one.
func Parse(text []byte) (*Dump, error) {
	d := new(Dump)
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("not the authorization details of an account: %w", err)
	}
	return d, nil
}

// Text returns the dump as JSON on one line.
func (d *Dump) Text() (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// Account returns the id of the account that the dump is of, "" when nothing
// in it tells.
func (d *Dump) Account() string {
	var arns []string
	for _, u := range d.Users {
		arns = append(arns, u.ARN)
	}
	for _, g := range d.Groups {
		arns = append(arns, g.ARN)
	}
	for _, r := range d.Roles {
		arns = append(arns, r.ARN)
	}
	for _, p := range d.Policies {
		arns = append(arns, p.ARN)
	}
	for _, text := range arns {
		if a, err := arn.Parse(text); err == nil && isAccount(a.Account) {
			return a.Account
		}
	}
	return ""
}

// lists are the members of a dump, in the order that an import wants: what is
// referred to before what refers to it.
func lists() []string {
	return []string{"Policies", "GroupDetailList", "UserDetailList", "RoleDetailList"}
}

// ErrEntry reports one entry that is too large for a part.
var ErrEntry = errors.New("one entry is larger than a part may be")

// Split cuts a dump into parts of at most size bytes, each a dump, in the
// order in which they are to be imported.
func Split(text []byte, size int) ([]string, error) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, fmt.Errorf("not the authorization details of an account: %w", err)
	}
	var parts []string
	for _, name := range lists() {
		var entries []json.RawMessage
		if whole[name] == nil {
			continue
		}
		if err := json.Unmarshal(whole[name], &entries); err != nil {
			return nil, fmt.Errorf("%s is not a list: %w", name, err)
		}
		of, err := cut(name, entries, size)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		parts = append(parts, of...)
	}
	return parts, nil
}

// cut puts the entries of one list into parts.
func cut(name string, entries []json.RawMessage, size int) (parts []string, err error) {
	head, tail := `{"`+name+`":[`, "]}"
	var b strings.Builder
	for _, e := range entries {
		var flat bytes.Buffer
		if err := json.Compact(&flat, e); err != nil {
			return nil, err
		}
		if b.Len() > 0 && b.Len()+1+flat.Len()+len(tail) > size {
			parts = append(parts, b.String()+tail)
			b.Reset()
		}
		if b.Len() == 0 {
			b.WriteString(head)
		} else {
			b.WriteByte(',')
		}
		b.Write(flat.Bytes())
		if b.Len()+len(tail) > size {
			return nil, ErrEntry
		}
	}
	if b.Len() > 0 {
		parts = append(parts, b.String()+tail)
	}
	return parts, nil
}

// Merge puts the parts of a dump together.
func Merge(parts []string) (*Dump, error) {
	whole := new(Dump)
	for _, text := range parts {
		d, err := Parse([]byte(text))
		if err != nil {
			return nil, err
		}
		whole.Users = append(whole.Users, d.Users...)
		whole.Groups = append(whole.Groups, d.Groups...)
		whole.Roles = append(whole.Roles, d.Roles...)
		whole.Policies = append(whole.Policies, d.Policies...)
	}
	return whole, nil
}
