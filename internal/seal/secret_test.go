package seal_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/seal"
)

const canary = "CANARYwJalrXUtnFEMI"

// leaks reports whether text has the canary in it, in any of the ways that fmt writes bytes.
func leaks(text string) bool {
	list := strings.Trim(fmt.Sprint([]byte(canary)), "[]") //nolint:staticcheck // the list of numbers is what is wanted
	lower := strings.ToLower(text)
	for _, form := range []string{
		canary,
		fmt.Sprintf("%x", canary),
		fmt.Sprintf("% x", canary),
		strings.Trim(fmt.Sprintf("%#v", []byte(canary)), "[]byte{}"),
		list,
		fmt.Sprintf("%U", []rune(canary)),
	} {
		if strings.Contains(lower, strings.ToLower(form)) {
			return true
		}
	}
	return false
}

type holder struct {
	Exported   seal.Secret
	unexported seal.Secret
	pointer    *seal.Secret
	list       []seal.Secret
	dict       map[string]seal.Secret
	any        any
}

func canaries(t *testing.T) map[string]any {
	t.Helper()
	s := seal.NewSecret(canary)
	h := holder{
		Exported: s, unexported: s, pointer: &s, list: []seal.Secret{s},
		dict: map[string]seal.Secret{"k": s}, any: s,
	}
	return map[string]any{
		"secret": s, "pointer": &s, "from bytes": seal.NewSecret([]byte(canary)), "holder": h, "pointer to holder": &h,
		"slice": []seal.Secret{s}, "map": map[string]seal.Secret{"k": s}, "any": []any{s, &s, h},
		"nested": struct{ inner, outer any }{h, []holder{h}},
	}
}

// Rules: TH-54
func TestNoVerbPrintsASecret(t *testing.T) {
	for name, value := range canaries(t) {
		for verb := 'A'; verb <= 'z'; verb++ {
			for _, flags := range []string{"", "+", "#", "-", " ", "0", "#+", "200", ".200", "# "} {
				format := "%" + flags + string(verb)
				if got := fmt.Sprintf(format, value); leaks(got) {
					t.Fatalf("%s under %q prints %s", name, format, got)
				}
			}
		}
		if got := fmt.Sprintln(value) + fmt.Sprint(value); leaks(got) {
			t.Errorf("%s prints %s", name, got)
		}
		if got := fmt.Errorf("wrapped: %w %v", errors.New("x"), value).Error(); leaks(got) {
			t.Errorf("%s in an error prints %s", name, got)
		}
	}
	s := seal.NewSecret(canary)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(format, s); got != "[sealed]" {
			t.Errorf("%s = %s, want [sealed]", format, got)
		}
	}
	if s.String() != "[sealed]" || s.GoString() != "[sealed]" {
		t.Errorf("String = %s, GoString = %s", s, s.GoString())
	}
}

// The canary test can only tell something if it sees what is not hidden.
func TestTheCanaryIsSeenWhereNothingHidesIt(t *testing.T) {
	type bare struct{ s []byte }
	for _, got := range []string{
		fmt.Sprintf("%v", bare{[]byte(canary)}), fmt.Sprintf("%#v", bare{[]byte(canary)}), fmt.Sprintf("%x", canary),
		fmt.Sprintf("%s", bare{[]byte(canary)}),
	} {
		if !leaks(got) {
			t.Errorf("no leak seen in %s", got)
		}
	}
}

// Rules: TH-54
func TestNoLogPrintsASecret(t *testing.T) {
	var out bytes.Buffer
	for _, handler := range []slog.Handler{
		slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil),
	} {
		logger := slog.New(handler)
		for name, value := range canaries(t) {
			logger.Info("x", name, value, slog.Group("g", slog.Any("v", value)))
			logger.With("v", value).WithGroup("h").Info("y", slog.Any("w", slog.AnyValue(value)))
		}
	}
	if leaks(out.String()) {
		t.Errorf("the log has the secret: %s", out.String())
	}
	if !strings.Contains(out.String(), "[sealed]") {
		t.Error("the log does not say [sealed]")
	}
}

