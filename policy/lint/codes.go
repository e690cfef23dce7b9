package lint

import (
	"cmp"
	"slices"
	"strings"
)

// A Code is one kind of finding.
type Code struct {
	Name  string
	Class Class
	Text  string // of its findings, with {{holes}}; for Regent's own what it is about
	// Covered says how much of it is found, and Note what is not.
	Covered Coverage
	Note    string
}

// A Coverage says how much of a kind of finding is reported.
type Coverage string

// The coverages.
const (
	Full    Coverage = "full"
	Partial Coverage = "partial"
	Missing Coverage = "missing"
	Retired Coverage = "retired" // AWS reports it no more
)

// notes are the codes that are not covered in full.
var notes = map[string]struct {
	covered Coverage
	note    string
}{
	"DEPRECATED_GLOBAL_CONDITION_KEY":                 {Missing, "`UNSUPPORTED_GLOBAL_CONDITION_KEY` is reported instead"},
	"INVALID_ARN_REGION":                              {Partial, "regions that do not exist; which regions a service is in is not known"},
	"INVALID_KMS_KEY_VALUE":                           {Partial, "`s3:x-amz-server-side-encryption-aws-kms-key-id`"},
	"INVALID_PARTITION":                               {Partial, "partitions that do not exist; which partitions a service is in is not known"},
	"INVALID_REGION":                                  {Partial, "regions that did not exist on the day of the catalog"},
	"INVALID_SERVICE_PRINCIPAL_FORMAT":                {Partial, "the form; which services can be principals is not known"},
	"MISSING_ACTION_FOR_CONDITION_KEY":                {Partial, "`sts:SetSourceIdentity` and `sts:TagSession`"},
	"MISSING_PAIRED_CONDITION_KEYS":                   {Partial, "`aws:VpcSourceIp`"},
	"POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA":     {Partial, "against the default quota"},
	"RCP_SYNTAX_ERROR_ACTION":                         {Partial, "against the services of the day of the catalog"},
	"SCP_SYNTAX_ERROR_ACTION_WILDCARD":                {Partial, "only on demand: AWS allows such wildcards since September 2025"},
	"UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL": {Partial, "`aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`, `aws:PrincipalAccount`, `aws:PrincipalTag`"},
	"UNTRUSTWORTHY_CONDITION_KEY":                     {Partial, "`aws:referer`, `aws:UserAgent`"},
	"USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES":  {Partial, "statements about every action; which services support the keys is not known"},
	"LX-18": {Partial, "always `INFO`: it depends on which functions there are"},
	"LX-25": {Partial, "always `INFO`: it depends on which machines there are"},
	"LX-30": {Partial, "when the document's account is told"},
	"LX-32": {Partial, "when somebody tells which unique ids there are"},
}

// ownCodes are Regent's own findings that are no escalations.
var ownCodes = []Code{
	{Name: "LX-13", Class: SecurityWarning, Text: "sts:AssumeRole on every role without a condition"},
	{Name: "LX-28", Class: SecurityWarning, Text: "every action on everything, or NotAction on everything"},
	{Name: "LX-29", Class: SecurityWarning, Text: "Deny with Bool aws:MultiFactorAuthPresent false, which an absent key does not match"},
	{Name: "LX-30", Class: SecurityWarning, Text: "trust of another account without sts:ExternalId, a second factor or the organization"},
	{Name: "LX-31", Class: Warning, Text: "a negated operator in an Allow on a key that may be absent"},
	{Name: "LX-32", Class: Warning, Text: "a principal that is a unique id nobody has"},
}

// Codes returns all kinds of finding: AWS's in order of their names, then
// Regent's own by number.
func Codes() []Code {
	var out []Code
	for key, t := range messages() {
		if key.variant != 1 {
			continue
		}
		code := Code{Name: key.code, Class: t.class, Text: t.text, Covered: Full}
		if t.retired {
			code.Covered = Retired
		}
		out = append(out, code)
	}
	own := slices.Clone(ownCodes)
	for _, e := range escalations {
		var sets []string
		for _, set := range e.any {
			sets = append(sets, strings.Join(set, " + "))
		}
		class := SecurityWarning
		if e.dependent {
			class = Info
		}
		own = append(own, Code{Name: e.code, Class: class, Text: strings.Join(sets, ", or ") + " lets this principal " + e.lets})
	}
	out = append(out, own...)
	for i := range out {
		out[i].Covered = cmp.Or(out[i].Covered, Full)
		if n, ok := notes[out[i].Name]; ok {
			out[i].Covered, out[i].Note = n.covered, n.note
		}
	}
	slices.SortFunc(out, func(a, b Code) int {
		return cmp.Or(cmp.Compare(isOwn(a.Name), isOwn(b.Name)), cmp.Compare(len(a.Name)*isOwn(a.Name), len(b.Name)*isOwn(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// isOwn is 1 for Regent's own codes, and 0 for AWS's.
func isOwn(code string) int {
	if strings.HasPrefix(code, ownPrefix) {
		return 1
	}
	return 0
}
