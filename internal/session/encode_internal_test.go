package session

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// fill puts something that is not zero into v, whatever its type.
func fill(t *rapid.T, v reflect.Value, name string) {
	texts := rapid.OneOf(
		rapid.StringMatching(`[ -~]{1,12}`), rapid.StringMatching(`[A-Z0-9]{1,12}`), rapid.StringMatching(`arn:aws:iam::[0-9]{12}:role/[a-z]{1,8}`),
		rapid.SampledFrom([]string{`"`, `\`, "<", ">", "&", "\u2028", "\xff", "é", "\n", "\x7f", "'"}),
	)
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts.Draw(t, name))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint64:
		v.SetUint(rapid.Uint64Min(1).Draw(t, name))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(1, 3).Draw(t, name), 3))
		for i := range v.Len() {
			fill(t, v.Index(i), name)
		}
	case reflect.Uint8:
		v.SetUint(uint64(rapid.Byte().Draw(t, name)))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			at := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, name), rapid.SampledFrom([]int64{0, 5_000_000, 123_456_789}).Draw(t, name))
			v.Set(reflect.ValueOf(rapid.SampledFrom([]time.Time{at.UTC(), at.In(time.FixedZone("", 3600))}).Draw(t, name)))
			return
		}
		for i := range v.NumField() {
			if rapid.Bool().Draw(t, name) {
				fill(t, v.Field(i), v.Type().Field(i).Name)
			}
		}
	default:
		t.Fatalf("a %s in a session", v.Kind())
	}
}

// TestTheShortFormIsTheLongOne fills every member that a session has, alone and
// beside others: none is left out of a token, those of the future neither.
//
// Rules: TH-43
func TestTheShortFormIsTheLongOne(t *testing.T) {
	t.Parallel()
	members := reflect.TypeFor[Session]().NumField()
	short := 0
	for only := range members {
		t.Run(fmt.Sprint(reflect.TypeFor[Session]().Field(only).Name), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				s := Session{Kind: Role, Account: "111122223333", Issued: time.Unix(1, 0).UTC(), Expires: time.Unix(2, 0).UTC(), KeyID: "ASIA", Nonce: []byte{1}}
				fill(rt, reflect.ValueOf(&s).Elem().Field(only), "only")
				if rapid.Bool().Draw(rt, "others") {
					fill(rt, reflect.ValueOf(&s).Elem(), "others")
				}
				want, err := json.Marshal(&s)
				if err != nil {
					rt.Fatal(err)
				}
				got, err := encode(&s)
				if err != nil || string(got) != string(want) {
					rt.Fatalf("\n%s, want\n%s\n%v", got, want, err)
				}
				if _, ok := appendShort(nil, &s); ok {
					short++
				}
			})
		})
	}
	if short < members*20 {
		t.Errorf("%d sessions were written the short way", short)
	}
}
