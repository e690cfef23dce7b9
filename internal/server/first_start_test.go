package server_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/server"
)

// TestTheFirstStartMakesTheManagementAccount and files that only their owner
// may read.
//
// Rules: TH-53 TH-107 TH-109
func TestTheFirstStartMakesTheManagementAccount(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Management: server.Management{ID: "123456789012"}})
	first := w.First()
	if first == nil || first.Account != "123456789012" || !regexp.MustCompile(`^AKIA[A-Z2-7]{16}$`).MatchString(first.Key.ID) || len(first.Key.Secret.Reveal()) != 40 {
		t.Fatalf("first start: %+v", first)
	}
	got := must(t)(w.root().Query(t.Context(), "sts", "GetCallerIdentity"))
	if !strings.Contains(got, "<Arn>arn:aws:iam::123456789012:root</Arn>") {
		t.Errorf("the root key is %s", got)
	}
	raw, err := os.ReadFile(first.File)
	if err != nil {
		t.Fatal(err)
	}
	if want := "[default]\naws_access_key_id = " + first.Key.ID + "\naws_secret_access_key = " + first.Key.Secret.Reveal() + "\n"; string(raw) != want {
		t.Errorf("%s holds %q", first.File, raw)
	}
	if first.MasterKeyFile != filepath.Join(w.options.Data, "master.key") {
		t.Errorf("the master key is in %q", first.MasterKeyFile)
	}
	private(t, w.options.Data)
}

// private fails on a file or directory that others may read.
func private(t *testing.T, dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	seen := 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, not %o", name, info.Mode().Perm(), want)
		}
		seen++
		return nil
	})
	if err != nil || seen < 5 {
		t.Errorf("%d files: %v", seen, err)
	}
}

// TestTheManagementAccountIsDrawn when no id is given, and differs.
func TestTheManagementAccountIsDrawn(t *testing.T) {
	t.Parallel()
	a, b := begin(t, server.Options{InMemory: true}).First(), begin(t, server.Options{InMemory: true}).First()
	if !regexp.MustCompile(`^[1-9][0-9]{11}$`).MatchString(string(a.Account)) || a.Account == b.Account || a.Key.ID == b.Key.ID {
		t.Errorf("%s with %s, %s with %s", a.Account, a.Key.ID, b.Account, b.Key.ID)
	}
	if _, err := server.New(t.Context(), server.Options{Data: filepath.Join(t.TempDir(), "d"), Management: server.Management{ID: "1234"}}); err == nil {
		t.Error("1234 was taken for an account id")
	}
}

// TestTheGivenRootKeyIsOfTheFirstStartOnly: it is taken from the environment
// when there is no store yet. Later it is ignored, and a root key that was
// deleted stays deleted.
//
// Rules: TH-53
func TestTheGivenRootKeyIsOfTheFirstStartOnly(t *testing.T) {
	t.Parallel()
	given := server.RootKey{ID: "AKIAIOSFODNN7EXAMPLE", Secret: seal.NewSecret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")}
	w := begin(t, server.Options{RootKey: given})
	must(t)(w.Client(given).Query(t.Context(), "sts", "GetCallerIdentity"))

	other := server.RootKey{ID: "AKIAI44QH8DHBEXAMPLE", Secret: seal.NewSecret("je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY")}
	w.again(t, func(o *server.Options) { o.RootKey = other })
	if w.First() != nil {
		t.Error("the second start says it is the first")
	}
	_, err := w.Client(other).Query(t.Context(), "sts", "GetCallerIdentity")
	refused(t, err, "InvalidClientTokenId")

	must(t)(w.Client(given).Query(t.Context(), "iam", "DeleteAccessKey", "AccessKeyId", given.ID))
	w.again(t, nil)
	_, err = w.Client(given).Query(t.Context(), "sts", "GetCallerIdentity")
	refused(t, err, "InvalidClientTokenId")
}

// Rules: TH-107
func TestARootKeyThatCanBeGuessedIsRefused(t *testing.T) {
	t.Parallel()
	for _, key := range []server.RootKey{
		{ID: "admin", Secret: seal.NewSecret(strings.Repeat("x", 40))},
		{ID: "ASIAIOSFODNN7EXAMPLE", Secret: seal.NewSecret(strings.Repeat("x", 40))},
		{ID: "AKIAIOSFODNN7EXAMPLE", Secret: seal.NewSecret("minioadmin")},
		{ID: "AKIAIOSFODNN7EXAMPLE"},
	} {
		data := filepath.Join(t.TempDir(), "data")
		if _, err := server.New(t.Context(), server.Options{Data: data, RootKey: key}); err == nil || strings.Contains(err.Error(), "xxx") {
			t.Errorf("%s: %v", key.ID, err)
		}
		if _, err := os.Stat(filepath.Join(data, "root-credentials")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: credentials were written: %v", key.ID, err)
		}
	}
}

func TestTheMasterKeyMustBeTheOne(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(w.options.Data, "master.key")
	other := filepath.Join(t.TempDir(), "other.key")
	if _, err := seal.CreateMaster(other); err != nil {
		t.Fatal(err)
	}
	before := files(t, w.options.Data)

	o := w.options
	o.MasterKeyFile = other
	if _, err := server.New(t.Context(), o); err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("another key: %v", err)
	}
	o = w.options
	o.MasterKey = seal.NewSecret("not a key")
	if _, err := server.New(t.Context(), o); !errors.Is(err, seal.ErrMaster) || strings.Contains(err.Error(), "not a key") {
		t.Errorf("no key: %v", err)
	}
	if err := os.Rename(mine, mine+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := server.New(t.Context(), w.options); !errors.Is(err, server.ErrNoMasterKey) || !strings.Contains(err.Error(), mine) {
		t.Errorf("missing key: %v", err)
	}
	if _, err := os.Stat(mine); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another key was made: %v", err)
	}
	if err := os.Rename(mine+".away", mine); err != nil {
		t.Fatal(err)
	}
	after := files(t, w.options.Data)
	if a, b := slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)); !slices.Equal(a, b) {
		t.Errorf("files were %v and are %v", a, b)
	}
	w.start(t, w.options) // and with the right one it starts
}

