package wire_test

import (
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/wire"
)

// One answers a shape's questions with a single value, whatever the member.
type one struct {
	members []int
	items   int
	value   wire.Value
}

func (o one) Members(*wire.Shape) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, i := range o.members {
			if !yield(i) {
				return
			}
		}
	}
}

func (o one) Items() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range o.items {
			if !yield(i) {
				return
			}
		}
	}
}

func (o one) Entries() iter.Seq[string] { return func(func(string) bool) {} }
func (o one) Scalar() wire.Value        { return o.value }

// Rules: ST-1 IA-32
func TestCheckCountsCharactersNotBytes(t *testing.T) {
	for _, test := range []struct {
		runes int
		want  int
	}{{64, 0}, {65, 1}} {
		in := new(iam.CreateLoginProfileInput)
		c := wire.Check(&iam.Service, one{members: []int{0}, value: wire.StringValue(strings.Repeat("é", test.runes))})
		in.Decode(c)
		length := 0
		for _, v := range c.Violations() {
			if v.Constraint == wire.MaxLength {
				length++
			}
		}
		if length != test.want {
			t.Errorf("%d characters: %d violations of length", test.runes, length)
		}
	}
}

// Rules: ST-1
func TestCheckBoundsWhatOneRequestMakesItSay(t *testing.T) {
	op := sts.Service.Operation("AssumeRole")
	tags := op.In.Lookup("Tags")
	c := wire.Check(&sts.Service, nested{tags: tags, one: one{members: []int{0}, items: 200, value: wire.StringValue(strings.Repeat("é", 5000))}})
	new(sts.AssumeRoleInput).Decode(c)
	text := wire.ValidationText(&sts.Service, c.Violations())
	if !strings.HasPrefix(text, "64 validation errors detected: ") || len(text) > 64*2*(1024+300) {
		t.Errorf("%d bytes: %.80s", len(text), text)
	}
}

// nested answers the root with one member and everything below it with one.
type nested struct {
	one
	tags int
}

func (n nested) Members(s *wire.Shape) iter.Seq[int] {
	if s.Name == "AssumeRoleRequest" {
		return one{members: []int{n.tags}}.Members(s)
	}
	return n.one.Members(s)
}

// Rules: TH-102
func TestCheckNeverKeepsASecretValue(t *testing.T) {
	op := sts.Service.Operation("AssumeRole")
	at := op.In.Lookup("TokenCode")
	c := wire.Check(&sts.Service, one{members: []int{at}, value: wire.StringValue("not-a-code")})
	new(sts.AssumeRoleInput).Decode(c)
	found := false
	for _, v := range c.Violations() {
		if v.Path == "tokenCode" {
			found = true
			if v.Value != "" || v.HasValue {
				t.Errorf("%+v", v)
			}
		}
	}
	if !found {
		t.Error("the code was not checked")
	}
}

