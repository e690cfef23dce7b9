package server

import (
	"context"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

// blankRecords returns the records of a store that holds one account, its root
// keys and the installation's own record: made by the store itself, in memory,
// so that they are what a first start writes.
func blankRecords(ctx context.Context, system *store.System, account *identity.Account, keys []identity.AccessKey) (_ []kv.Entry, err error) {
	db := memkv.New(memkv.Options{})
	err = store.New(db).Update(ctx, func(tx *store.Tx) error {
		if err := tx.CreateAccount(account); err != nil {
			return err
		}
		for i := range keys {
			if err := tx.PutAccessKey(&keys[i]); err != nil {
				return err
			}
		}
		return tx.PutSystem(system)
	})
	if err != nil {
		return nil, err
	}
	entries, _, err := kv.Copy(ctx, db, "")
	if err != nil {
		return nil, err
	}
	return entries, db.Close()
}
