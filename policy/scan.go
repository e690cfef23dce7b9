package policy

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits that hold before memory is spent on a document (TH-32). The longest of
// AWS's own has 139,749 characters, of others' PL-6 allows [maxSaved]; a
// document proper is nested seven deep.
const (
	maxText   = 262_144
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
	kind   nodeKind
	parent int // the node that holds this one; -1 of the document's own
	index  int // of an item: its place among the others
	held   int // how many this node holds itself
	first  int // the first of them
	next   int // the node after all that this one holds

	key   string // of a member
	keyAt Position
	text  string // of strings, decoded; of numbers and booleans, as written
	span  Span
}

// A tree is the nodes of one document, in the order of the text: a node stands
// before all that it holds. One slice of them takes few allocations.
type tree []node

// within yields what n holds.
func (t tree) within(n *node) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for i := n.first; i < n.next; i = t[i].next {
			if !yield(&t[i]) {
				return
			}
		}
	}
}

// path prints where n stands, which only errors ask for.
func (t tree) path(n *node) string {
	if n.parent < 0 {
		return ""
	}
	before := t.path(&t[n.parent])
	switch {
	case n.key == "":
		return before + "[" + strconv.Itoa(n.index) + "]"
	case before == "":
		return n.key
	}
	return before + "." + n.key
}

// A scanner reads JSON as RFC 8259 has it, and nothing that others tolerate:
// no repeated keys, no byte order mark, no text that is not UTF-8.
type scanner struct {
	text string
	tree tree

	at     int // offset of the next byte
	line   int
	origin int // what to take from at for the column
}

// typicalNodes is what most policies take; a longer one gets more as it is read.
const typicalNodes = 64

// scanText reads the one value that text consists of.
func scanText(text string) (tree, *ParseError) {
	s := &scanner{text: text, line: 1, origin: -1}
	s.tree = make(tree, 0, min(typicalNodes, 2+len(text)/16))
	root := s.add(node{parent: -1})
	if len(text) > maxText && utf8.RuneCountInString(text) > maxText {
		return nil, s.fail(root, "the document is longer than "+strconv.Itoa(maxText)+" characters")
	}
	s.space()
	if err := s.value(root, 0); err != nil {
		return nil, err
	}
	s.space()
	if s.at < len(text) {
		return nil, s.fail(root, "something stands after the document")
	}
	return s.tree, nil
}

// add appends a node and returns its index.
func (s *scanner) add(n node) int {
	s.tree = append(s.tree, n)
	return len(s.tree) - 1
}

func (s *scanner) position() Position {
	return Position{Offset: s.at, Line: s.line, Column: s.at - s.origin}
}

// fail makes an error about node n that points to where the scanner is.
func (s *scanner) fail(n int, reason string) *ParseError {
	return failAt(s.position(), s.tree.path(&s.tree[n]), reason)
}

func failAt(at Position, path, reason string) *ParseError {
	return &ParseError{Line: at.Line, Column: at.Column, Path: path, Reason: reason, fault: faultJSON}
}

// pass moves to an offset in the same line. The middle of a character that is
// not ASCII takes no column.
func (s *scanner) pass(to int, ascii bool) {
	if !ascii {
		for _, c := range []byte(s.text[s.at:to]) {
			if c&0xC0 == 0x80 {
				s.origin++
			}
		}
	}
	s.at = to
}

