package store

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// parts draws the parts of a key, among them those that would break a naive one.
func parts() *rapid.Generator[[]string] {
	return rapid.SliceOfN(rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"", "/", "//", "%", "%2F", "%2f", "\x00", "dev", "developer", "dev/eloper", "a\nb", "\xff", "é", "K"}),
	), 1, 4)
}

func escaped(part string) string {
	var b strings.Builder
	escape(&b, part)
	return b.String()
}

// Rules: TH-55
func TestUnescapeUndoesEscape(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		for _, part := range parts().Draw(rt, "parts") {
			e := escaped(part)
			if strings.ContainsAny(e, "/\x00\n") {
				rt.Errorf("%q is escaped as %q", part, e)
			}
			if got := unescape(e); got != part {
				rt.Errorf("%q comes back as %q", part, got)
			}
		}
	})
}

// Rules: TH-55
func TestKeysOfDifferentPartsDiffer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		a, b := parts().Draw(rt, "a"), parts().Draw(rt, "b")
		if same := slices.Equal(a, b); (join(a...) == join(b...)) != same {
			rt.Errorf("%q and %q: keys %q and %q", a, b, join(a...), join(b...))
		}
		if got := join(a...).last(); got != a[len(a)-1] {
			rt.Errorf("the last part of %q is %q", a, got)
		}
	})
}

// Rules: TH-55
func TestAPrefixHoldsItsOwnPartsOnly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p, k := parts().Draw(rt, "prefix"), parts().Draw(rt, "key")
		below := len(k) > len(p) && slices.Equal(k[:len(p)], p)
		if got := strings.HasPrefix(string(join(k...)), string(under(p...))); got != below {
			rt.Errorf("key %q under prefix %q: %v", join(k...), under(p...), got)
		}
	})
}

// Rules: TH-55
func TestRecordsOfOneAccountLieUnderItAlone(t *testing.T) {
	t.Parallel()
	for _, k := range []key{
		userKey("111122223333", "/444455556666/user/x"), roleKey("111122223333", "../role"), inAccount("111122223333", "x", "y"),
	} {
		if got := ownerOf(string(k)); got != "account/111122223333" {
			t.Errorf("%s belongs to %q", k, got)
		}
	}
	for _, k := range []key{accountKey("111122223333"), aliasKey("account/1"), idKey("AIDA"), bucketKey("account")} {
		if got := ownerOf(string(k)); got != "" {
			t.Errorf("%s belongs to %q", k, got)
		}
	}
	if got := ownerOf(string(inOrganization("o-1", "child", "r-1", "a"))); got != "organization/o-1" {
		t.Errorf("it belongs to %q", got)
	}
}

func TestUnescapeLeavesWhatEscapeDidNotWrite(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"%", "%2", "%zz", "a%2", "%2f"} {
		if got := unescape(s); got != s {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}
