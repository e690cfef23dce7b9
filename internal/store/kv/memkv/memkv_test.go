package memkv_test

import (
	"testing"

	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/kvtest"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

// Rules: TH-26 TH-27
func TestMemkvKeepsTheContract(t *testing.T) {
	kvtest.Run(t, func(_ testing.TB, history int) kv.DB { return memkv.New(memkv.Options{History: history}) })
}

// Rules: TH-25
func TestMemkvKeepsTheContractWhenFunctionsRunTwice(t *testing.T) {
	kvtest.Run(t, func(_ testing.TB, history int) kv.DB {
		return kvtest.Twice(memkv.New(memkv.Options{History: history}))
	})
}