// TestAFirstStartNeedsTheMasterKeyThatIsConfigured: a file that is missing is
// not made in its place.
func TestAFirstStartNeedsTheMasterKeyThatIsConfigured(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "master")
	_, err := server.New(t.Context(), server.Options{Data: filepath.Join(t.TempDir(), "data"), MasterKeyFile: missing})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was made: %v", err)
	}
}

// TestTheMasterKeyCanBeKeptElsewhere: then it is nowhere in the data.
func TestTheMasterKeyCanBeKeptElsewhere(t *testing.T) {
	t.Parallel()
	master := seal.NewMaster().Encode()
	w := begin(t, server.Options{MasterKey: master})
	if w.First().MasterKeyFile != "" {
		t.Errorf("it was written to %s", w.First().MasterKeyFile)
	}
	for name, content := range files(t, w.options.Data) {
		if strings.Contains(content, master.Reveal()) {
			t.Errorf("%s holds it", name)
		}
	}
	w.again(t, nil)
}

func TestOneProcessPerDataDirectory(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{})
	_, err := server.New(t.Context(), w.options)
	if err == nil || !strings.Contains(err.Error(), w.options.Data+" is in use by another regent") {
		t.Errorf("%v", err)
	}
	must(t)(w.root().Query(t.Context(), "sts", "GetCallerIdentity"))
}

// TestTheDemoHasADirectoryOfItsOwn: nobody's data becomes the demo's, and the
// demo's well-known parts are never served as somebody's own.
//
// Rules: TH-107
func TestTheDemoHasADirectoryOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		demo bool
		want error
	}{{false, server.ErrNotDemo}, {true, server.ErrDemo}} {
		w := begin(t, server.Options{Demo: test.demo})
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		o := w.options
		o.Demo = !test.demo
		if _, err := server.New(t.Context(), o); !errors.Is(err, test.want) {
			t.Errorf("begun with demo %t: %v", test.demo, err)
		}
	}
}

// TestADirectoryThatOthersReadIsRefused.
//
// Rules: TH-109
func TestADirectoryThatOthersReadIsRefused(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no modes")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "somebody's"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := server.New(t.Context(), server.Options{Data: dir}); err == nil {
		t.Error("it was taken")
	}
}

// TestAFirstStartThatWasCutShortCanBeMadeAgain: the key file is there, the
// account is not.
func TestAFirstStartThatWasCutShortCanBeMadeAgain(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.CreateMaster(filepath.Join(data, "master.key")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "root-credentials"), []byte("[default]\naws_access_key_id = AKIAOLD\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := begin(t, server.Options{Data: data})
	must(t)(w.root().Query(t.Context(), "sts", "GetCallerIdentity"))
	w.again(t, nil)
	if raw, err := os.ReadFile(filepath.Join(data, "root-credentials")); err != nil || strings.Contains(string(raw), "AKIAOLD") {
		t.Errorf("%s, %v", raw, err)
	}
}

// TestAStartThatIsCancelledLeavesNothingRunning.
func TestAStartThatIsCancelledLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := server.Options{Data: filepath.Join(t.TempDir(), "data")}
	if s, err := server.New(ctx, o); err == nil {
		_ = s.Close() // the test has failed already
		t.Fatal("it started")
	}
	w := begin(t, o) // the lock is free
	must(t)(w.root().Query(t.Context(), "sts", "GetCallerIdentity"))
}
