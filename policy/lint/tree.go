package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxBytes is how long a document may be; a longer one is reported as not
// being JSON where its limit is (TH-32).
const MaxBytes = 1 << 18

// Limits that hold before memory is spent on a document (TH-32).
const (
	maxDepth  = 32
	maxValues = 100_000
)

type nodeKind uint8

const (
	nullNode nodeKind = iota
	stringNode
	numberNode
	boolNode
	arrayNode
	objectNode
)

// A node is one JSON value with its place: bytes of the text from start to end.
type node struct {
	kind       nodeKind
	text       string // of strings, decoded; of numbers and booleans, as written
	start, end int
	parent     *node
	step       PathElement // from the parent
	items      []*node
	members    []*member
}

// A member is one key of an object with its value.
type member struct {
	key        string
	start, end int // of the key
	value      *node
}

// member returns the value of a key, nil when there is none. Keys of policy
// elements are compared exactly.
func (n *node) member(key string) *node {
	if n == nil {
		return nil
	}
	for _, m := range n.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// path returns the way from the document to n.
func (n *node) path() []PathElement {
	if n.parent == nil {
		return []PathElement{}
	}
	return append(n.parent.path(), n.step)
}

// A syntaxFault is why a text is not JSON, and where.
type syntaxFault struct {
	text string
	at   int
}

// finding is all that can be said of a document that is not JSON.
func (f *syntaxFault) finding() Finding {
	at := newPlaces(f.text).position(f.at)
	details := message("JSON_SYNTAX_ERROR", 1, "index", strconv.Itoa(at.Offset), "line", strconv.Itoa(at.Line), "column", strconv.Itoa(at.Column))
	return Finding{
		Code: "JSON_SYNTAX_ERROR", Class: Error, Details: details,
		Locations: []Location{{Path: []PathElement{}, Span: Span{Start: at, End: at}}},
	}
}

// A parser reads JSON as RFC 8259 has it.
type parser struct {
	text   string
	at     int
	values int
}

// parseTree reads the one value that text consists of. A repeated key is a fault
// at the second: whoever reads such a document sees one of the two, and nobody
// knows which.
func parseTree(text string) (*node, *syntaxFault) {
	p := &parser{text: text}
	if len(text) > MaxBytes {
		return nil, &syntaxFault{text[:MaxBytes], MaxBytes}
	}
	if i := invalidUTF8(text); i >= 0 {
		return nil, &syntaxFault{text, i}
	}
	p.space()
	n, ok := p.value(0)
	if ok {
		p.space()
		ok = p.at == len(text)
	}
	if !ok {
		return nil, &syntaxFault{text, p.at}
	}
	return n, nil
}

// invalidUTF8 returns where text is not UTF-8, -1 when it is.
func invalidUTF8(text string) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// take moves over c and reports whether it stood there.
func (p *parser) take(c byte) bool {
	if p.peek() != c || p.at >= len(p.text) {
		return false
	}
	p.at++
	return true
}

// value reads a value. When it reports false, p.at is where the fault is.
func (p *parser) value(depth int) (*node, bool) {
	if p.values++; p.values > maxValues || depth > maxDepth {
		return nil, false
	}
	n := &node{start: p.at}
	var ok bool
	switch c := p.peek(); {
	case c == '{':
		n.kind = objectNode
		ok = p.object(n, depth)
	case c == '[':
		n.kind = arrayNode
		ok = p.array(n, depth)
	case c == '"':
		n.kind = stringNode
		n.text, ok = p.str()
	case c == '-' || '0' <= c && c <= '9':
		n.kind = numberNode
		ok = p.number()
		n.text = p.text[n.start:p.at]
	default:
		n.kind, n.text, ok = p.word()
	}
	n.end = p.at
	return n, ok
}

func (p *parser) word() (nodeKind, string, bool) {
	for word, kind := range map[string]nodeKind{"true": boolNode, "false": boolNode, "null": nullNode} {
		if strings.HasPrefix(p.text[p.at:], word) {
			p.at += len(word)
			return kind, word, true
		}
	}
	return nullNode, "", false
}

func (p *parser) object(n *node, depth int) bool {
	p.at++
	p.space()
	if p.take('}') {
		return true
	}
	seen := map[string]bool{}
	for {
		m := &member{start: p.at}
		var ok bool
		if p.peek() != '"' {
			return false
		}
		if m.key, ok = p.str(); !ok {
			return false
		}
		m.end = p.at
		if seen[m.key] {
			p.at = m.start
			return false
		}
		seen[m.key] = true
		p.space()
		if !p.take(':') {
			return false
		}
		p.space()
		if m.value, ok = p.value(depth + 1); !ok {
			return false
		}
		m.value.parent, m.value.step = n, PathElement{Kind: PathValue, Name: m.key}
		n.members = append(n.members, m)
		p.space()
		if p.take('}') {
			return true
		}
		if !p.take(',') {
			return false
		}
		p.space()
	}
}

func (p *parser) array(n *node, depth int) bool {
	p.at++
	p.space()
	if p.take(']') {
		return true
	}
	for {
		item, ok := p.value(depth + 1)
		if !ok {
			return false
		}
		item.parent, item.step = n, PathElement{Kind: PathIndex, Index: len(n.items)}
		n.items = append(n.items, item)
		p.space()
		if p.take(']') {
			return true
		}
		if !p.take(',') {
			return false
		}
		p.space()
	}
}

func (p *parser) digits() bool {
	from := p.at
	for '0' <= p.peek() && p.peek() <= '9' {
		p.at++
	}
	return p.at > from
}

func (p *parser) number() bool {
	p.take('-')
	if !p.take('0') && !p.digits() {
		return false
	}
	if p.take('.') && !p.digits() {
		return false
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		return p.digits()
	}
	return true
}

// str reads a string and returns it decoded.
func (p *parser) str() (string, bool) {
	p.at++
	var b strings.Builder
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return b.String(), true
		case c < 0x20:
			return "", false
		case c == '\\':
			r, ok := p.escape()
			if !ok {
				return "", false
			}
			b.WriteRune(r)
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	return "", false
}

// escape reads one escaped character; a pair of surrogates is one. A half of a
// pair is no character, and becomes U+FFFD as encoding/json has it.
func (p *parser) escape() (rune, bool) {
	if p.at+1 >= len(p.text) {
		p.at = len(p.text)
		return 0, false
	}
	c := p.text[p.at+1]
	if c == 'u' {
		r, ok := p.hex(p.at)
		if !ok {
			return 0, false
		}
		p.at += 6
		if low, ok := p.hex(p.at); ok && 0xD800 <= r && r < 0xDC00 && 0xDC00 <= low && low < 0xE000 {
			p.at += 6
			return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), true
		}
		if 0xD800 <= r && r < 0xE000 {
			r = utf8.RuneError
		}
		return r, true
	}
	i := strings.IndexByte(`"\/bfnrt`, c)
	if i < 0 {
		return 0, false
	}
	p.at += 2
	return rune("\"\\/\b\f\n\r\t"[i]), true
}

