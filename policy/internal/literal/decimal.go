package literal

import (
	"cmp"
	"strings"
)

// A Decimal is a number read from its text without rounding, so that ids of any
// length compare as what they are. It shares the text's memory.
type Decimal struct {
	negative bool
	exponent int    // the value is 0.digits × 10^exponent
	digits   string // from the first digit that is not 0; may hold one '.'
}

// ParseDecimal reads digits with an optional sign, fraction and exponent.
func ParseDecimal(s string) (d Decimal, ok bool) {
	switch {
	case strings.HasPrefix(s, "-"):
		d.negative, s = true, s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if exponent, ok = parseExponent(s[i+1:]); !ok {
			return Decimal{}, false
		}
		s = s[:i]
	}
	point, digits := len(s), 0
	for i := range len(s) {
		switch {
		case s[i] == '.' && point == len(s):
			point = i
		case s[i] >= '0' && s[i] <= '9':
			digits++
		default:
			return Decimal{}, false
		}
	}
	if digits == 0 {
		return Decimal{}, false
	}
	first := strings.IndexAny(s, "123456789")
	if first < 0 {
		return Decimal{}, true // zero has no sign
	}
	d.exponent = point - first + exponent
	if first > point {
		d.exponent++ // the point itself is no place
	}
	d.digits = s[first:]
	return d, true
}

func parseExponent(s string) (int, bool) {
	sign := 1
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = -1, s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	if s == "" || len(s) > 6 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return sign * n, true
}

// Compare orders two decimals as [cmp.Compare] does.
func (d Decimal) Compare(e Decimal) int {
	switch {
	case d.digits == "" || e.digits == "" || d.negative != e.negative:
		return cmp.Compare(d.sign(), e.sign())
	case d.exponent != e.exponent:
		return cmp.Compare(d.exponent, e.exponent) * d.sign()
	}
	return compareDigits(d.digits, e.digits) * d.sign()
}

func (d Decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compareDigits compares the fractions 0.a and 0.b, passing over points.
func compareDigits(a, b string) int {
	for i, j := 0, 0; ; i, j = i+1, j+1 {
		if i < len(a) && a[i] == '.' {
			i++
		}
		if j < len(b) && b[j] == '.' {
			j++
		}
		if i >= len(a) && j >= len(b) {
			return 0
		}
		ca, cb := byte('0'), byte('0')
		if i < len(a) {
			ca = a[i]
		}
		if j < len(b) {
			cb = b[j]
		}
		if ca != cb {
			return cmp.Compare(ca, cb)
		}
	}
}
