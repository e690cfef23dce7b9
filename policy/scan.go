package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits that hold before memory is spent on a document (TH-32). PL-6 allows
// 131,072 characters; a document proper is nested seven deep.
const (
	maxText   = 131_072
	maxDepth  = 10
	maxValues = 16_384
)

type nodeKind uint8

const (
	nodeNull nodeKind = iota
	nodeString
	nodeNumber
	nodeBool
	nodeArray
	nodeObject
)

func (k nodeKind) String() string {
	return [...]string{"null", "a string", "a number", "a boolean", "an array", "an object"}[k]
}

// A node is one JSON value with its place.
type node struct {
	kind    nodeKind
	text    string // of strings, decoded; of numbers and booleans, as written
	span    Span
	items   []node
	members []member
}

type member struct {
	key   string
	span  Span // of the key
	value node
}

// A place is a path to an element, kept as a chain and printed only for errors.
type place struct {
	parent *place
	key    string
	index  int // when key is ""
}

func (p *place) String() string {
	if p == nil {
		return ""
	}
	before := p.parent.String()
	switch {
	case p.key == "":
		return before + "[" + strconv.Itoa(p.index) + "]"
	case before == "":
		return p.key
	}
	return before + "." + p.key
}

// A scanner reads JSON as RFC 8259 has it, and nothing that others tolerate:
// no repeated keys, no byte order mark, no text that is not UTF-8.
type scanner struct {
	text   string
	at     Position
	values int
}

// scanText reads the one value that text consists of.
func scanText(text string) (node, *ParseError) {
	s := &scanner{text: text, at: Position{Line: 1, Column: 1}}
	if len(text) > maxText && utf8.RuneCountInString(text) > maxText {
		return node{}, s.fail(nil, "the document is longer than "+strconv.Itoa(maxText)+" characters")
	}
	s.space()
	n, err := s.value(nil, 0)
	if err != nil {
		return node{}, err
	}
	s.space()
	if s.at.Offset < len(text) {
		return node{}, s.fail(nil, "something stands after the document")
	}
	return n, nil
}

func (s *scanner) fail(p *place, reason string) *ParseError {
	return failAt(s.at, p, reason)
}

func failAt(at Position, p *place, reason string) *ParseError {
	return &ParseError{Line: at.Line, Column: at.Column, Path: p.String(), Reason: reason, fault: faultJSON}
}

// step moves over n bytes of the text.
func (s *scanner) step(n int) {
	for _, c := range []byte(s.text[s.at.Offset : s.at.Offset+n]) {
		switch {
		case c == '\n':
			s.at.Line++
			s.at.Column = 1
		case c&0xC0 != 0x80: // not the middle of a character
			s.at.Column++
		}
	}
	s.at.Offset += n
}

func (s *scanner) space() {
	n := 0
	for rest := s.text[s.at.Offset:]; n < len(rest) && isSpace(rest[n]); {
		n++
	}
	s.step(n)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.at.Offset < len(s.text) {
		return s.text[s.at.Offset]
	}
	return 0
}

func (s *scanner) value(p *place, depth int) (node, *ParseError) {
	if s.values++; s.values > maxValues {
		return node{}, s.fail(p, "the document has too many values")
	}
	if depth > maxDepth {
		return node{}, s.fail(p, "the document is nested too deep")
	}
	n := node{span: Span{Start: s.at}}
	var err *ParseError
	switch c := s.peek(); {
	case c == '{':
		n.kind = nodeObject
		n.members, err = s.object(p, depth)
	case c == '[':
		n.kind = nodeArray
		n.items, err = s.array(p, depth)
	case c == '"':
		n.kind = nodeString
		n.text, err = s.string(p)
	case c == '-' || '0' <= c && c <= '9':
		n.kind = nodeNumber
		n.text, err = s.number(p)
	default:
		n.kind, n.text, err = s.word(p)
	}
	n.span.End = s.at
	return n, err
}

func (s *scanner) word(p *place) (nodeKind, string, *ParseError) {
	for _, w := range [...]struct {
		text string
		kind nodeKind
	}{{"true", nodeBool}, {"false", nodeBool}, {"null", nodeNull}} {
		if strings.HasPrefix(s.text[s.at.Offset:], w.text) {
			s.step(len(w.text))
			return w.kind, w.text, nil
		}
	}
	if s.at.Offset == len(s.text) {
		return 0, "", s.fail(p, "the document ends too early")
	}
	return 0, "", s.fail(p, "a JSON value was expected")
}