// Rules: TH-54
func TestNoEncoderTakesASecret(t *testing.T) {
	s := seal.NewSecret(canary)
	type exported struct{ S seal.Secret }
	if out, err := json.Marshal(exported{s}); !errors.Is(err, seal.ErrMarshal) {
		t.Errorf("json = %s, %v", out, err)
	}
	if out, err := json.Marshal(map[string]any{"s": &s}); !errors.Is(err, seal.ErrMarshal) {
		t.Errorf("json of a pointer = %s, %v", out, err)
	}
	if out, err := xml.Marshal(exported{s}); !errors.Is(err, seal.ErrMarshal) {
		t.Errorf("xml = %s, %v", out, err)
	}
	var out bytes.Buffer
	if err := gob.NewEncoder(&out).Encode(exported{s}); !errors.Is(err, seal.ErrMarshal) || leaks(out.String()) {
		t.Errorf("gob = %q, %v", out.String(), err)
	}
	if _, err := s.MarshalText(); !errors.Is(err, seal.ErrMarshal) {
		t.Errorf("text: %v", err)
	}
	var in exported
	if err := json.Unmarshal([]byte(`{"S":"x"}`), &in); !errors.Is(err, seal.ErrMarshal) {
		t.Errorf("unmarshal: %v, want an error and not an empty secret", err)
	}
	if err := json.Unmarshal([]byte(`{"S":{}}`), &in); !errors.Is(err, seal.ErrMarshal) {
		t.Errorf("unmarshal of an object: %v", err)
	}
}

// Rules: TH-54
func TestADiffDoesNotShowSecrets(t *testing.T) {
	type record struct{ S seal.Secret }
	one, same, two := record{seal.NewSecret(canary)}, record{seal.NewSecret(canary)}, record{seal.NewSecret(canary + "x")}
	if diff := cmp.Diff(one, same); diff != "" {
		t.Errorf("equal secrets differ: %s", diff)
	}
	if diff := cmp.Diff(one, two); diff == "" || leaks(diff) {
		t.Errorf("diff = %s", diff)
	}
}

func TestSecretGivesBackWhatItWasGiven(t *testing.T) {
	b := []byte(canary)
	s := seal.NewSecret(b)
	b[0] = 'x'
	if s.Reveal() != canary {
		t.Errorf("Reveal = %q: it shares the caller's bytes", s.Reveal())
	}
	var zero seal.Secret
	if zero.Reveal() != "" || !zero.IsZero() || s.IsZero() || !zero.Equal(seal.NewSecret("")) || zero.Equal(s) {
		t.Errorf("the zero secret is %q", zero.Reveal())
	}
	if !s.Equal(seal.NewSecret(canary)) || s.Equal(seal.NewSecret(canary[1:])) {
		t.Error("Equal is wrong")
	}
}

// Rules: TH-54
func TestKeysDoNotPrint(t *testing.T) {
	m := seal.NewMaster()
	ring, err := seal.NewRing(m, "i-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Seal(seal.Marker, "", nil); err != nil { // so that there is a cipher to print
		t.Fatal(err)
	}
	text := m.Encode().Reveal()
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "master", m, "ring", ring)
	held := struct {
		m seal.Master
		r *seal.Ring
	}{m, ring}
	for _, got := range []string{fmt.Sprintf("%v %+v %#v %s", m, m, m, m), fmt.Sprintf("%#v %+v", held, held), log.String()} {
		if strings.Contains(got, text) || strings.Contains(got, "0x1, 0x") {
			t.Errorf("printed: %s", got)
		}
	}
	if got := fmt.Sprintf("%#v", ring); got != "key ring of i-1, epoch 0, 1 keys" {
		t.Errorf("a ring prints as %s", got)
	}
	if got := fmt.Sprintf("%#v", m); got != "[sealed]" {
		t.Errorf("a master key prints as %s", got)
	}
}
