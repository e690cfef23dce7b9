package dump

import "strings"

// Accounts says which account's id stands in a dump for which other: from →
// to, of twelve digits each.
type Accounts map[string]string

const idLength = 12

func isAccount(s string) bool {
	return len(s) == idLength && strings.Trim(s, "0123456789") == ""
}

// Map returns text with the account ids replaced that stand where an ARN has
// its account, or that are a whole string of a JSON document: principals,
// values of aws:PrincipalAccount and the like. Digits elsewhere, such as in the
// names of buckets, are left alone.
func (m Accounts) Map(text string) string {
	if len(m) == 0 {
		return text
	}
	var b strings.Builder
	done := 0
	for i := 0; i+idLength <= len(text); i++ {
		to, ok := m[text[i:i+idLength]]
		if !ok || !standsAlone(text, i) {
			continue
		}
		b.WriteString(text[done:i])
		b.WriteString(to)
		done = i + idLength
		i = done - 1
	}
	b.WriteString(text[done:])
	return b.String()
}

// standsAlone reports whether the id at i of text is a whole string or the
// account of an ARN.
func standsAlone(text string, i int) bool {
	before, after := text[:i], text[i+idLength:]
	if before == "" && after == "" || strings.HasSuffix(before, `"`) && strings.HasPrefix(after, `"`) {
		return true
	}
	if !strings.HasPrefix(after, ":") {
		return false
	}
	start := strings.LastIndexAny(before, "\"\\ \t\r\n") + 1
	fields := strings.Split(before[start:], ":")
	return len(fields) == 5 && fields[0] == "arn" && fields[4] == ""
}
