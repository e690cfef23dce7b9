package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/seal"
)

func newRing(t testing.TB, m seal.Master, instance seal.InstanceID) *seal.Ring {
	t.Helper()
	r, err := seal.NewRing(m, instance)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func rotate(t testing.TB, r *seal.Ring) *seal.Ring {
	t.Helper()
	next, err := r.Rotate(r.Since())
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func reopen(t testing.TB, m seal.Master, r *seal.Ring) *seal.Ring {
	t.Helper()
	record, err := r.Record()
	if err != nil {
		t.Fatal(err)
	}
	again, err := seal.OpenRing(m, record)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func mustSeal(t testing.TB, r *seal.Ring, p seal.Purpose, context, plaintext string) []byte {
	t.Helper()
	box, err := r.Seal(p, context, []byte(plaintext))
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func wantOpen(t *testing.T, r *seal.Ring, p seal.Purpose, context string, box []byte, want string) {
	t.Helper()
	if got, err := r.Open(p, context, box); err != nil || string(got) != want {
		t.Errorf("opening a %s of %q = %q, %v, want %q", p, context, got, err, want)
	}
}

func wantShut(t *testing.T, r *seal.Ring, p seal.Purpose, context string, box []byte) {
	t.Helper()
	if got, err := r.Open(p, context, box); !errors.Is(err, seal.ErrOpen) || got != nil {
		t.Errorf("opening a %s of %q = %q, %v, want ErrOpen", p, context, got, err)
	}
}

func allPurposes() []seal.Purpose {
	var all []seal.Purpose
	for p := seal.Purpose(1); p.String() != seal.Purpose(0).String(); p++ {
		all = append(all, p)
	}
	return all
}

// Everything that can differ between two seals (purpose, context, instance under the very same data key, data
// key) is tried against everything else: only the diagonal opens.
//
// Rules: TH-44 TH-111
func TestOnlyWhatWasSealedForThisPlaceOpens(t *testing.T) {
	m := seal.NewMaster()
	one := newRing(t, m, "i-1")
	renewed, err := one.Renew("i-2")
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		ring    int
		purpose seal.Purpose
		context string
	}
	rings := []*seal.Ring{one, renewed, newRing(t, m, "i-1"), newRing(t, seal.NewMaster(), "i-1")}
	contexts := []string{"", "/account/1/user/a", "/account/1/user/b", "/account/1/user/a\x00"}
	boxes := map[place][]byte{}
	for i, r := range rings {
		for _, p := range allPurposes() {
			for _, c := range contexts {
				boxes[place{i, p, c}] = mustSeal(t, r, p, c, "text")
			}
		}
	}
	if len(allPurposes()) < 10 {
		t.Fatalf("%d purposes", len(allPurposes()))
	}
	opened := 0
	for to := range boxes {
		for from, box := range boxes {
			got, err := rings[to.ring].Open(to.purpose, to.context, box)
			want := from == to
			// The renewed ring has the first one's data key, for what is at rest.
			if from.ring == 0 && to.ring == 1 && from.purpose == to.purpose && from.context == to.context {
				want = to.purpose.Lasting()
			}
			if (err == nil) != want || (want && string(got) != "text") {
				t.Errorf("%v opens as %v: %q, %v", from, to, got, err)
			}
			if want {
				opened++
			}
		}
	}
	if opened < len(boxes) {
		t.Errorf("only %d of %d opened", opened, len(boxes))
	}
}

// Rules: TH-44
func TestAChangedBoxDoesNotOpen(t *testing.T) {
	r := newRing(t, seal.NewMaster(), "i-1")
	box := mustSeal(t, r, seal.SessionToken, "c", "a token")
	for i := range box {
		for bit := range 8 {
			changed := bytes.Clone(box)
			changed[i] ^= 1 << bit
			wantShut(t, r, seal.SessionToken, "c", changed)
		}
	}
	for n := range box {
		wantShut(t, r, seal.SessionToken, "c", box[:n])
	}
	wantShut(t, r, seal.SessionToken, "c", append(bytes.Clone(box), 0))
	wantShut(t, r, 0, "c", box)
	wantOpen(t, r, seal.SessionToken, "c", box, "a token")
	if _, err := r.Seal(0, "c", nil); !errors.Is(err, seal.ErrPurpose) {
		t.Errorf("sealing for nothing: %v", err)
	}
	if _, err := r.Seal(200, "c", nil); !errors.Is(err, seal.ErrPurpose) {
		t.Errorf("sealing for an unknown purpose: %v", err)
	}
}

// Rules: TH-45
func TestEverySealHasItsOwnNonce(t *testing.T) {
	r := newRing(t, seal.NewMaster(), "i-1")
	seen := map[string]bool{}
	for range 1000 {
		box := mustSeal(t, r, seal.Marker, "", "same")
		nonce := string(box[5:29]) // 192 bits
		if seen[nonce] {
			t.Fatal("a nonce came twice")
		}
		seen[nonce] = true
		if len(box) != len("same")+seal.Overhead {
			t.Fatalf("the box has %d bytes", len(box))
		}
	}
	if got := r.Seals(r.Current()); got != 1000 {
		t.Errorf("Seals = %d, want 1000", got)
	}
	if got := r.Seals(99); got != 0 {
		t.Errorf("Seals of no key = %d", got)
	}
}

func TestRotateKeepsWhatWasSealed(t *testing.T) {
	m := seal.NewMaster()
	old := newRing(t, m, "i-1")
	box := mustSeal(t, old, seal.SessionToken, "", "old")
	r := reopen(t, m, rotate(t, rotate(t, reopen(t, m, old))))
	if diff := cmp.Diff([]seal.KeyID{1, 2, 3}, r.Keys()); diff != "" {
		t.Error(diff)
	}
	wantOpen(t, r, seal.SessionToken, "", box, "old")
	fresh := mustSeal(t, r, seal.SessionToken, "", "new")
	if id, err := r.KeyOf(fresh); err != nil || id != 3 {
		t.Errorf("sealed with %d, %v, want the newest", id, err)
	}
	if !r.Stale(box) || r.Stale(fresh) || !r.Stale(nil) {
		t.Error("Stale is wrong")
	}
	wantShut(t, old, seal.SessionToken, "", fresh)

	retired, err := r.Retire(1)
	if err != nil {
		t.Fatal(err)
	}
	retired = reopen(t, m, retired)
	wantShut(t, retired, seal.SessionToken, "", box)
	wantOpen(t, retired, seal.SessionToken, "", fresh, "new")
	for _, id := range []seal.KeyID{1, 3, 9} {
		if _, err := retired.Retire(id); !errors.Is(err, seal.ErrKey) {
			t.Errorf("retiring %d: %v, want ErrKey", id, err)
		}
	}
	wantOpen(t, r, seal.SessionToken, "", box, "old") // rings do not change
}

// A copy of the store that is brought up elsewhere has a new instance id: what the original handed out is
// nothing there, what lies at rest in it still opens, and the original does not open what the copy hands out.
//
// Rules: TH-46
func TestARestoredCopyRefusesWhatTheOriginalHandedOut(t *testing.T) {
	m := seal.NewMaster()
	original := rotate(t, newRing(t, m, seal.NewInstanceID()))
	token := mustSeal(t, original, seal.SessionToken, "", "who")
	atRest := mustSeal(t, original, seal.AccessKey, "/key/AKIA", "secret")
	secret, err := original.Derive(seal.SessionToken, 2, []byte("nonce"), 40)
	if err != nil {
		t.Fatal(err)
	}

	restored, err := reopen(t, m, original).Renew(seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	restored = reopen(t, m, restored)
	wantShut(t, restored, seal.SessionToken, "", token)
	wantOpen(t, restored, seal.AccessKey, "/key/AKIA", atRest, "secret")
	if got, err := restored.Derive(seal.SessionToken, 2, []byte("nonce"), 40); !errors.Is(err, seal.ErrKey) {
		t.Errorf("deriving a session's secret = %d bytes, %v, want ErrKey", len(got), err)
	}
	if again, err := original.Derive(seal.SessionToken, 2, []byte("nonce"), 40); err != nil || !bytes.Equal(again, secret) {
		t.Errorf("the original derives %x, %v, want %x", again, err, secret)
	}
	wantShut(t, rotate(t, original), seal.SessionToken, "", mustSeal(t, restored, seal.SessionToken, "", "who"))
	wantOpen(t, original, seal.SessionToken, "", token, "who")
	if restored.Epoch() != original.Epoch()+1 {
		t.Errorf("epoch %d after %d", restored.Epoch(), original.Epoch())
	}
	for _, past := range []seal.InstanceID{"", original.Instance(), restored.Instance()} {
		if _, err := restored.Renew(past); !errors.Is(err, seal.ErrInstance) {
			t.Errorf("renewing as %q: %v, want ErrInstance", past, err)
		}
	}
}

func TestAWrongMasterKeyIsAnError(t *testing.T) {
	m := seal.NewMaster()
	r := newRing(t, m, "i-1")
	box := mustSeal(t, r, seal.AccessKey, "", "x")
	record, err := r.Record()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenRing(seal.NewMaster(), record); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("another key: %v, want ErrWrongKey", err)
	}
	if _, err := seal.OpenRing(seal.Master{}, record); !errors.Is(err, seal.ErrMaster) {
		t.Errorf("no key: %v, want ErrMaster", err)
	}
	if _, err := seal.NewRing(seal.Master{}, "i-1"); !errors.Is(err, seal.ErrMaster) {
		t.Errorf("a ring under no key: %v, want ErrMaster", err)
	}
	if _, err := seal.NewRing(m, ""); !errors.Is(err, seal.ErrInstance) {
		t.Errorf("a ring of no instance: %v, want ErrInstance", err)
	}
	if _, err := r.Rewrap(seal.Master{}); !errors.Is(err, seal.ErrMaster) {
		t.Errorf("rewrapping under no key: %v, want ErrMaster", err)
	}

	other := seal.NewMaster()
	rewrapped, err := r.Rewrap(other)
	if err != nil {
		t.Fatal(err)
	}
	wantOpen(t, reopen(t, other, rewrapped), seal.AccessKey, "", box, "x")
	record, err = rewrapped.Record()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenRing(m, record); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("the old key: %v, want ErrWrongKey", err)
	}
}

// Who can write to the database can not take a key out, put an old one back, or change what one is for.
//
// Rules: TH-111
func TestAChangedRecordIsAnError(t *testing.T) {
	m := seal.NewMaster()
	r := rotate(t, newRing(t, m, "i-1"))
	record, err := r.Record()
	if err != nil {
		t.Fatal(err)
	}
	older, err := newRing(t, m, "i-0").Record()
	if err != nil {
		t.Fatal(err)
	}
	key := func(rec map[string]any, i int) map[string]any { return rec["keys"].([]any)[i].(map[string]any) }
	for name, change := range map[string]func(rec map[string]any){
		"version":      func(rec map[string]any) { rec["version"] = 2 },
		"instance":     func(rec map[string]any) { rec["instance"] = "i-2" },
		"epoch":        func(rec map[string]any) { rec["epoch"] = 7 },
		"key instance": func(rec map[string]any) { key(rec, 0)["instance"] = "i-2" },
		"key id":       func(rec map[string]any) { key(rec, 0)["id"] = 9 },
		"key out":      func(rec map[string]any) { rec["keys"] = rec["keys"].([]any)[:1] },
		"no keys":      func(rec map[string]any) { delete(rec, "keys") },
		"swapped": func(rec map[string]any) {
			key(rec, 0)["sealed"], key(rec, 1)["sealed"] = key(rec, 1)["sealed"], key(rec, 0)["sealed"]
		},
		"no mac":  func(rec map[string]any) { delete(rec, "mac") },
		"unknown": func(rec map[string]any) { rec["extra"] = true },
	} {
		var rec map[string]any
		if err := json.Unmarshal(record, &rec); err != nil {
			t.Fatal(err)
		}
		change(rec)
		changed, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.OpenRing(m, changed); !errors.Is(err, seal.ErrRecord) {
			t.Errorf("%s changed: %v, want ErrRecord", name, err)
		}
	}
	for _, bad := range [][]byte{nil, []byte("{}"), []byte("null"), record[1:], append(bytes.Clone(record), "{}"...)} {
		if _, err := seal.OpenRing(m, bad); !errors.Is(err, seal.ErrRecord) {
			t.Errorf("%.20q: %v, want ErrRecord", bad, err)
		}
	}
	if _, err := seal.OpenRing(m, older); err != nil { // what a MAC cannot see: all of an old record
		t.Error(err)
	}
}

// Rules: TH-43 TH-44
func TestDeriveDependsOnEverything(t *testing.T) {
	m := seal.NewMaster()
	r := rotate(t, newRing(t, m, "i-1"))
	seen := map[string]string{}
	for _, ring := range []*seal.Ring{r, rotate(t, newRing(t, m, "i-1"))} {
		for _, p := range allPurposes() {
			for _, id := range []seal.KeyID{1, 2} {
				for _, info := range []string{"", "ASIA1 nonce a", "ASIA1 nonce b"} {
					got, err := ring.Derive(p, id, []byte(info), 40)
					if err != nil || len(got) != 40 {
						t.Fatalf("%d bytes, %v", len(got), err)
					}
					what := fmt.Sprintf("%p %s %d %q", ring, p, id, info)
					if other, ok := seen[string(got)]; ok {
						t.Errorf("%s and %s derive the same", what, other)
					}
					seen[string(got)] = what
				}
			}
		}
	}
	one, err := r.Derive(seal.SessionToken, 2, []byte("x"), 40)
	if err != nil {
		t.Fatal(err)
	}
	two, err := reopen(t, m, rotate(t, r)).Derive(seal.SessionToken, 2, []byte("x"), 40)
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("derived %x and after reopening %x, %v", one, two, err)
	}
	for _, n := range []int{-1, 0, 8161} {
		if _, err := r.Derive(seal.SessionToken, 1, nil, n); err == nil {
			t.Errorf("%d bytes were derived", n)
		}
	}
	if _, err := r.Derive(seal.SessionToken, 3, nil, 1); !errors.Is(err, seal.ErrKey) {
		t.Errorf("from no key: %v, want ErrKey", err)
	}
	if _, err := r.Derive(0, 1, nil, 1); err == nil {
		t.Error("derived for nothing")
	}
}

func TestATextHasOneSpelling(t *testing.T) {
	r := newRing(t, seal.NewMaster(), "i-1")
	for n := range 5 { // each length of the last group of base64
		text, err := r.SealString(seal.Marker, "ListUsers", bytes.Repeat([]byte("k"), n))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.OpenString(seal.Marker, "ListUsers", text); err != nil || len(got) != n {
			t.Errorf("OpenString = %q, %v", got, err)
		}
		for _, other := range []string{text + "=", text + "\n", text[:10] + "\r\n" + text[10:], " " + text, text + "A", text[:len(text)-1]} {
			if _, err := r.OpenString(seal.Marker, "ListUsers", other); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%q opens too: %v", other, err)
			}
		}
		if _, err := r.OpenString(seal.Marker, "ListRoles", text); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("a marker of another list: %v", err)
		}
	}
	if _, err := r.SealString(0, "", nil); !errors.Is(err, seal.ErrPurpose) {
		t.Errorf("for nothing: %v", err)
	}
	if strings.ContainsAny(base64.RawURLEncoding.EncodeToString([]byte{0xff, 0xfe}), "+/=") {
		t.Error("not safe in a URL")
	}
}

