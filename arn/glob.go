package arn

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A TokenKind says what a [Token] of a wildcard pattern matches.
type TokenKind uint8

// The kinds of token.
const (
	Literal TokenKind = iota // its own Text
	Any                      // any run of characters, also none: "*"
	One                      // exactly one character: "?"
	Slot                     // the text that the match is given for slot number Slot, taken literally
)

// A Token is one part of a wildcard pattern.
type Token struct {
	Kind TokenKind
	Text string // of a Literal
	Slot int    // of a Slot: index into the slots given to MatchSlots
}

// A Glob is a compiled wildcard pattern. The zero Glob matches only "".
// It never backtracks across a "*" (TH-33): a text of n bytes is matched in at most
// n times the pattern's length steps, and without allocation.
type Glob struct {
	shape  shape
	text   string // the literal of exact, prefix and suffix shapes; what general ones begin with
	suffix string // after the "*" of a both shape

	// The rest is of general shapes.
	pieces  [][]Token
	minimum int  // bytes that a match has at least
	head    bool // the first piece is anchored at the start
	tail    bool // the last piece is anchored at the end
}

type shape uint8

const (
	exact   shape = iota // text
	prefix               // text*
	suffix               // *text
	both                 // text*suffix
	general              // anything else
)

// Tokens reads "*" and "?" of text as wildcards and all else as literal.
func Tokens(text string) []Token { return appendTokens(nil, text) }

func appendTokens(tokens []Token, text string) []Token {
	for text != "" {
		i := wildcard(text)
		if i < 0 {
			return append(tokens, Token{Kind: Literal, Text: text})
		}
		if i > 0 {
			tokens = append(tokens, Token{Kind: Literal, Text: text[:i]})
		}
		kind := Any
		if text[i] == '?' {
			kind = One
		}
		tokens = append(tokens, Token{Kind: kind})
		text = text[i+1:]
	}
	return tokens
}

// wildcard returns where the first wildcard of text stands, -1 when it has none.
func wildcard(text string) int {
	for i := range len(text) {
		if text[i] == '*' || text[i] == '?' {
			return i
		}
	}
	return -1
}

// stackTokens is how many tokens of one pattern are compiled without an
// allocation that the Glob does not keep.
const stackTokens = 16

// LiteralGlob returns the Glob that matches text and nothing else.
func LiteralGlob(text string) Glob { return Glob{shape: exact, text: text} }

// NewGlob compiles the wildcards of text. Patterns with one "*" at most, which
// most are, share the text's memory and take none of their own.
func NewGlob(text string) Glob {
	i := wildcard(text)
	if i < 0 {
		return LiteralGlob(text)
	}
	if before, after := text[:i], text[i+1:]; text[i] == '*' && wildcard(after) < 0 {
		return around(before, after)
	}
	var room [stackTokens]Token
	return CompileGlob(appendTokens(room[:0], text))
}

// around returns the Glob of before*after.
func around(before, after string) Glob {
	switch {
	case after == "":
		return Glob{shape: prefix, text: before}
	case before == "":
		return Glob{shape: suffix, text: after}
	}
	return Glob{shape: both, text: before, suffix: after}
}

// CompileGlob compiles tokens in their order.
func CompileGlob(tokens []Token) Glob {
	pieces, head, tail := cutPieces(tokens)
	if g, ok := simplest(pieces, head, tail); ok {
		return g
	}
	g := Glob{shape: general, pieces: pieces, head: head, tail: tail}
	for _, piece := range pieces {
		for _, t := range piece {
			switch t.Kind {
			case Literal:
				g.minimum += len(t.Text)
			case One:
				g.minimum++
			case Slot, Any:
			}
		}
	}
	if head && pieces[0][0].Kind == Literal {
		g.text = pieces[0][0].Text
	}
	return g
}

// simplest finds the Glob that says it all with literals, if there is one.
func simplest(pieces [][]Token, head, tail bool) (Glob, bool) {
	for _, piece := range pieces {
		if len(piece) != 1 || piece[0].Kind != Literal {
			return Glob{}, false
		}
	}
	switch {
	case len(pieces) == 0 && head: // no tokens at all
		return Glob{shape: exact}, true
	case len(pieces) == 0:
		return around("", ""), true
	case len(pieces) == 1 && head && tail:
		return Glob{shape: exact, text: pieces[0][0].Text}, true
	case len(pieces) == 1 && head:
		return around(pieces[0][0].Text, ""), true
	case len(pieces) == 1 && tail:
		return around("", pieces[0][0].Text), true
	case len(pieces) == 2 && head && tail:
		return around(pieces[0][0].Text, pieces[1][0].Text), true
	}
	return Glob{}, false
}

