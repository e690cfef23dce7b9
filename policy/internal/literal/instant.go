package literal

import "strings"

// An Instant is a point in time: seconds since the epoch and nanoseconds.
type Instant struct {
	seconds int64
	nanos   int32
}

// Years that a date may have (PL-79).
const (
	minYear = -292_275_054
	maxYear = 292_278_993
)

// ParseInstant reads a W3C/ISO-8601 date or epoch seconds (PL-79).
func ParseInstant(s string) (Instant, bool) {
	if t, ok := parseEpoch(s); ok {
		return t, true
	}
	year, s, ok := parseYear(s)
	if !ok {
		return Instant{}, false
	}
	month, day := 1, 1
	if s != "" {
		if month, s, ok = field(s, '-', 1, 12); !ok {
			return Instant{}, false
		}
	}
	if strings.HasPrefix(s, "-") {
		if day, s, ok = field(s, '-', 1, daysIn(year, month)); !ok {
			return Instant{}, false
		}
	}
	t := Instant{seconds: daysSinceEpoch(year, month, day) * 86_400}
	if s == "" {
		return t, true
	}
	return t.addClock(s)
}

// parseEpoch reads whole seconds. Four digits alone are a year.
func parseEpoch(s string) (Instant, bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) == 4 || len(digits) > 19 {
		return Instant{}, false
	}
	var n uint64
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return Instant{}, false
		}
		n = n*10 + uint64(digits[i]-'0')
	}
	if n > 1<<63-1 {
		return Instant{}, false
	}
	if digits != s {
		return Instant{seconds: -int64(n)}, true
	}
	return Instant{seconds: int64(n)}, true
}

func parseYear(s string) (year int64, rest string, ok bool) {
	sign := int64(1)
	digits := s
	switch {
	case strings.HasPrefix(s, "-"):
		sign, digits = -1, s[1:]
	case strings.HasPrefix(s, "+"):
		digits = s[1:]
	}
	n := 0
	for n < len(digits) && n < 10 && digits[n] >= '0' && digits[n] <= '9' {
		year = year*10 + int64(digits[n]-'0')
		n++
	}
	year *= sign
	return year, digits[n:], n >= 4 && year >= minYear && year <= maxYear
}

// field reads a separator and a number of two digits between low and high.
func field(s string, separator byte, low, high int) (n int, rest string, ok bool) {
	if len(s) < 3 || s[0] != separator || s[1] < '0' || s[1] > '9' || s[2] < '0' || s[2] > '9' {
		return 0, s, false
	}
	n = int(s[1]-'0')*10 + int(s[2]-'0')
	return n, s[3:], n >= low && n <= high
}

// addClock adds "Thh:mm[:ss[.fraction]][Z|±hh:mm]" to the start of a day; a
// time without a zone is in UTC.
func (t Instant) addClock(s string) (Instant, bool) {
	hour, s, ok := field(s, 'T', 0, 23)
	if !ok {
		return Instant{}, false
	}
	minute, s, ok := field(s, ':', 0, 59)
	if !ok {
		return Instant{}, false
	}
	second := 0
	if strings.HasPrefix(s, ":") {
		if second, s, ok = field(s, ':', 0, 59); !ok {
			return Instant{}, false
		}
		if strings.HasPrefix(s, ".") {
			end := 1
			for end < len(s) && s[end] >= '0' && s[end] <= '9' {
				end++
			}
			if t.nanos, ok = parseNanos(s[1:end]); !ok || end == 1 {
				return Instant{}, false
			}
			s = s[end:]
		}
	}
	t.seconds += int64(hour)*3600 + int64(minute)*60 + int64(second)
	offset, ok := parseZone(s)
	t.seconds -= offset
	return t, ok
}

func parseZone(s string) (seconds int64, ok bool) {
	if s == "" || s == "Z" {
		return 0, true
	}
	sign := s[0]
	if sign != '+' && sign != '-' {
		return 0, false
	}
	hour, rest, ok := field(s, sign, 0, 23)
	if !ok {
		return 0, false
	}
	minute, rest, ok := field(rest, ':', 0, 59)
	if !ok || rest != "" {
		return 0, false
	}
	seconds = int64(hour)*3600 + int64(minute)*60
	if sign == '-' {
		seconds = -seconds
	}
	return seconds, true
}

func parseNanos(fraction string) (int32, bool) {
	var n int32
	for i := range 9 {
		n *= 10
		if i < len(fraction) {
			n += int32(fraction[i] - '0')
		}
	}
	for i := range len(fraction) {
		if fraction[i] < '0' || fraction[i] > '9' {
			return 0, false
		}
	}
	return n, true
}

func daysIn(year int64, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSinceEpoch counts days in the proleptic Gregorian calendar, over eras of
// 400 years that begin in March.
func daysSinceEpoch(year int64, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	yearOfEra := year - era*400
	dayOfYear := int64((153*(month-3)+2)/5 + day - 1)
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return era*146_097 + dayOfEra - 719_468
}

// Compare orders two instants as [cmp.Compare] does.
func (t Instant) Compare(u Instant) int {
	switch {
	case t.seconds != u.seconds && t.seconds < u.seconds, t.seconds == u.seconds && t.nanos < u.nanos:
		return -1
	case t == u:
		return 0
	}
	return 1
}