func (s *scanner) object(p *place, depth int) ([]member, *ParseError) {
	s.step(1)
	var members []member
	var seen map[string]struct{}
	for s.space(); s.peek() != '}'; s.space() {
		if len(members) > 0 {
			if s.peek() != ',' {
				return nil, s.fail(p, "',' or '}' was expected")
			}
			s.step(1)
			s.space()
		}
		start := s.at
		if s.peek() != '"' {
			return nil, s.fail(p, "a key in quotes was expected")
		}
		key, err := s.string(p)
		if err != nil {
			return nil, err
		}
		m := member{key: key, span: Span{Start: start, End: s.at}}
		here := &place{parent: p, key: key}
		if seen, err = noteKey(seen, members, key, start, here); err != nil {
			return nil, err
		}
		s.space()
		if s.peek() != ':' {
			return nil, s.fail(here, "':' was expected")
		}
		s.step(1)
		s.space()
		if m.value, err = s.value(here, depth+1); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	s.step(1)
	return members, nil
}

// noteKey refuses a key that the object has already (PL-4). Small objects are
// searched, large ones get a set.
func noteKey(seen map[string]struct{}, members []member, key string, at Position, p *place) (map[string]struct{}, *ParseError) {
	repeated := false
	switch {
	case len(members) < 8:
		for i := range members {
			repeated = repeated || members[i].key == key
		}
	case seen == nil:
		seen = make(map[string]struct{})
		for i := range members {
			seen[members[i].key] = struct{}{}
		}
		fallthrough
	default:
		_, repeated = seen[key]
		seen[key] = struct{}{}
	}
	if repeated {
		return seen, failAt(at, p, "the key stands twice in one object")
	}
	return seen, nil
}

func (s *scanner) array(p *place, depth int) ([]node, *ParseError) {
	s.step(1)
	var items []node
	for s.space(); s.peek() != ']'; s.space() {
		if len(items) > 0 {
			if s.peek() != ',' {
				return nil, s.fail(p, "',' or ']' was expected")
			}
			s.step(1)
			s.space()
		}
		item, err := s.value(&place{parent: p, index: len(items)}, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	s.step(1)
	return items, nil
}

// string reads a string; one without escapes shares the document's memory.
func (s *scanner) string(p *place) (string, *ParseError) {
	s.step(1)
	start := s.at.Offset
	for i := start; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			text := s.text[start:i]
			if !utf8.ValidString(text) {
				return "", s.fail(p, "the string is not UTF-8")
			}
			s.step(i + 1 - start)
			return text, nil
		case c == '\\':
			return s.escaped(p)
		case c < ' ':
			s.step(i - start)
			return "", s.fail(p, fmt.Sprintf("the control character U+%04X must be escaped", c))
		}
	}
	s.step(len(s.text) - start)
	return "", s.fail(p, "the string does not end")
}

func (s *scanner) escaped(p *place) (string, *ParseError) {
	var b strings.Builder
	for {
		c := s.peek()
		switch {
		case s.at.Offset >= len(s.text):
			return "", s.fail(p, "the string does not end")
		case c == '"':
			s.step(1)
			return b.String(), nil
		case c == '\\':
			r, size := unescape(s.text[s.at.Offset:])
			if size == 0 {
				return "", s.fail(p, "the escape is not one of JSON's")
			}
			b.WriteRune(r)
			s.step(size)
		case c < ' ':
			return "", s.fail(p, fmt.Sprintf("the control character U+%04X must be escaped", c))
		default:
			r, size := utf8.DecodeRuneInString(s.text[s.at.Offset:])
			if r == utf8.RuneError && size == 1 {
				return "", s.fail(p, "the string is not UTF-8")
			}
			b.WriteRune(r)
			s.step(size)
		}
	}
}

// unescape reads the escape that text begins with; size 0 means there is none.
// Half of a surrogate pair is none.
func unescape(text string) (r rune, size int) {
	if len(text) < 2 {
		return 0, 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, text[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2
	}
	high, ok := hexEscape(text)
	if !ok {
		return 0, 0
	}
	if high < 0xD800 || high > 0xDFFF {
		return high, 6
	}
	low, ok := hexEscape(text[6:])
	if !ok || high > 0xDBFF || low < 0xDC00 || low > 0xDFFF {
		return 0, 0
	}
	return 0x10000 + (high-0xD800)<<10 + (low - 0xDC00), 12
}

func hexEscape(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(text[2:6]) {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// number reads a number and keeps its text (PL-5).
func (s *scanner) number(p *place) (string, *ParseError) {
	rest := s.text[s.at.Offset:]
	digits := func(i int) int {
		for i < len(rest) && '0' <= rest[i] && rest[i] <= '9' {
			i++
		}
		return i
	}
	i := 0
	if rest[0] == '-' {
		i = 1
	}
	whole := digits(i)
	ok := whole > i && (whole == i+1 || rest[i] != '0')
	i = whole
	if i < len(rest) && rest[i] == '.' {
		end := digits(i + 1)
		ok = ok && end > i+1
		i = end
	}
	if i < len(rest) && (rest[i] == 'e' || rest[i] == 'E') {
		i++
		if i < len(rest) && (rest[i] == '+' || rest[i] == '-') {
			i++
		}
		end := digits(i)
		ok = ok && end > i
		i = end
	}
	if !ok {
		return "", s.fail(p, "the number is not one of JSON's")
	}
	s.step(i)
	return rest[:i], nil
}