// space moves to what follows white space, the only place where lines end.
func (s *scanner) space() {
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case ' ', '\t', '\r':
		case '\n':
			s.line++
			s.origin = s.at
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// value reads the value of node n.
func (s *scanner) value(n, depth int) *ParseError {
	if len(s.tree) > maxValues {
		return s.fail(n, "the document has too many values")
	}
	if depth > maxDepth {
		return s.fail(n, "the document is nested too deep")
	}
	start, first := s.position(), len(s.tree)
	var kind nodeKind
	var text string
	var err *ParseError
	switch c := s.peek(); {
	case c == '{':
		kind, err = nodeObject, s.object(n, depth)
	case c == '[':
		kind, err = nodeArray, s.array(n, depth)
	case c == '"':
		kind = nodeString
		text, err = s.string(n)
	case c == '-' || '0' <= c && c <= '9':
		kind = nodeNumber
		text, err = s.number(n)
	default:
		kind, text, err = s.word(n)
	}
	v := &s.tree[n]
	v.kind, v.text, v.span = kind, text, Span{Start: start, End: s.position()}
	v.first, v.next = first, len(s.tree)
	return err
}

func (s *scanner) word(n int) (nodeKind, string, *ParseError) {
	for _, w := range [...]struct {
		text string
		kind nodeKind
	}{{"true", nodeBool}, {"false", nodeBool}, {"null", nodeNull}} {
		if strings.HasPrefix(s.text[s.at:], w.text) {
			s.at += len(w.text)
			return w.kind, w.text, nil
		}
	}
	if s.at == len(s.text) {
		return 0, "", s.fail(n, "the document ends too early")
	}
	return 0, "", s.fail(n, "a JSON value was expected")
}

func (s *scanner) object(n, depth int) *ParseError {
	s.at++
	keys := map[string]bool{}
	for s.space(); s.peek() != '}'; s.space() {
		if len(keys) > 0 {
			if s.peek() != ',' {
				return s.fail(n, "',' or '}' was expected")
			}
			s.at++
			s.space()
		}
		if s.peek() != '"' {
			return s.fail(n, "a key in quotes was expected")
		}
		start := s.position()
		key, err := s.string(n)
		if err != nil {
			return err
		}
		m := s.add(node{parent: n, key: key, keyAt: start})
		if keys[key] { // PL-4
			return failAt(start, s.tree.path(&s.tree[m]), "the key stands twice in one object")
		}
		keys[key] = true
		s.space()
		if s.peek() != ':' {
			return s.fail(m, "':' was expected")
		}
		s.at++
		s.space()
		if err := s.value(m, depth+1); err != nil {
			return err
		}
	}
	s.tree[n].held = len(keys)
	s.at++
	return nil
}

func (s *scanner) array(n, depth int) *ParseError {
	s.at++
	items := 0
	for s.space(); s.peek() != ']'; s.space() {
		if items > 0 {
			if s.peek() != ',' {
				return s.fail(n, "',' or ']' was expected")
			}
			s.at++
			s.space()
		}
		if err := s.value(s.add(node{parent: n, index: items}), depth+1); err != nil {
			return err
		}
		items++
	}
	s.tree[n].held = items
	s.at++
	return nil
}

// string reads a string; one without escapes shares the document's memory. What
// is wrong with it is an error about node n.
func (s *scanner) string(n int) (string, *ParseError) {
	s.at++
	ascii := true
	for i := s.at; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			text := s.text[s.at:i]
			if !ascii && !utf8.ValidString(text) {
				return "", s.fail(n, "the string is not UTF-8")
			}
			s.pass(i+1, ascii)
			return text, nil
		case c == '\\':
			return s.escaped(n)
		case c < ' ':
			s.pass(i, ascii)
			return "", s.fail(n, fmt.Sprintf("the control character U+%04X must be escaped", c))
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	s.pass(len(s.text), ascii)
	return "", s.fail(n, "the string does not end")
}

func (s *scanner) escaped(n int) (string, *ParseError) {
	var b strings.Builder
	for {
		c := s.peek()
		switch {
		case s.at >= len(s.text):
			return "", s.fail(n, "the string does not end")
		case c == '"':
			s.at++
			return b.String(), nil
		case c == '\\':
			r, size := unescape(s.text[s.at:])
			if size == 0 {
				return "", s.fail(n, "the escape is not one of JSON's")
			}
			b.WriteRune(r)
			s.at += size
		case c < ' ':
			return "", s.fail(n, fmt.Sprintf("the control character U+%04X must be escaped", c))
		default:
			r, size := utf8.DecodeRuneInString(s.text[s.at:])
			if r == utf8.RuneError && size == 1 {
				return "", s.fail(n, "the string is not UTF-8")
			}
			b.WriteRune(r)
			s.pass(s.at+size, size == 1)
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
func (s *scanner) number(n int) (string, *ParseError) {
	rest := s.text[s.at:]
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
		return "", s.fail(n, "the number is not one of JSON's")
	}
	s.at += i
	return rest[:i], nil
}