// hex reads the escape \uXXXX at the byte at.
func (p *parser) hex(at int) (rune, bool) {
	if at+6 > len(p.text) || p.text[at] != '\\' || p.text[at+1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(p.text[at+2 : at+6]) {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return 0, false
		}
	}
	v, err := strconv.ParseUint(p.text[at+2:at+6], 16, 32)
	return rune(v), err == nil
}

// places turns bytes of a text into positions.
type places struct {
	text  string
	lines []int // the byte that each line begins with
	runes []int // the characters before each line
}

func newPlaces(text string) *places {
	p := &places{text: text, lines: []int{0}, runes: []int{0}}
	count := 0
	for i, r := range text {
		count++
		if r == '\n' {
			p.lines, p.runes = append(p.lines, i+1), append(p.runes, count)
		}
	}
	return p
}

// position returns the place of a byte (LI-23).
func (p *places) position(at int) Position {
	line, found := slices.BinarySearch(p.lines, at)
	if !found {
		line--
	}
	column := utf8.RuneCountInString(p.text[p.lines[line]:at])
	return Position{Line: line + 1, Column: column, Offset: p.runes[line] + column}
}

func (p *places) span(start, end int) Span {
	return Span{Start: p.position(start), End: p.position(end)}
}

// String returns AWS's word for a type of JSON.
func (k nodeKind) String() string {
	names := [...]string{"Null", "String", "Number", "Boolean", "Array", "Object"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("nodeKind(%d)", k)
}
