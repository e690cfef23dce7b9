package apigen

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// translate turns a model's pattern, which is Java's, into one for package
// regexp that matches the whole value. What it does not know it refuses, so a
// model that needs more fails the generation instead of a request.
func translate(pattern string) (string, error) {
	t := translator{in: []rune(pattern)}
	if err := t.run(); err != nil {
		return "", fmt.Errorf("pattern %q: %w", pattern, err)
	}
	out := "^(?:" + t.out.String() + ")$"
	if _, err := regexp.Compile(out); err != nil {
		return "", fmt.Errorf("pattern %q: %w", pattern, err)
	}
	return out, nil
}

type translator struct {
	in    []rune
	at    int
	class bool // between [ and ]
	out   strings.Builder
}

func (t *translator) run() error {
	for t.at < len(t.in) {
		r := t.in[t.at]
		switch {
		case r == '\\':
			if err := t.escape(); err != nil {
				return err
			}
			continue
		case t.class && r == '[':
			return fmt.Errorf("class inside a class at %d", t.at)
		case t.class && r == '&' && t.next() == '&':
			return fmt.Errorf("intersection of classes at %d", t.at)
		case r == '[':
			t.class = true
		case r == ']':
			t.class = false
		case !t.class && strings.HasPrefix(string(t.in[t.at:]), "(?") && t.next() == '?' && strings.ContainsRune("=!<", t.peek(2)):
			return fmt.Errorf("look-around at %d", t.at)
		}
		t.out.WriteRune(r)
		t.at++
	}
	return nil
}

func (t *translator) next() rune { return t.peek(1) }

func (t *translator) peek(n int) rune {
	if t.at+n < len(t.in) {
		return t.in[t.at+n]
	}
	return -1
}

// escape translates the escape at t.at.
func (t *translator) escape() error {
	next := t.next()
	switch {
	case next == 'u':
		return t.unicode()
	case next == 's' && t.class: // Java's \s has the vertical tab
		t.out.WriteString(`\s\x0b`)
	case next == 's':
		t.out.WriteString(`[\s\x0b]`)
	case next == 'S' && !t.class:
		t.out.WriteString(`[^\s\x0b]`)
	case next == 'p' || next == 'P':
		t.out.WriteString(`\`)
		t.out.WriteRune(next)
	case strings.ContainsRune(`wWdDS\/.,:+-[](){}|^$?*@_=`, next) || strings.ContainsRune("tnrf", next):
		t.out.WriteString(plainEscape(next))
	case next == 'x':
		t.out.WriteString(`\x`)
	default:
		return fmt.Errorf(`unknown escape \%c`, next)
	}
	t.at += 2
	return nil
}

// plainEscape drops the backslash where package regexp would not allow it.
func plainEscape(r rune) string {
	if strings.ContainsRune("@_=:,/", r) {
		return string(r)
	}
	return `\` + string(r)
}

// unicode translates \uXXXX. The models write characters beyond the basic plane
// either as \u10000 and \u10FFFF, which Java would read as something else and
// nobody means, or as pairs of surrogates.
func (t *translator) unicode() error {
	rest := string(t.in[t.at:])
	for from, to := range map[string]string{
		`\u10000-\u10FFFF`:          `\x{10000}-\x{10FFFF}`,
		`\uD800\uDC00-\uDBFF\uDFFF`: `\x{10000}-\x{10FFFF}`,
		`\ud800\udc00-\udbff\udfff`: `\x{10000}-\x{10FFFF}`,
	} {
		if strings.HasPrefix(rest, from) {
			t.out.WriteString(to)
			t.at += len(from)
			return nil
		}
	}
	if len(rest) < 6 {
		return fmt.Errorf("short \\u at %d", t.at)
	}
	n, err := strconv.ParseUint(rest[2:6], 16, 32)
	if err != nil {
		return fmt.Errorf("bad \\u at %d", t.at)
	}
	if n >= 0xD800 && n <= 0xDFFF {
		return fmt.Errorf("lone surrogate at %d", t.at)
	}
	fmt.Fprintf(&t.out, `\x{%04X}`, n)
	t.at += 6
	return nil
}
