package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/regent-iam/regent/internal/config"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
)

// ErrNoData reports that a data directory has not been begun.
var ErrNoData = errors.New("there is no data yet")

// Rewrap seals the key ring of a data directory, which no server may be using,
// under the master key in a file. Nothing else changes: what was handed out
// stays good. From then on the server needs that key and not the old one.
func Rewrap(ctx context.Context, c *config.Config, newFile string) error {
	master, err := seal.LoadMaster(newFile)
	if err != nil {
		return fmt.Errorf("new master key: %w", err)
	}
	return changeRing(ctx, c, func(ring *seal.Ring) (*seal.Ring, error) { return ring.Rewrap(master) })
}

// Renew gives the key ring of a data directory, which no server may be using, a
// new instance and a new key, as a copy needs that was restored from a backup:
// what the instance before handed out, sessions above all, opens here no more
// (TH-46). What is at rest stays readable.
func Renew(ctx context.Context, c *config.Config) error {
	return changeRing(ctx, c, func(ring *seal.Ring) (*seal.Ring, error) {
		next, err := ring.Renew(seal.NewInstanceID())
		if err != nil {
			return nil, err
		}
		return next.Began(time.Now()), nil //nolint:forbidigo // no server runs whose clock it could be
	})
}

// changeRing replaces the key ring of a data directory in one transaction.
func changeRing(ctx context.Context, c *config.Config, change func(*seal.Ring) (*seal.Ring, error)) error {
	return offline(c, func(s *store.Store, ring ringOpener) error {
		return s.Update(ctx, func(tx *store.Tx) error {
			system, ring, err := ring(tx)
			if err != nil {
				return err
			}
			if ring, err = change(ring); err != nil {
				return fmt.Errorf("changing the key ring: %w", err)
			}
			if system.Ring, err = ring.Record(); err != nil {
				return fmt.Errorf("sealing the key ring: %w", err)
			}
			system.Instance = string(ring.Instance())
			return tx.PutSystem(system)
		})
	})
}

// A ringOpener returns the installation's record and the key ring in it.
type ringOpener func(*store.Tx) (*store.System, *seal.Ring, error)

// offline opens the store of a data directory, which no server may be using.
func offline(c *config.Config, use func(*store.Store, ringOpener) error) (err error) {
	file := filepath.Join(c.Data, databaseFile)
	if there, err := exists(file); err != nil {
		return err
	} else if !there {
		return fmt.Errorf("%s: %w", c.Data, ErrNoData)
	}
	master, err := (&Server{options: OptionsOf(c, slog.New(slog.DiscardHandler))}).master()
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoMasterKey
	} else if err != nil {
		return err
	}
	db, err := boltkv.Open(file, boltkv.Options{})
	if errors.Is(err, kv.ErrInUse) {
		return fmt.Errorf("%s is in use by a server, which must stop first: %w", c.Data, err)
	} else if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return use(store.New(db), func(tx *store.Tx) (*store.System, *seal.Ring, error) {
		system, err := tx.System()
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil, fmt.Errorf("%s: %w", c.Data, ErrNoData)
		} else if err != nil {
			return nil, nil, err
		}
		ring, err := seal.OpenRing(master, system.Ring)
		if err != nil {
			return nil, nil, fmt.Errorf("opening the key ring: %w", err)
		}
		return system, ring, nil
	})
}
