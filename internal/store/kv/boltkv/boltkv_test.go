package boltkv_test

import (
	"path/filepath"
	"testing"

	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
	"github.com/regent-iam/regent/internal/store/kv/kvtest"
)

func open(t testing.TB, path string, opts boltkv.Options) *boltkv.DB {
	t.Helper()
	db, err := boltkv.Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// Rules: TH-26 TH-27
func TestBoltkvKeepsTheContract(t *testing.T) {
	kvtest.Run(t, func(t testing.TB, history int) kv.DB {
		return open(t, filepath.Join(t.TempDir(), "regent.db"), boltkv.Options{History: history})
	})
}
