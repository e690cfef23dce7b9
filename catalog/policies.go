package catalog

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base32"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
)

//go:embed data/managed-policies.ndjson.gz
var policyData string

// ManagedPolicyCount is the number of policies that ManagedPolicies returns.
const ManagedPolicyCount = len(policyTable)

const managedPrefix = "arn:aws:iam::aws:policy"

// A ManagedPolicy is a policy that AWS manages. Every account has all of them
// and nobody may change one (EV-54).
type ManagedPolicy struct {
	Name             string
	Path             string // "/", "/service-role/", …
	DefaultVersionID string // "v3"
	Created, Updated time.Time
	row              int // in policyTable
}

// A policyRow is a managed policy's metadata and where its document stands: in
// which member of policyData, on which line.
type policyRow struct {
	fold, name, path, version string
	created, updated          int64
	member, line              int
}

// ARN returns the policy's name in full in the partition aws:
// "arn:aws:iam::aws:policy/AdministratorAccess".
func (p ManagedPolicy) ARN() string { return managedPrefix + p.Path + p.Name }

// ID returns the policy's unique id. It is made from the name, so that it is the
// same everywhere and always. Like AWS's own it carries no account (IA-2).
func (p ManagedPolicy) ID() string {
	sum := sha256.Sum256([]byte(p.Name))
	return arn.ManagedPolicyID + "I" + base32.StdEncoding.EncodeToString(sum[:])[:16]
}

// Document returns the policy's default version, as compact JSON. It is unpacked
// on every call, which takes a millisecond or two.
func (p ManagedPolicy) Document() string {
	row := policyTable[p.row]
	line := 0
	for text := range strings.Lines(string(member(policyData, policyIndex[row.member]))) {
		if line == row.line {
			return documentOf(p.Name, text)
		}
		line++
	}
	panic("catalog: no data of policy " + p.Name)
}

// documentOf returns the document that a line of the data has.
func documentOf(name, line string) string {
	var policy struct{ Document json.RawMessage }
	if err := json.Unmarshal([]byte(line), &policy); err != nil {
		panic("catalog: the data of policy " + name + ": " + err.Error())
	}
	return string(policy.Document)
}

// ManagedDocuments returns all AWS managed policies with their documents, in no
// order that means anything. Each part of the data is unpacked once, so that
// reading all of them this way is some ten times as fast as one by one.
func ManagedDocuments() iter.Seq2[ManagedPolicy, string] {
	return func(yield func(ManagedPolicy, string) bool) {
		at := make([][]int, len(policyIndex)) // rows of policyTable by member and line
		for i, row := range policyTable {
			if n := row.line + 1 - len(at[row.member]); n > 0 {
				at[row.member] = append(at[row.member], make([]int, n)...)
			}
			at[row.member][row.line] = i
		}
		for i, rows := range at {
			line := 0
			for text := range strings.Lines(string(member(policyData, policyIndex[i]))) {
				p := managedPolicy(rows[line])
				if !yield(p, documentOf(p.Name, text)) {
					return
				}
				line++
			}
		}
	}
}

// LookupManagedPolicy returns the AWS managed policy of that name or ARN and
// reports whether there is one. Neither its document nor another policy's is
// read. An ARN has the policy's path in it, a name stands alone.
func LookupManagedPolicy(nameOrARN string) (ManagedPolicy, bool) {
	wanted := arn.Fold(nameOrARN)
	name := wanted
	rest, full := strings.CutPrefix(wanted, managedPrefix)
	if full {
		name = rest[strings.LastIndexByte(rest, '/')+1:]
	}
	i, ok := slices.BinarySearchFunc(policyTable[:], name, func(row policyRow, name string) int {
		return strings.Compare(row.fold, name)
	})
	if !ok || full && arn.Fold(policyTable[i].path)+name != rest {
		return ManagedPolicy{}, false
	}
	return managedPolicy(i), true
}

// ManagedPolicies returns all AWS managed policies in order of their folded
// names, without reading any document.
func ManagedPolicies() iter.Seq[ManagedPolicy] {
	return func(yield func(ManagedPolicy) bool) {
		for i := range policyTable {
			if !yield(managedPolicy(i)) {
				return
			}
		}
	}
}

func managedPolicy(i int) ManagedPolicy {
	row := policyTable[i]
	return ManagedPolicy{
		Name: row.name, Path: row.path, DefaultVersionID: row.version,
		Created: time.Unix(row.created, 0).UTC(), Updated: time.Unix(row.updated, 0).UTC(),
		row: i,
	}
}
