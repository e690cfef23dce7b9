package dump_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/dump"
)

func TestDocumentsComeInThreeForms(t *testing.T) {
	t.Parallel()
	const plain = `{"Version":"2012-10-17","Statement":[]}`
	for name, form := range map[string]string{
		"object":          plain,
		"string":          `"{\"Version\":\"2012-10-17\",\"Statement\":[]}"`,
		"percent-encoded": `"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D"`,
	} {
		d, err := dump.Parse([]byte(`{"UserDetailList":[{"UserName":"a","CreateDate":1.5,"UserPolicyList":[{"PolicyName":"p","PolicyDocument":` + form + `}]}]}`))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := string(d.Users[0].Inline[0].Document); got != plain {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAnyTextIsWrittenAndReadAgain(t *testing.T) {
	t.Parallel()
	d := &dump.Dump{Users: []dump.User{{Name: "a", Inline: []dump.Inline{{Name: "p", Document: "not JSON <&>"}}}}}
	text, err := d.Text()
	if err != nil {
		t.Fatal(err)
	}
	again, err := dump.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d.Users[0].Inline, again.Users[0].Inline); diff != "" {
		t.Error(diff)
	}
}

func TestAccountsAreMappedWhereTheyNameOne(t *testing.T) {
	t.Parallel()
	m := dump.Accounts{"999900001111": "111122223333", "111122223333": "444455556666"}
	for in, want := range map[string]string{
		"999900001111":                                      "111122223333", // once: what it becomes is not mapped again
		`{"AWS":"999900001111"}`:                            `{"AWS":"111122223333"}`,
		`["arn:aws:iam::999900001111:user/a"]`:              `["arn:aws:iam::111122223333:user/a"]`,
		"arn:aws:iam::999900001111:role/*":                  "arn:aws:iam::111122223333:role/*",
		`"arn:aws:sqs:eu-west-1:999900001111:q"`:            `"arn:aws:sqs:eu-west-1:111122223333:q"`,
		`"arn:aws:s3:::logs-999900001111/*"`:                `"arn:aws:s3:::logs-999900001111/*"`,
		`"arn:aws:s3:::b/999900001111:x"`:                   `"arn:aws:s3:::b/999900001111:x"`,
		`"arn:aws:iam::888800001111:user/999900001111"`:     `"arn:aws:iam::888800001111:user/999900001111"`,
		`"1999900001111"`:                                   `"1999900001111"`,
		`"arn:aws:iam::1999900001111:user/a"`:               `"arn:aws:iam::1999900001111:user/a"`,
		"{\n\t\"aws:PrincipalAccount\" : \"999900001111\"}": "{\n\t\"aws:PrincipalAccount\" : \"111122223333\"}",
		"99990000111":                                       "99990000111",
		"":                                                  "",
	} {
		if got := m.Map(in); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
}

func TestSplitPutsFirstWhatOthersReferTo(t *testing.T) {
	t.Parallel()
	const whole = `{"UserDetailList":[{"UserName":"a"},{"UserName":"b"},{"UserName":"c"}],"IsTruncated":false,
		"RoleDetailList":[{"RoleName":"r"}],"GroupDetailList":[],"Policies":[{"PolicyName":"p"}]}`
	parts, err := dump.Split([]byte(whole), 60)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"Policies":[{"PolicyName":"p"}]}`,
		`{"UserDetailList":[{"UserName":"a"},{"UserName":"b"}]}`,
		`{"UserDetailList":[{"UserName":"c"}]}`,
		`{"RoleDetailList":[{"RoleName":"r"}]}`,
	}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Error(diff)
	}
	merged, err := dump.Merge(parts)
	if err != nil || len(merged.Users) != 3 || len(merged.Roles) != 1 || len(merged.Policies) != 1 {
		t.Errorf("%+v, %v", merged, err)
	}
	if _, err := dump.Split([]byte(whole), 30); !errors.Is(err, dump.ErrEntry) {
		t.Errorf("a part that holds no entry: %v", err)
	}
	for _, bad := range []string{"", "[]", `{"UserDetailList":{}}`} {
		if _, err := dump.Split([]byte(bad), 100); err == nil {
			t.Errorf("%q was split", bad)
		}
	}
}

func TestTheAccountIsThatOfTheFirstARN(t *testing.T) {
	t.Parallel()
	d, err := dump.Parse([]byte(`{"Policies":[{"Arn":"arn:aws:iam::aws:policy/P"}],"RoleDetailList":[{"Arn":"nonsense"},{"Arn":"arn:aws:iam::999900001111:role/r"}]}`))
	if err != nil || d.Account() != "999900001111" {
		t.Errorf("%q, %v", d.Account(), err)
	}
	if got := new(dump.Dump).Account(); strings.TrimSpace(got) != "" {
		t.Errorf("%q", got)
	}
}

func TestPlacesAreMappedWhereTheyAreWhole(t *testing.T) {
	t.Parallel()
	ids := map[string]string{"o-theirtheir1": "o-oursours11", "r-thei": "r-ours", "ou-thei-11111111": "ou-ours-22222222"}
	for in, want := range map[string]string{
		`"o-theirtheir1"`: `"o-oursours11"`,
		`["o-theirtheir1/r-thei/ou-thei-11111111/*"]`:                             `["o-oursours11/r-ours/ou-ours-22222222/*"]`,
		`"o-theirtheir1/r-thei/ou-thei-33333333/"`:                                `"o-oursours11/r-ours/ou-thei-33333333/"`,
		`"arn:aws:organizations::111122223333:ou/o-theirtheir1/ou-thei-11111111"`: `"arn:aws:organizations::111122223333:ou/o-oursours11/ou-ours-22222222"`,
		`"o-otherother1/r-else"`:                                                  `"o-otherother1/r-else"`,
		`"arn:aws:s3:::foo-o-theirtheir1"`:                                        `"arn:aws:s3:::foo-o-theirtheir1"`,
		`"arn:aws:s3:::r-thei/x"`:                                                 `"arn:aws:s3:::r-thei/x"`,
		"":                                                                        "",
	} {
		if got := dump.MapPlaces(in, ids); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
}
