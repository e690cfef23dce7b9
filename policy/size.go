package policy

import "unicode/utf8"

// Size counts a document against its quota: without the white space that JSON
// ignores, blanks inside strings counted (PL-90); of control policies every
// character as sent (PL-91); of bucket policies every byte (S3-79).
func Size(kind Kind, text string) int {
	switch kind {
	case SCP, RCP:
		return utf8.RuneCountInString(text)
	case Bucket:
		return len(text)
	case Identity, Boundary, Session, Trust, Resource:
	}
	n := 0
	quoted, escaped := false, false
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case !quoted && (r == ' ' || r == '\t' || r == '\n' || r == '\r'):
			continue
		}
		n++
	}
	return n
}
