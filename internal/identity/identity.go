// Package identity holds the nouns of Regent: accounts, users, groups, roles,
// policies, keys and devices, as they are kept. A noun knows its own ARN and
// nothing of where it is stored or who may read it.
package identity

import (
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
)

// Names of things are text to people; the types keep one kind of name from
// being passed where another is meant.
type (
	// AccountID is the id of an account: twelve digits.
	AccountID string
	// UserName is 1 to 64 characters, unique in its account ignoring case (IA-3).
	UserName string
	// GroupName is 1 to 128 characters, unique like a UserName.
	GroupName string
	// RoleName is 1 to 64 characters, unique like a UserName.
	RoleName string
	// PolicyName is 1 to 128 characters, unique like a UserName.
	PolicyName string
	// AccessKeyID is AKIA… for long-term keys and ASIA… for temporary ones.
	AccessKeyID string
)

// Partition is the only partition that Regent serves.
const Partition = "aws"

// AWSAccount owns the managed policies that every account can see.
const AWSAccount AccountID = "aws"

// An AccountStatus says whether an account's principals may act (OR-6).
type AccountStatus string

// The states of an account.
const (
	AccountActive    AccountStatus = "ACTIVE"
	AccountSuspended AccountStatus = "SUSPENDED"
	// AccountPending is an account that is still being made: an import fills it.
	AccountPending AccountStatus = "PENDING_ACTIVATION"
	// AccountPendingClosure is how a closed account shows at first; it is kept
	// as suspended from the start.
	AccountPendingClosure AccountStatus = "PENDING_CLOSURE"
)

// An Account owns principals and resources.
type Account struct {
	ID     AccountID     `json:"id"`
	Name   string        `json:"name"`
	Email  string        `json:"email"`
	Alias  string        `json:"alias,omitempty"`
	Status AccountStatus `json:"status"`

	// CanonicalID names the account in S3's ACLs and listings: 64 hex digits.
	CanonicalID string `json:"canonicalId"`

	// Organization is the id (o-…) of the organization the account belongs
	// to, Parent the root or unit that holds it there. Both are empty for an
	// account that stands alone.
	Organization string    `json:"organization,omitempty"`
	Parent       string    `json:"parent,omitempty"`
	JoinedMethod string    `json:"joinedMethod,omitempty"`
	Joined       time.Time `json:"joined,omitzero"`

	Created time.Time `json:"created"`
	Closed  time.Time `json:"closed,omitzero"` // when CloseAccount was called
	Tags    []Tag     `json:"tags,omitempty"`

	// RootKeys are the access keys of the account's root, RootMFA its device.
	RootKeys []AccessKeyID `json:"rootKeys,omitempty"`
	RootMFA  []string      `json:"rootMfa,omitempty"`
}

// RootARN is the ARN of the account's root user, which also stands for the
// whole account in policies.
func (a Account) RootARN() arn.ARN { return RootARN(a.ID) }

// RootARN is the ARN of the root user of account id.
func RootARN(id AccountID) arn.ARN {
	return arn.ARN{Partition: Partition, Service: "iam", Account: string(id), Resource: "root"}
}

// FederatedARN is the ARN of the federated user of that name in account id.
func FederatedARN(id AccountID, name string) arn.ARN {
	return arn.ARN{Partition: Partition, Service: "sts", Account: string(id), Resource: "federated-user/" + name}
}

func iamARN(account AccountID, kind, path, name string) arn.ARN {
	return arn.ARN{Partition: Partition, Service: "iam", Account: string(account), Resource: kind + path + name}
}

// A Tag is a key and a value. Keys of one noun are unique ignoring case
// (IA-60), and keep the spelling they were given last.
type Tag struct {
	Key   string `json:"k"`
	Value string `json:"v"`
}

// SetTags returns tags with those of with added; a key that is there in any
// case is replaced. The result is sorted by key (IA-14).
func SetTags(tags, with []Tag) []Tag {
	out := slices.Clone(tags)
	for _, t := range with {
		folded := arn.Fold(t.Key)
		i := slices.IndexFunc(out, func(o Tag) bool { return arn.Fold(o.Key) == folded })
		if i < 0 {
			out = append(out, t)
		} else {
			out[i] = t
		}
	}
	slices.SortFunc(out, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// RemoveTags returns tags without those of keys, compared ignoring case.
func RemoveTags(tags []Tag, keys []string) []Tag {
	return slices.DeleteFunc(slices.Clone(tags), func(t Tag) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return arn.Fold(k) == arn.Fold(t.Key) })
	})
}

// DuplicateTag reports whether two of keys are the same ignoring case (ST-3).
func DuplicateTag(keys []string) bool {
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		f := arn.Fold(k)
		if seen[f] {
			return true
		}
		seen[f] = true
	}
	return false
}

// A Document is an inline policy: its name and its text as it was given.
type Document struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Permissions are what users, groups and roles have in common: policies that
// are written into them and managed policies that are attached to them.
type Permissions struct {
	Inline   []Document `json:"inline,omitempty"`
	Attached []string   `json:"attached,omitempty"` // ARNs of managed policies, in order of attachment
}

// InlinePolicy returns the inline policy of that name, which is exact.
func (p *Permissions) InlinePolicy(name string) (Document, bool) {
	i := slices.IndexFunc(p.Inline, func(d Document) bool { return d.Name == name })
	if i < 0 {
		return Document{}, false
	}
	return p.Inline[i], true
}

// PutInline adds or replaces an inline policy and keeps them sorted by name.
func (p *Permissions) PutInline(d Document) {
	p.Inline = slices.DeleteFunc(slices.Clone(p.Inline), func(o Document) bool { return o.Name == d.Name })
	p.Inline = append(p.Inline, d)
	slices.SortFunc(p.Inline, func(a, b Document) int { return strings.Compare(a.Name, b.Name) })
}

// DeleteInline removes the inline policy of that name and reports whether
// there was one.
func (p *Permissions) DeleteInline(name string) bool {
	n := len(p.Inline)
	p.Inline = slices.DeleteFunc(slices.Clone(p.Inline), func(o Document) bool { return o.Name == name })
	return len(p.Inline) < n
}

// Attach adds a managed policy and reports whether it was not there before.
func (p *Permissions) Attach(policyARN string) bool {
	if slices.Contains(p.Attached, policyARN) {
		return false
	}
	p.Attached = append(slices.Clone(p.Attached), policyARN)
	return true
}

// Detach removes a managed policy and reports whether it was there.
func (p *Permissions) Detach(policyARN string) bool {
	n := len(p.Attached)
	p.Attached = slices.DeleteFunc(slices.Clone(p.Attached), func(a string) bool { return a == policyARN })
	return len(p.Attached) < n
}
