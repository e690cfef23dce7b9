package literal_test

import (
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/regent-iam/regent/policy/internal/literal"
)

// Rules: PL-70
func TestDecimalsCompareLikeRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() (string, literal.Decimal, *big.Rat) {
			text := rapid.StringMatching(`[+-]?(0{0,2}[0-9]{1,20}\.?[0-9]{0,3}|\.[0-9]{1,4})([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
			d, ok := literal.ParseDecimal(text)
			r, exact := new(big.Rat).SetString(text)
			if !ok || !exact {
				t.Fatalf("%q: %v, %v", text, ok, exact)
			}
			return text, d, r
		}
		a, da, ra := draw()
		b, db, rb := draw()
		if got, want := da.Compare(db), ra.Cmp(rb); got != want {
			t.Fatalf("%s and %s: %d, want %d", a, b, got, want)
		}
	})
	for _, bad := range []string{"", ".", "-", "+", "1e", "1e+", "e1", "1.2.3", "0x1", "1_0", " 1", "1 ", "1e9999999", "NaN", "Inf"} {
		if d, ok := literal.ParseDecimal(bad); ok {
			t.Errorf("%q is read as %+v", bad, d)
		}
	}
}

// Rules: PL-79
func TestInstantsAreThoseOfTheCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(-62135596800+86400, 253402300799-86400).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).In(zone)
		text := at.Format(time.RFC3339Nano)
		got, ok := literal.ParseInstant(text)
		utc, ok2 := literal.ParseInstant(at.UTC().Format("2006-01-02T15:04:05.999999999"))
		if !ok || !ok2 || got.Compare(utc) != 0 {
			t.Fatalf("%s: %+v, in UTC %+v", text, got, utc)
		}
		if at.Nanosecond() > 0 {
			return
		}
		epoch, ok := literal.ParseInstant(big.NewInt(at.Unix()).String())
		if ok && got.Compare(epoch) != 0 && (at.Unix() < -9999 || at.Unix() > 9999) {
			t.Fatalf("%s: %+v, in seconds %+v", text, got, epoch)
		}
	})
	for _, bad := range []string{
		"", "-", "20-20", "2020-", "2020-1-1", "2020-13-01", "2020-02-30", "2021-02-29", "2020-01-01T", "2020-01-01T24:00Z", "2020-01-01T10", "2020-01-01T10:60Z",
		"2020-01-01T10:00:60Z", "2020-01-01T10:00:00.Z", "2020-01-01T10:00:00+0100", "2020-01-01T10:00:00+01", "2020-01-01 10:00:00Z", "2020-01-01T10:00:00z",
		"20200101T100000Z", "today", "1.5", "9223372036854775808", "-292275055-01-01", "292278994-01-01", "2020-*",
	} {
		if at, ok := literal.ParseInstant(bad); ok {
			t.Errorf("%q is read as %+v", bad, at)
		}
	}
	early, ok1 := literal.ParseInstant("-292275054-01-01")
	late, ok2 := literal.ParseInstant("292278993-12-31T23:59:59Z")
	if !ok1 || !ok2 || early.Compare(late) != -1 || late.Compare(early) != 1 {
		t.Errorf("the ends of time: %+v %v, %+v %v", early, ok1, late, ok2)
	}
}
