package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/server"
)

// A moved is a clock that a test moves, also while no server runs.
type moved struct{ at atomic.Int64 }

func newMoved() *moved {
	m := &moved{}
	m.at.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	return m
}

func (m *moved) now() time.Time          { return time.Unix(0, m.at.Load()).UTC() }
func (m *moved) advance(d time.Duration) { m.at.Add(int64(d)) }

// identity asks the server that runs who a client is, and returns the code of
// the refusal, "" for none.
func (w *world) identity(t *testing.T, c server.Client) string {
	t.Helper()
	const body = "Action=GetCallerIdentity&Version=2011-06-15"
	r := local(http.MethodPost, "/", body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := c.Sign(r, "sts", body); err != nil {
		t.Fatal(err)
	}
	answer := w.ask(r)
	if answer.Code == http.StatusOK {
		return ""
	}
	_, rest, _ := strings.Cut(answer.Body.String(), "<Code>")
	code, _, _ := strings.Cut(rest, "</Code>")
	return code
}

// works fails unless all clients do.
func (w *world) works(t *testing.T, clients ...server.Client) {
	t.Helper()
	for i, c := range clients {
		if code := w.identity(t, c); code != "" {
			t.Errorf("client %d: %s", i, code)
		}
	}
}

// sealedWith fails unless a client's session is sealed with the key of an id.
func (w *world) sealedWith(t *testing.T, c server.Client, want seal.KeyID) {
	t.Helper()
	box, err := base64.RawURLEncoding.DecodeString(c.Credentials().SessionToken)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := w.Ring().KeyOf(box); err != nil || id != want {
		t.Errorf("the session is sealed with %d, %v, and wanted %d", id, err, want)
	}
}

func session(t *testing.T, c server.Client) server.Client {
	t.Helper()
	s, err := c.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A rotation counts at once, and after a restart; what was sealed before stays
// good, however often the key is rotated.
func TestRotateKeys(t *testing.T) {
	t.Parallel()
	clock := newMoved()
	w := begin(t, server.Options{Wall: clock.now})
	root := w.root()
	clients := []server.Client{root, session(t, root)}
	w.sealedWith(t, clients[1], 1)
	for _, id := range []int{2, 3} {
		answer := must(t)(root.Regent(t.Context(), "RotateKeys", map[string]any{}))
		var got struct {
			KeyID         int `json:"KeyId"`
			CreateDate    float64
			SessionsUntil float64
		}
		if err := json.Unmarshal([]byte(answer), &got); err != nil {
			t.Fatal(err)
		}
		now := float64(clock.now().Unix())
		if got.KeyID != id || got.CreateDate != now || got.SessionsUntil != now+(36*time.Hour+10*time.Minute).Seconds() {
			t.Errorf("rotating answers %s", answer)
		}
		fresh := session(t, root)
		w.sealedWith(t, fresh, seal.KeyID(id))
		user, err := w.NewUser(t.Context(), w.First().Key, "user"+string(rune('0'+id)), "")
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, fresh, w.Client(user))
		w.works(t, clients...)
	}
	w.again(t, nil)
	if diff := cmp.Diff([]seal.KeyID{1, 2, 3}, w.Ring().Keys()); diff != "" {
		t.Error(diff)
	}
	w.works(t, clients...)
}

// Only principals of the management account rotate, and only with permission.
func TestRotateKeysIsTheManagementAccounts(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true})
	const may = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"regent:RotateKeys","Resource":"*"}]}`
	for name, policy := range map[string]string{"may": may, "may-not": ""} {
		key, err := w.NewUser(t.Context(), w.First().Key, name, policy)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Client(key).Regent(t.Context(), "RotateKeys", map[string]any{})
		if policy == "" {
			refused(t, err, "AccessDeniedException")
			if err != nil && !strings.Contains(err.Error(), "is not authorized to perform: regent:RotateKeys on resource: * because no identity-based policy allows the regent:RotateKeys action") {
				t.Error(err)
			}
		} else if err != nil {
			t.Error(err)
		}
	}
	_, member, err := w.NewAccount(t.Context(), w.First().Key, "member")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Client(member).Regent(t.Context(), "RotateKeys", map[string]any{})
	refused(t, err, "NotManagementAccountException")
	_, err = w.root().Regent(t.Context(), "RotateKeys", nil) // null is no input
	refused(t, err, "SerializationException")
	if got := w.Ring().Current(); got != 2 {
		t.Errorf("key %d seals", got)
	}
}

// When the last session under a key has expired, the key opens none, and all
// that is at rest: also after a restart.
func TestOldKeysOpenNoSessions(t *testing.T) {
	t.Parallel()
	clock := newMoved()
	w := begin(t, server.Options{Wall: clock.now})
	root := w.root()
	user, err := w.NewUser(t.Context(), w.First().Key, "ada", "")
	if err != nil {
		t.Fatal(err)
	}
	old := session(t, w.Client(user)) // of twelve hours, where a root's has one
	must(t)(root.Regent(t.Context(), "RotateKeys", map[string]any{}))
	check := func(want string, closed seal.KeyID) {
		t.Helper()
		if err := w.CheckKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.Ring().Closed(); got != closed {
			t.Errorf("keys up to %d are closed, want %d", got, closed)
		}
		if code := w.identity(t, old); code != want {
			t.Errorf("the old session: %q, want %q", code, want)
		}
		w.works(t, root)
	}
	clock.advance(11 * time.Hour)
	check("", 0)
	clock.advance(25 * time.Hour)
	check("ExpiredToken", 0)
	clock.advance(11 * time.Minute)
	check("InvalidClientTokenId", 1)
	w.again(t, nil)
	if got := w.Ring().Closed(); got != 1 {
		t.Errorf("after a restart keys up to %d are closed", got)
	}
	check("InvalidClientTokenId", 1)
	w.works(t, session(t, w.Client(server.RootKey{ID: root.Credentials().AccessKeyID, Secret: seal.NewSecret(root.Credentials().SecretAccessKey)})))
}

// A key is rotated when it is old, once, and when it has sealed too often.
//
// Rules: TH-45
func TestKeysRotateByAgeAndUse(t *testing.T) {
	t.Parallel()
	clock := newMoved()
	w := begin(t, server.Options{InMemory: true, Wall: clock.now, SealingKeyAge: 7 * 24 * time.Hour})
	root := w.root()
	check := func(want seal.KeyID) {
		t.Helper()
		for range 2 {
			if err := w.CheckKeys(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.Ring().Current(); got != want {
			t.Errorf("key %d seals, want %d", got, want)
		}
	}
	check(1)
	clock.advance(7*24*time.Hour - time.Second)
	check(1)
	clock.advance(time.Second)
	check(2)
	if !strings.Contains(w.log.String(), `"msg":"the sealing key was rotated","key":2`) {
		t.Errorf("the log says %s", w.log)
	}
	before := w.Ring().Seals(2)
	s := session(t, root)
	if got := w.Ring().Seals(2); got <= before {
		t.Errorf("%d seals after a session was minted", got)
	}
	w.LimitSeals(w.Ring().Seals(2))
	check(3)
	w.works(t, root, s)
}

// A server that is killed between the commit and putting the ring in use comes
// up with the ring that was committed; one that lives finds it at its next look.
func TestRotationThatNobodySaw(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(*world){
		"killed": func(w *world) { w.again(t, nil) },
		"another server": func(w *world) {
			if err := w.CheckKeys(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		w := begin(t, server.Options{})
		root := w.root()
		s := session(t, root)
		if err := w.RotateUnseen(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.Ring().Current(); got != 1 {
			t.Errorf("%s: key %d seals before it is seen", name, got)
		}
		if err := w.RotateUnseen(t.Context()); err != nil { // by who takes the old key for the newest
			t.Fatal(err)
		}
		next(w)
		if diff := cmp.Diff([]seal.KeyID{1, 2}, w.Ring().Keys()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		w.works(t, root, s)
	}
}

// Of rotations at the same time each succeeds whole or is told that another is
// going on.
func TestConcurrentRotations(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true})
	root := w.root()
	s := session(t, root)
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { _, errs[i] = root.Regent(t.Context(), "RotateKeys", map[string]any{}) })
	}
	all.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
			continue
		}
		refused(t, err, "ConflictException")
	}
	if made == 0 || len(w.Ring().Keys()) != 1+made {
		t.Errorf("%d rotations, and the keys are %v", made, w.Ring().Keys())
	}
	w.works(t, root, s, session(t, root))
}

// A ring's record that was changed is an error at the start, and nothing is made
// in its place.
func TestAChangedRingIsAnErrorAtStart(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{})
	root := w.root()
	must(t)(root.Regent(t.Context(), "RotateKeys", map[string]any{}))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var whole []byte
	err := server.ChangeRecord(t.Context(), w.options.Data, func(record []byte) []byte {
		whole = record
		return bytes.Replace(record, []byte(`"since":`), []byte(`"since":1`), 1)
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := server.New(t.Context(), w.options); !errors.Is(err, seal.ErrRecord) {
			t.Fatalf("started with a changed ring: %v", err)
		}
	}
	if err := server.ChangeRecord(t.Context(), w.options.Data, func([]byte) []byte { return whole }); err != nil {
		t.Fatal(err)
	}
	w.start(t, w.options)
	w.works(t, root)
}

// A state that is put back brings its key ring back: nothing is sealed under a
// key that is not in it.
func TestRestoreBringsItsKeyRing(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Dev: true})
	root := w.root()
	w.dev(t, "snapshot", "")
	must(t)(root.Regent(t.Context(), "RotateKeys", map[string]any{}))
	lost := session(t, root)
	w.dev(t, "restore", "")
	if got := w.Ring().Current(); got != 1 {
		t.Errorf("key %d seals", got)
	}
	if code := w.identity(t, lost); code != "InvalidClientTokenId" {
		t.Errorf("a session under a key that is gone: %q", code)
	}
	w.works(t, root, session(t, root))
}
