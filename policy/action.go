package policy

import (
	"strings"
	"unicode/utf8"

	"github.com/regent-iam/regent/arn"
)

// An actionName is the action of a request, folded once (PL-40), with hashes
// that let most statements be passed over by comparing numbers.
type actionName struct {
	room    [128]byte
	long    []byte // instead of room, for names that do not fit
	length  int
	colon   int
	service uint32 // hash of what stands before the colon
	whole   uint32 // hash of all
	bit     actionBits
}

const (
	hashStart = 2166136261 // FNV-1a
	hashPrime = 16777619
)

// hashOf goes on with the hash h over s.
func hashOf(h uint32, s string) uint32 {
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * hashPrime
	}
	return h
}

// actionBits is a rough set of actions: each has a bit, which those of other
// services may share. A policy that has nothing to say about an action is
// passed over with one look at its set.
type actionBits uint64

const allActions = ^actionBits(0)

// bitOf returns the bit of the actions of a service that begin as name does.
func bitOf[T string | []byte](service uint32, name T) actionBits {
	if len(name) > 0 {
		service += uint32(name[0])
	}
	return 1 << (service % 64)
}

func (a *actionName) set(name string) {
	if len(name) > len(a.room) {
		a.long = []byte(arn.Fold(name))
	} else {
		for i := range len(name) {
			c := name[i]
			if c >= utf8.RuneSelf {
				a.long = []byte(arn.Fold(name))
				break
			}
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			a.room[i] = c
		}
	}
	a.length = len(name)
	h := uint32(hashStart)
	a.colon = -1
	for i, c := range a.bytes() {
		if c == ':' && a.colon < 0 {
			a.colon, a.service = i, h
		}
		h = (h ^ uint32(c)) * hashPrime
	}
	a.whole = h
	a.bit = bitOf(a.service, a.bytes()[a.colon+1:])
}

// bytes returns the folded name.
func (a *actionName) bytes() []byte {
	if a.long != nil {
		return a.long
	}
	return a.room[:a.length]
}

// An actionPattern is one entry of Action or NotAction.
type actionPattern struct {
	shape actionShape
	text  string // folded
	colon int    // in the text; what stands before it is literal but in wildVendor
	lead  string // of the name, before its first wildcard
	trail string // of the name, after its last wildcard

	serviceHash, wholeHash uint32
	bits                   actionBits // of the actions that it may match
}

func (p *actionPattern) service() string { return p.text[:p.colon] }

func (p *actionPattern) name() string { return p.text[p.colon+1:] }

type actionShape uint8

const (
	actionNone    actionShape = iota // not an action: matches nothing
	actionAll                        // "*"
	actionExact                      // service:Name
	actionAround                     // service:Lead*Trail, either may be empty
	actionSeveral                    // service:N*a?m*e
	actionVendor                     // wildcards before the colon
)

// compileAction compiles an entry. Variables are text here (PL-44).
func compileAction(raw string) actionPattern {
	p := actionPattern{text: arn.Fold(raw), bits: allActions}
	if p.text == "*" || p.text == "*:*" {
		p.shape = actionAll
		return p
	}
	p.colon = strings.IndexByte(p.text, ':')
	if p.colon <= 0 {
		return actionPattern{}
	}
	service, name := p.service(), p.name()
	if strings.ContainsAny(service, "*?") {
		p.shape = actionVendor
		return p
	}
	p.serviceHash = hashOf(hashStart, service)
	first := strings.IndexAny(name, "*?")
	if first != 0 {
		p.bits = bitOf(p.serviceHash, name)
	}
	if first < 0 {
		p.shape, p.wholeHash = actionExact, hashOf(p.serviceHash, p.text[p.colon:])
		return p
	}
	last := strings.LastIndexAny(name, "*?")
	p.lead, p.trail = name[:first], name[last+1:]
	p.shape = actionSeveral
	if first == last && name[first] == '*' {
		p.shape = actionAround
	}
	return p
}

func (p *actionPattern) match(a *actionName) bool {
	full := a.bytes()
	switch p.shape {
	case actionAll:
		return true
	case actionExact:
		return a.whole == p.wholeHash && string(full) == p.text
	case actionAround, actionSeveral:
		return a.service == p.serviceHash && a.colon == p.colon && p.matchName(full[a.colon+1:]) &&
			string(full[:a.colon]) == p.service()
	case actionVendor:
		return a.colon >= 0 && globBytes(p.service(), full[:a.colon]) && globBytes(p.name(), full[a.colon+1:])
	case actionNone:
	}
	return false
}

// matchName compares the part after the colon, the service being the same.
func (p *actionPattern) matchName(name []byte) bool {
	if len(name) < len(p.lead)+len(p.trail) || p.lead != "" && (name[0] != p.lead[0] || string(name[:len(p.lead)]) != p.lead) {
		return false
	}
	if p.shape == actionAround {
		return string(name[len(name)-len(p.trail):]) == p.trail
	}
	return globBytes(p.name(), name)
}

// globBytes matches "*" and "?" in pattern. It returns to the last "*" only, so
// it takes at most len(pattern) × len(name) steps.
func globBytes(pattern string, name []byte) bool {
	star, mark := -1, 0
	p, n := 0, 0
	for n < len(name) {
		if p < len(pattern) {
			if pattern[p] == '*' {
				star, mark = p, n
				p++
				continue
			}
			if size := step(pattern[p], name[n:]); size > 0 {
				p++
				n += size
				continue
			}
		}
		if star < 0 {
			return false
		}
		mark += width(name[mark:])
		p, n = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// step returns how many bytes of name the pattern byte c takes, 0 for no match.
func step(c byte, name []byte) int {
	switch c {
	case '?':
		return width(name)
	case name[0]:
		return 1
	}
	return 0
}

func width(name []byte) int {
	_, size := utf8.DecodeRune(name)
	return size
}