// cutPieces splits tokens at each run of Any and joins neighboring literals. The
// pieces are parts of one slice.
func cutPieces(tokens []Token) (pieces [][]Token, head, tail bool) {
	runs := 0
	for i := range tokens {
		if tokens[i].Kind == Any {
			runs++
		}
	}
	kept := make([]Token, 0, len(tokens)-runs)
	pieces = make([][]Token, 0, runs+1)
	head, tail = true, true
	start := 0 // of the piece that is being made
	flush := func() {
		if len(kept) > start {
			pieces = append(pieces, slices.Clip(kept[start:]))
			start = len(kept)
		}
	}
	for _, t := range tokens {
		switch {
		case t.Kind == Any:
			flush()
			head = head && len(pieces) > 0
		case t.Kind == Literal && t.Text == "":
			continue
		case t.Kind == Literal && len(kept) > start && kept[len(kept)-1].Kind == Literal:
			kept[len(kept)-1].Text += t.Text
		default:
			kept = append(kept, t)
		}
		tail = t.Kind != Any
	}
	flush()
	return pieces, head, tail
}

// Exact returns the one text that g matches, when it is a pattern without
// wildcards and slots.
func (g *Glob) Exact() (string, bool) { return g.text, g.shape == exact }

// Prefix returns the literal text that everything g matches begins with.
func (g *Glob) Prefix() string {
	if g.shape == suffix {
		return ""
	}
	return g.text
}

// Match reports whether s as a whole matches g. A pattern with slots matches
// nothing here, since nobody said what stands in them.
func (g *Glob) Match(s string) bool {
	switch g.shape {
	case exact:
		return s == g.text
	case prefix:
		return begins(s, g.text)
	case suffix:
		return strings.HasSuffix(s, g.text)
	case both:
		return len(s) >= len(g.text)+len(g.suffix) && begins(s, g.text) && strings.HasSuffix(s, g.suffix)
	case general:
		if !begins(s, g.text) { // what most texts fail at
			return false
		}
	}
	return g.MatchSlots(s, nil)
}

// begins is strings.HasPrefix for ARNs, which all begin alike: it looks at the
// end of the prefix first.
func begins(s, prefix string) bool {
	n := len(prefix)
	return n == 0 || len(s) >= n && s[n-1] == prefix[n-1] && s[:n] == prefix
}

// MatchSlots is Match with the texts that stand for the pattern's slots. They
// are literal: a "*" in them matches only itself (PL-65).
func (g *Glob) MatchSlots(s string, slots []string) bool {
	if g.shape != general {
		return g.Match(s)
	}
	if len(s) < g.minimum {
		return false
	}
	pieces := g.pieces
	if g.head {
		n, ok := matchForward(pieces[0], s, slots)
		if !ok {
			return false
		}
		s, pieces = s[n:], pieces[1:]
		if len(pieces) == 0 && g.tail {
			return s == ""
		}
	}
	if g.tail {
		n, ok := matchBackward(pieces[len(pieces)-1], s, slots)
		if !ok {
			return false
		}
		s, pieces = s[:n], pieces[:len(pieces)-1]
	}
	for _, piece := range pieces {
		n, ok := find(piece, s, slots)
		if !ok {
			return false
		}
		s = s[n:]
	}
	return true
}

// matchForward matches piece at the start of s and returns how many bytes it took.
func matchForward(piece []Token, s string, slots []string) (int, bool) {
	at := 0
	for _, t := range piece {
		switch t.Kind {
		case One:
			if at == len(s) {
				return 0, false
			}
			if s[at] < utf8.RuneSelf {
				at++
				continue
			}
			_, size := utf8.DecodeRuneInString(s[at:])
			at += size
		default:
			text, ok := t.text(slots)
			if !ok || !strings.HasPrefix(s[at:], text) {
				return 0, false
			}
			at += len(text)
		}
	}
	return at, true
}

// matchBackward matches piece at the end of s and returns how many bytes stand before it.
func matchBackward(piece []Token, s string, slots []string) (int, bool) {
	end := len(s)
	for _, p := range slices.Backward(piece) {
		if p.Kind == One {
			if end == 0 {
				return 0, false
			}
			_, size := utf8.DecodeLastRuneInString(s[:end])
			end -= size
			continue
		}
		text, ok := p.text(slots)
		if !ok || !strings.HasSuffix(s[:end], text) {
			return 0, false
		}
		end -= len(text)
	}
	return end, true
}

// find returns where the first match of piece in s ends.
func find(piece []Token, s string, slots []string) (int, bool) {
	for at := 0; ; {
		if piece[0].Kind != One {
			text, ok := piece[0].text(slots)
			if !ok {
				return 0, false
			}
			i := strings.Index(s[at:], text)
			if i < 0 {
				return 0, false
			}
			at += i
		}
		if n, ok := matchForward(piece, s[at:], slots); ok {
			return at + n, true
		}
		if at >= len(s) {
			return 0, false
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
}

func (t Token) text(slots []string) (string, bool) {
	if t.Kind == Literal {
		return t.Text, true
	}
	if t.Kind != Slot || t.Slot < 0 || t.Slot >= len(slots) {
		return "", false
	}
	return slots[t.Slot], true
}
