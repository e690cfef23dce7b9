package arn_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/regent-iam/regent/arn"
)

// Rules: TH-36
func TestParseKeepsEveryPart(t *testing.T) {
	tests := []struct {
		text string
		want arn.ARN
	}{
		{"arn:aws:iam::111122223333:role/dev/x", arn.ARN{"aws", "iam", "", "111122223333", "role/dev/x"}},
		{"arn:aws:s3:::b/x:y", arn.ARN{"aws", "s3", "", "", "b/x:y"}},
		{"arn:aws-cn:sts:cn-north-1:111122223333:assumed-role/r/s", arn.ARN{"aws-cn", "sts", "cn-north-1", "111122223333", "assumed-role/r/s"}},
		{"arn:aws:iam::aws:policy/ReadOnlyAccess", arn.ARN{"aws", "iam", "", "aws", "policy/ReadOnlyAccess"}},
	}
	for _, test := range tests {
		got, err := arn.Parse(test.text)
		if err != nil || got != test.want {
			t.Errorf("Parse(%q) = %v, %v; want %v", test.text, got, err, test.want)
		}
		if got.String() != test.text {
			t.Errorf("%q prints as %q", test.text, got.String())
		}
	}
	for _, bad := range []string{
		"", "*", "arn", "arn:aws:s3:::", "arn::s3:::b", "arn:aws::::b", "aws:arn:s3:::b", "arn:aws:iam::1111:role/x",
		"arn:aws:iam::*:role/x", " arn:aws:s3:::b", "ARN:aws:s3:::b", "arn:aws:iam::11112222333x:role/x", "arn:aws:s3:b",
	} {
		if got, err := arn.Parse(bad); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", bad, got)
		} else if e, ok := errors.AsType[*arn.ParseError](err); !ok || e.Text != bad {
			t.Errorf("Parse(%q) fails with %v, want a ParseError of the text", bad, err)
		}
	}
}

func TestKindCutsAtTheFirstSlash(t *testing.T) {
	for _, test := range []struct{ resource, kind, rest string }{
		{"role/dev/x", "role", "dev/x"}, {"root", "root", ""}, {"assumed-role/r/s", "assumed-role", "r/s"},
	} {
		kind, rest := arn.ARN{Resource: test.resource}.Kind()
		if kind != test.kind || rest != test.rest {
			t.Errorf("%q: %q, %q", test.resource, kind, rest)
		}
	}
	if got := arn.AccountIn(arn.Root("aws", "111122223333")); got != "111122223333" {
		t.Errorf("account in the root ARN: %q", got)
	}
	if got := arn.AccountIn("a:b:c:d:111122223333:f"); got != "" {
		t.Errorf("account in a text that is no ARN: %q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("arn:aws:iam::111122223333:role/dev/x")
	f.Add("arn:aws:s3:::b:c:d")
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := arn.Parse(text); err == nil && a.String() != text {
			t.Errorf("%q prints as %q", text, a.String())
		}
	})
}

// Rules: ST-13 TV-8
func TestAccountOfReadsWhatAWSMinted(t *testing.T) {
	if got, ok := arn.AccountOf("ASIAQNZGKIQY56JQ7WML"); !ok || got != "029608264753" {
		t.Errorf("account %q, %v", got, ok)
	}
	for _, bad := range []string{
		"", "AKIA", "AKIAAAAAAAAAAAAAAAAA", "ASIAQNZGKIQY56JQ7WM", "asiaqnzgkiqy56jq7wml", "ASIAQNZGKIQY56JQ7WM1",
		"ASIAQNZGKIQY56JQ7WMLAA", "SSIAQNZGKIQY56JQ7WML", "AKIA777777777777ZZZZ",
	} {
		if got, ok := arn.AccountOf(bad); ok {
			t.Errorf("AccountOf(%q) = %q", bad, got)
		}
	}
}

