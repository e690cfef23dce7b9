package wire

import (
	"encoding/base64"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The layouts of timestamps in text.
const (
	LayoutISO8601 = "2006-01-02T15:04:05Z"          // IAM, STS
	LayoutMillis  = "2006-01-02T15:04:05.000Z"      // S3
	LayoutHTTP    = "Mon, 02 Jan 2006 15:04:05 GMT" // headers
)

var (
	errNotUTF8    = errors.New("not valid UTF-8")
	errBoolean    = errors.New("not true or false")
	errInteger    = errors.New("not an integer")
	errTooLarge   = errors.New("an integer that is too large")
	errNumber     = errors.New("not a number")
	errBase64     = errors.New("not base64")
	errTime       = errors.New("not a timestamp")
	errComposite  = errors.New("not a single value")
	errOutOfRange = errors.New("a timestamp out of range")
)

// ParseText reads a scalar of shape s from text, as forms, XML and headers carry
// it. The zero TimeFormat means ISO 8601. Spellings are strict: one form per
// value, nothing around it.
func ParseText(s *Shape, text string) (Value, error) {
	if !utf8.ValidString(text) {
		return Value{}, errNotUTF8
	}
	switch s.Kind {
	case String:
		return StringValue(text), nil
	case Blob:
		b, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil {
			return Value{}, errBase64
		}
		return BlobValue(b), nil
	case Boolean:
		return parseBool(text)
	case Integer:
		return parseInt(text, 32)
	case Long:
		return parseInt(text, 64)
	case Float:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return Value{}, errNumber
		}
		return FloatValue(f), nil
	case Timestamp:
		return parseTime(s.Time, text)
	default:
		return Value{}, errComposite
	}
}

func parseBool(text string) (Value, error) {
	switch text {
	case "true":
		return BoolValue(true), nil
	case "false":
		return BoolValue(false), nil
	}
	return Value{}, errBoolean
}

func parseInt(text string, bits int) (Value, error) {
	n, err := strconv.ParseInt(text, 10, bits)
	if errors.Is(err, strconv.ErrRange) {
		return Value{}, errTooLarge
	}
	if err != nil || strconv.FormatInt(n, 10) != text {
		return Value{}, errInteger
	}
	return IntValue(n), nil
}

func parseTime(format TimeFormat, text string) (Value, error) {
	switch format {
	case TimeRFC822:
		t, err := time.Parse(time.RFC1123, text)
		if err != nil || !strings.HasSuffix(text, " GMT") {
			return Value{}, errTime
		}
		return timeInRange(t)
	case TimeEpoch:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return Value{}, errTime
		}
		return EpochValue(f)
	default:
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return Value{}, errTime
	}
	return timeInRange(t)
}

func timeInRange(t time.Time) (Value, error) {
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return Value{}, errOutOfRange
	}
	return TimeValue(t), nil
}

// EpochValue returns the time that is f seconds after 1970, to the millisecond.
func EpochValue(f float64) (Value, error) {
	if math.IsNaN(f) || f < -62135596800 || f >= 253402300800 {
		return Value{}, errOutOfRange
	}
	return timeInRange(time.UnixMilli(int64(math.Round(f * 1000))))
}

// FormatText writes a scalar of shape s as text. Layout is the layout of times
// whose shape does not choose its own.
func FormatText(s *Shape, v Value, layout string) string {
	switch v.kind {
	case Blob:
		return base64.StdEncoding.EncodeToString([]byte(v.text))
	case Boolean:
		return strconv.FormatBool(v.Bool())
	case Long:
		return strconv.FormatInt(v.Int64(), 10)
	case Float:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case Timestamp:
		return formatTime(s, v.time.UTC(), layout)
	default:
		return v.text
	}
}

func formatTime(s *Shape, t time.Time, layout string) string {
	if s != nil {
		switch s.Time {
		case TimeRFC822:
			layout = LayoutHTTP
		case TimeEpoch:
			return formatEpoch(t)
		case TimeISO8601:
			if layout == LayoutHTTP {
				layout = LayoutISO8601
			}
		case TimeDefault:
		default:
		}
	}
	return t.Format(layout)
}

// formatEpoch writes seconds with at most three decimals.
func formatEpoch(t time.Time) string {
	ms := t.UnixMilli()
	return strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64)
}

// EscapeDocument percent-encodes a policy document as RFC 3986 has it: everything
// but letters, digits and "-._~" (IA-20). A text that looks encoded already is
// encoded all the same.
func EscapeDocument(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(text) + len(text)/2)
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// lowerFirst lowers the first letter of a member's name (RE-20).
func lowerFirst(name string) string {
	if name == "" || name[0] < 'A' || name[0] > 'Z' {
		return name
	}
	return string(name[0]+'a'-'A') + name[1:]
}
