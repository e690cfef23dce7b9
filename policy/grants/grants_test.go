package grants_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/grants"
)

func document(t *testing.T, statements string) *policy.Document {
	t.Helper()
	d, err := policy.Parse(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Which services are granted, one after the other; "all" stands for all of the
// catalog and "-x" for all of them but x.
//
// Rules: IA-58
func TestServices(t *testing.T) {
	t.Parallel()
	allow := func(action string) string { return `{"Effect":"Allow","Action":` + action + `,"Resource":"*"}` }
	deny := func(action string) string { return `{"Effect":"Deny","Action":` + action + `,"Resource":"*"}` }
	for _, test := range []struct{ name, statements, want string }{
		{"literal", allow(`"s3:GetObject"`), "s3"},
		{"case", allow(`"S3:getobject"`), "s3"},
		{"literal that is no action", allow(`"s3:GetNothing"`), ""},
		{"wildcard", allow(`["iam:Get*","s3:*Object"]`), "iam s3"},
		{"wildcard that matches nothing", allow(`"s3:Fly*"`), ""},
		{"one character", allow(`"s?:*"`), "s3"},
		{"service that nobody has", allow(`"nobody:*"`), ""},
		{"a word", allow(`"s3"`), ""},
		{"everything", allow(`"*"`), "all"},
		{"everything with a colon", allow(`"*:*"`), "all"},
		{"a prefix of services", allow(`"organi*:*"`), "organizations"},
		{"NotAction of one", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, "-iam"},
		{"NotAction of a part", `{"Effect":"Allow","NotAction":["iam:Get*"],"Resource":"*"}`, "all"},
		{"NotAction of all", `{"Effect":"Allow","NotAction":"*","Resource":"*"}`, ""},
		{"NotAction of all actions, in two", `{"Effect":"Allow","NotAction":["sts:A*","sts:*"],"Resource":"*"}`, "-sts"},
		{"denied", allow(`["s3:*","iam:*"]`) + "," + deny(`"s3:*"`), "iam"},
		{"denied in part", allow(`"s3:*"`) + "," + deny(`"s3:Get*"`), "s3"},
		{"denied all that is allowed", allow(`"s3:GetObject"`) + "," + deny(`"s3:Get*"`), ""},
		{"denied all others", allow(`"*"`) + `,{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}`, "s3"},
		{"denied on one resource", allow(`"s3:*"`) + `,{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b"}`, "s3"},
		{"denied under a condition", allow(`"s3:*"`) + `,{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`, "s3"},
		{"allowed under a condition", `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`, "s3"},
	} {
		all := slices.Collect(catalog.Services())
		want := strings.Fields(test.want)
		switch {
		case test.want == "all":
			want = all
		case strings.HasPrefix(test.want, "-"):
			want = slices.DeleteFunc(all, func(s string) bool { return s == test.want[1:] })
		}
		got := slices.Collect(grants.Of([]*policy.Document{document(t, test.statements)}).Services())
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d services %.200v, want %d", test.name, len(got), got, len(want))
		}
	}
}

// On several levels each must allow an action, and the same one.
//
// Rules: IA-58
func TestLevels(t *testing.T) {
	t.Parallel()
	allow := func(action string) []*policy.Document {
		return []*policy.Document{document(t, `{"Effect":"Allow","Action":"`+action+`","Resource":"*"}`)}
	}
	for _, test := range []struct {
		name   string
		levels [][]*policy.Document
		want   bool
	}{
		{"no policies count", nil, true},
		{"a level without policies", [][]*policy.Document{allow("*"), nil}, false},
		{"a policy that cannot be read", [][]*policy.Document{{nil}}, false},
		{"both", [][]*policy.Document{allow("*"), allow("s3:*")}, true},
		{"neither the same", [][]*policy.Document{allow("s3:Get*"), allow("s3:Put*")}, false},
		{"the same in part", [][]*policy.Document{allow("s3:Get*"), allow("s3:*Object")}, true},
		{"another", [][]*policy.Document{allow("*"), allow("iam:*")}, false},
	} {
		if got := grants.Of(test.levels...).Service("s3"); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
