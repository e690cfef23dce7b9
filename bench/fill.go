package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
)

const (
	perAccount = 5000
	// perUpdate keeps a transaction within what any backend takes: 128 reads
	// and 128 writes, and a user costs two of each.
	perUpdate = 60
	writers   = 32
)

// fill writes users into the store of a data directory that nobody has open.
func fill(ctx context.Context, data string, users int) (err error) {
	db, err := boltkv.Open(filepath.Join(data, "regent.db"), boltkv.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s := store.New(db)
	accounts := make(chan int)
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for n := range accounts {
				if errs[i] == nil {
					errs[i] = fillAccount(ctx, s, n, min(perAccount, users-n*perAccount))
				}
			}
		})
	}
	for n := range (users + perAccount - 1) / perAccount {
		accounts <- n
	}
	close(accounts)
	wg.Wait()
	return errors.Join(errs...)
}

// fillAccount makes one account with users.
func fillAccount(ctx context.Context, s *store.Store, number, users int) error {
	id := identity.AccountID(fmt.Sprintf("%012d", 500_000_000_000+number*1_000_003))
	now := time.Now().UTC()
	err := s.Update(ctx, func(tx *store.Tx) error {
		return tx.CreateAccount(&identity.Account{
			ID: id, Name: fmt.Sprintf("account-%d", number), Email: fmt.Sprintf("account-%d@example.com", number),
			Status: identity.AccountActive, CanonicalID: fmt.Sprintf("%064x", number), Created: now,
		})
	})
	if err != nil {
		return err
	}
	for from := 0; from < users; from += perUpdate {
		batch := make([]*identity.User, 0, perUpdate)
		for i := from; i < min(from+perUpdate, users); i++ {
			unique, err := arn.NewID("AIDA", string(id), rand.Reader)
			if err != nil {
				return err
			}
			batch = append(batch, &identity.User{
				Account: id, Name: identity.UserName(fmt.Sprintf("user-%05d", i)), Path: "/staff/", ID: unique, Created: now,
				Tags: []identity.Tag{{Key: "team", Value: fmt.Sprintf("team-%d", i%50)}},
			})
		}
		err := s.Update(ctx, func(tx *store.Tx) error {
			for _, u := range batch {
				if err := tx.CreateUser(u); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