// Rules: WI-46 IA-20
func TestParseTextTakesOneSpellingPerValue(t *testing.T) {
	str, num, long := &wire.Shape{Kind: wire.String}, &wire.Shape{Kind: wire.Integer}, &wire.Shape{Kind: wire.Long}
	boolean, blob, float := &wire.Shape{Kind: wire.Boolean}, &wire.Shape{Kind: wire.Blob}, &wire.Shape{Kind: wire.Float}
	stamp := &wire.Shape{Kind: wire.Timestamp}
	http := &wire.Shape{Kind: wire.Timestamp, Time: wire.TimeRFC822}
	epoch := &wire.Shape{Kind: wire.Timestamp, Time: wire.TimeEpoch}
	for _, test := range []struct {
		shape *wire.Shape
		text  string
		want  string // "" for refused, else the text written again
	}{
		{str, "a b", "a b"},
		{str, "\xff", ""},
		{num, "-12", "-12"},
		{num, "012", ""},
		{num, "-0", ""},
		{num, "+1", ""},
		{num, " 1", ""},
		{num, "2147483648", ""},
		{num, "1.0", ""},
		{num, "", ""},
		{long, "2147483648", "2147483648"},
		{long, "9223372036854775808", ""},
		{boolean, "true", "true"},
		{boolean, "1", ""},
		{boolean, "False", ""},
		{blob, "aGk=", "aGk="},
		{blob, "aGk", ""},
		{blob, "aG k=", ""},
		{blob, "aGl=", ""},
		{float, "1.5", "1.5"},
		{float, "NaN", ""},
		{float, "1e400", ""},
		{stamp, "2024-08-01T13:33:28Z", "2024-08-01T13:33:28Z"},
		{stamp, "2024-08-01T15:33:28.25+02:00", "2024-08-01T13:33:28Z"},
		{stamp, "2024-08-01", ""},
		{stamp, "1722519208", ""},
		{http, "Thu, 01 Aug 2024 13:33:28 GMT", "Thu, 01 Aug 2024 13:33:28 GMT"},
		{http, "Thu, 01 Aug 2024 13:33:28 CET", ""},
		{epoch, "1722519208.5", "1722519208.5"},
		{epoch, "NaN", ""},
		{epoch, "1e300", ""},
	} {
		v, err := wire.ParseText(test.shape, test.text)
		if (err != nil) != (test.want == "") {
			t.Errorf("%q: %v", test.text, err)
		} else if err == nil {
			if got := wire.FormatText(test.shape, v, wire.LayoutISO8601); got != test.want {
				t.Errorf("%q became %q, want %q", test.text, got, test.want)
			}
		}
	}
}

// Rules: WI-46
func TestTimesInJSONAreEpochSeconds(t *testing.T) {
	for ms, want := range map[int64]string{1722519208000: "1722519208", 1722519208123: "1722519208.123", -1500: "-1.5"} {
		v := wire.TimeValue(time.UnixMilli(ms))
		if got := wire.FormatText(&wire.Shape{Kind: wire.Timestamp, Time: wire.TimeEpoch}, v, ""); got != want {
			t.Errorf("%d: got %s, want %s", ms, got, want)
		}
	}
}

// Rules: WI-46
func TestPutWritesEveryKindOfScalar(t *testing.T) {
	s := &wire.Shape{Kind: wire.Structure, Members: []wire.Member{
		{Name: "A", Shape: &wire.Shape{Kind: wire.String}},
		{Name: "B", Shape: &wire.Shape{Kind: wire.Blob}},
		{Name: "C", Shape: &wire.Shape{Kind: wire.Boolean}},
		{Name: "D", Shape: &wire.Shape{Kind: wire.Integer}},
		{Name: "E", Shape: &wire.Shape{Kind: wire.Long}},
		{Name: "F", Shape: &wire.Shape{Kind: wire.Float}},
		{Name: "G", Shape: &wire.Shape{Kind: wire.Timestamp}},
	}}
	j := wire.NewJSON(wire.JSONForm{})
	j.Open(s)
	wire.PutString(j, 0, "a")
	wire.PutBlob(j, 1, []byte("b"))
	wire.PutBool(j, 2, true)
	wire.PutInt32(j, 3, -3)
	wire.PutInt64(j, 4, 1<<40)
	wire.PutFloat(j, 5, 2.5)
	wire.PutTime(j, 6, time.Unix(7, 0))
	j.Close()
	if got, want := string(j.Bytes()), `{"A":"a","B":"Yg==","C":true,"D":-3,"E":1099511627776,"F":2.5,"G":7}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Rules: RE-20
func TestAppendJSONString(t *testing.T) {
	got := string(wire.AppendJSONString(nil, "a\"\\\n\x01\x7f<é\u2028\xff"))
	if diff := cmp.Diff("\"a\\\"\\\\\\n\\u0001\\u007f<é\\u2028\uFFFD\"", got); diff != "" {
		t.Error(diff)
	}
}