func TestARingServesManyAtOnce(t *testing.T) {
	m := seal.NewMaster()
	r := rotate(t, newRing(t, m, "i-1"))
	box := mustSeal(t, r, seal.SessionToken, "", "x")
	r = reopen(t, m, r) // nothing derived yet
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, p := range allPurposes() {
				b, err := r.Seal(p, "", []byte("y"))
				if err != nil {
					t.Error(err)
				}
				if got, err := r.Open(p, "", b); err != nil || string(got) != "y" {
					t.Errorf("%q, %v", got, err)
				}
				if _, err := r.Open(seal.SessionToken, "", box); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// Rules: TH-109
func TestMasterKeyFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	if _, err := seal.LoadMaster(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v, want fs.ErrNotExist", err)
	}
	m, err := seal.CreateMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if got, err := seal.LoadMaster(path); err != nil || !got.Equal(m) {
		t.Errorf("loaded another key: %v", err)
	}
	if _, err := seal.CreateMaster(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a key: %v, want fs.ErrExist", err)
	}
	if got, err := seal.LoadMaster(path); err != nil || !got.Equal(m) {
		t.Errorf("the key was changed: %v", err)
	}
	if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
		t.Errorf("beside the key: %v, %v, want nothing", names, err)
	}
	for mode, want := range map[fs.FileMode]error{
		0o644: seal.ErrExposed, 0o620: seal.ErrExposed, 0o602: seal.ErrExposed, 0o604: seal.ErrExposed, 0o777: seal.ErrExposed,
		0o640: nil, 0o440: nil, 0o400: nil, 0o700: nil,
	} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.LoadMaster(path); !errors.Is(err, want) {
			t.Errorf("mode %o: %v, want %v", mode, err, want)
		}
	}
}

