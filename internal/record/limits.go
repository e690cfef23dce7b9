package record

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// The limits of a record, in bytes (RE-3, RE-4). Strings are measured before
// they are written, objects and the record as they are written.
const (
	maxText       = 1 << 10
	maxObject     = 100 << 10
	maxAdditional = 28 << 10
	maxRecord     = 256 << 10
	maxAttributes = 20
)

// limits are how long a record's texts and objects may be.
type limits struct{ text, object, additional int }

// truncated is the member that says that others were left out.
const truncated = "regentTruncated"

// cut returns s without what is beyond its limit, in whole characters.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// bounded returns an object that was made elsewhere in a form that can stand in
// a record: one line, closed, UTF-8, and no longer than limit.
func bounded(object []byte, limit int) []byte {
	if !enclosed(object) || !utf8.Valid(object) {
		object = tidy(object)
	}
	if len(object) > limit {
		return shorten(object, limit)
	}
	return object
}

// enclosed reports whether v is one object, array or null, whose strings and
// brackets are closed and which has no control character in it. It reads v once
// and does not judge numbers and words: those cannot end anything.
func enclosed(v []byte) bool {
	if string(v) == "null" {
		return true
	}
	var open [32]byte
	depth := 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c < ' ' || depth == 0 && i > 0:
			return false
		case c == '{' || c == '[':
			if depth == len(open) {
				return false
			}
			open[depth] = c + 2 // the bracket that closes it, in ASCII
			depth++
		case depth == 0:
			return false
		case c == '}' || c == ']':
			depth--
			if open[depth] != c { //nolint:gosec // depth is above 0 here: the case before has seen to it
				return false
			}
		case c == '"':
			if i = endOfString(v, i+1); i < 0 {
				return false
			}
		}
	}
	return depth == 0 && len(v) > 0
}

// endOfString returns where the string that v is in at i ends, or -1.
func endOfString(v []byte, i int) int {
	for ; i < len(v); i++ {
		switch c := v[i]; {
		case c == '"':
			return i
		case c < ' ':
			return -1
		case c == '\\':
			i++
			if i == len(v) || v[i] < ' ' {
				return -1
			}
		}
	}
	return -1
}

// tidy makes one line of well-formed JSON, and of what is none an object that
// says that something is missing.
func tidy(object []byte) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, bytes.ToValidUTF8(object, []byte("\uFFFD"))); err != nil {
		return shorten(nil, 0)
	}
	return b.Bytes()
}

// shorten drops the longest members of an object until it is within limit, and
// says so. Of what is no object nothing is left.
func shorten(object []byte, limit int) []byte {
	members, ok := membersOf(object)
	if !ok {
		members = nil
	}
	const mark = `"` + truncated + `":true`
	length := len("{") + len(mark) + len("}")
	longest := make([]int, len(members))
	for i, m := range members {
		length += len(m) + len(",")
		longest[i] = i
	}
	slices.SortStableFunc(longest, func(a, b int) int { return cmp.Compare(len(members[b]), len(members[a])) })
	for _, i := range longest {
		if length <= limit {
			break
		}
		length -= len(members[i]) + len(",")
		members[i] = nil
	}
	out := append(make([]byte, 0, length), '{')
	for _, m := range members {
		if m != nil {
			out = append(append(out, m...), ',')
		}
	}
	return append(append(out, mark...), '}')
}

// membersOf returns the members of an object, name and value, in order.
func membersOf(object []byte) ([][]byte, bool) {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	var members [][]byte
	for d.More() {
		name, err := d.Token()
		key, isName := name.(string)
		if err != nil || !isName {
			return nil, false
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, false
		}
		m := append(appendString(nil, key), ':')
		members = append(members, append(m, value...))
	}
	return members, true
}