// Rules: ST-13 IA-2
func TestNewIDCarriesItsAccount(t *testing.T) {
	prefixes := map[string]int{
		arn.UserID: 21, arn.RoleID: 21, arn.GroupID: 21, arn.ManagedPolicyID: 21, arn.InstanceProfileID: 21,
		arn.ServerCertID: 21, arn.PolicyVersionID: 21, arn.PublicKeyID: 21, arn.ServiceCredential: 21,
		arn.AccessKeyID: 20, arn.TemporaryKeyID: 20,
	}
	rapid.Check(t, func(t *rapid.T) {
		account := rapid.StringMatching(`[0-9]{12}`).Draw(t, "account")
		for prefix, length := range prefixes {
			id, err := arn.NewID(prefix, account, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			if len(id) != length || !strings.HasPrefix(id, prefix) {
				t.Fatalf("%q: want %s and %d characters", id, prefix, length)
			}
			if got, ok := arn.AccountOf(id); !ok || got != account {
				t.Fatalf("%q carries %q, want %q", id, got, account)
			}
		}
	})
	for _, bad := range [][2]string{{"aida", "111122223333"}, {"AIDAX", "111122223333"}, {"AIDA", "1111"}, {"AIDA", ""}} {
		if _, err := arn.NewID(bad[0], bad[1], rand.Reader); !errors.Is(err, arn.ErrID) {
			t.Errorf("NewID(%q, %q): %v, want ErrID", bad[0], bad[1], err)
		}
	}
	broken := errors.New("no entropy")
	if _, err := arn.NewID(arn.UserID, "111122223333", iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a broken source: %v", err)
	}
	if _, err := arn.NewID(arn.UserID, "111122223333", bytes.NewReader(make([]byte, 3))); err == nil {
		t.Error("a source that runs dry gave an id")
	}
}

// Rules: TH-35
func TestFoldIsOneSpelling(t *testing.T) {
	groups := [][]string{
		{"s", "S", "ſ"},
		{"k", "K", "\u212a"},
		{"µ", "Μ", "μ"},
		{"ß", "ẞ"},
		{"aws:principaltag/straſſe", "AWS:PrincipalTag/STRASSE"},
		{"σ", "ς", "Σ"},
		{"Ω", "ω", "\u2126"},
	}
	for _, group := range groups {
		want := arn.Fold(group[0])
		for _, text := range group[1:] {
			if got := arn.Fold(text); got != want {
				t.Errorf("Fold(%q) = %q, Fold(%q) = %q", text, got, group[0], want)
			}
			if !arn.EqualFold(text, group[0]) {
				t.Errorf("%q and %q differ", text, group[0])
			}
		}
	}
	if diff := cmp.Diff("s", arn.Fold("ſ")); diff != "" {
		t.Error(diff)
	}
	if arn.EqualFold("i", "ı") || arn.EqualFold("a", "ab") || arn.EqualFold("\xff", "\xfe") {
		t.Error("different names are equal")
	}
}

// Rules: TH-35
func TestFoldAgreesWithUnicode(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		folded := arn.FoldRune(r)
		if arn.FoldRune(folded) != folded {
			t.Fatalf("%U folds to %U, which folds on", r, folded)
		}
		if next := unicode.SimpleFold(r); arn.FoldRune(next) != folded {
			t.Fatalf("%U and %U are one letter and fold apart", r, next)
		}
	}
}

func TestFoldOfFoldedTextDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _ = arn.Fold("aws:principaltag/teäm") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzFold(f *testing.F) {
	f.Add("aws:PrincipalTag/ſ", "AWS:principaltag/S")
	f.Add("\xff", "\xff")
	f.Fuzz(func(t *testing.T, a, b string) {
		if arn.Fold(arn.Fold(a)) != arn.Fold(a) {
			t.Errorf("Fold(%q) folds on", a)
		}
		if got, want := arn.EqualFold(a, b), arn.Fold(a) == arn.Fold(b); got != want {
			t.Errorf("EqualFold(%q, %q) = %v, want %v", a, b, got, want)
		}
	})
}