func TestParseMasterTakesOnlyAKey(t *testing.T) {
	m := seal.NewMaster()
	text := m.Encode().Reveal()
	if got, err := seal.ParseMaster(" " + text + "\n"); err != nil || !got.Equal(m) {
		t.Errorf("own text: %v", err)
	}
	if m.Equal(seal.NewMaster()) {
		t.Error("two new keys are equal")
	}
	for _, bad := range []string{
		"", "x", text[:43], text + text, text[:40] + "!!!=", base64.StdEncoding.EncodeToString(make([]byte, 31)),
		base64.StdEncoding.EncodeToString(make([]byte, 33)), strings.Repeat("a", 32),
	} {
		if _, err := seal.ParseMaster(bad); !errors.Is(err, seal.ErrMaster) || (bad != "" && bad != "x" && strings.Contains(err.Error(), bad)) {
			t.Errorf("%q: %v, want ErrMaster", bad, err)
		}
	}
}

func TestInstanceIDsDiffer(t *testing.T) {
	one, two := seal.NewInstanceID(), seal.NewInstanceID()
	if one == two || len(one) != 32 {
		t.Errorf("%q and %q", one, two)
	}
}

func FuzzOpen(f *testing.F) {
	r := rotate(f, newRing(f, seal.NewMaster(), "i-1"))
	box := mustSeal(f, r, seal.SessionToken, "c", "text")
	f.Add([]byte{}, "")
	f.Add(box, "c")
	f.Add(box[:seal.Overhead], "c")
	f.Add(append([]byte{1, 0, 0, 0, 2}, make([]byte, 60)...), "c")
	f.Fuzz(func(t *testing.T, data []byte, context string) {
		mine := bytes.Equal(data, box) && context == "c"
		for _, p := range allPurposes() {
			got, err := r.Open(p, context, data)
			if (err == nil) != (mine && p == seal.SessionToken) {
				t.Fatalf("%s opened %x: %q, %v", p, data, got, err)
			}
		}
		_, _ = r.OpenString(seal.Marker, context, string(data))
		if _, err := seal.OpenRing(seal.NewMaster(), data); err == nil {
			t.Fatalf("%q is a ring", data)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	r := newRing(b, seal.NewMaster(), "i-1")
	text := make([]byte, 600)
	for b.Loop() {
		if _, err := r.Seal(seal.SessionToken, "token", text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	r := newRing(b, seal.NewMaster(), "i-1")
	box := mustSeal(b, r, seal.SessionToken, "token", strings.Repeat("x", 600))
	for b.Loop() {
		if _, err := r.Open(seal.SessionToken, "token", box); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDerive(b *testing.B) {
	r := newRing(b, seal.NewMaster(), "i-1")
	info := make([]byte, 600)
	for b.Loop() {
		if _, err := r.Derive(seal.SessionToken, 1, info, 30); err != nil {
			b.Fatal(err)
		}
	}
}
