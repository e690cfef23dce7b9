package iam_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
)

// fillAccount makes things in the account, ten thousand of them.
func fillAccount(t *testing.T, h *servicetest.Harness, db kv.DB, create func(tx *store.Tx, i int) error) {
	t.Helper()
	for from := 0; from < tenThousand; from += 50 {
		h.Update(func(tx *store.Tx) (err error) {
			for i := from; i < from+50; i++ {
				err = errors.Join(err, create(tx, i))
			}
			return err
		})
		// More users than any account may have: what counts them is set back.
		err := db.Update(t.Context(), func(w kv.Writer) error { return w.Delete("/account/111122223333/counters") })
		if err != nil {
			t.Fatal(err)
		}
	}
}

const tenThousand = 10_000

// usage is what the program has allocated so far, and what of it is in use.
func usage() (allocated, live uint64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.TotalAlloc, m.HeapAlloc
}

// TestPagesCostTheSameHoweverManyFollow: the last of a hundred pages allocates
// no more than the first did, and nothing of the pages in between stays.
//
//nolint:paralleltest // memory is measured, which is everybody's
func TestPagesCostTheSameHoweverManyFollow(t *testing.T) {
	for _, test := range []struct {
		operation, path string
		create          func(tx *store.Tx, i int) error
	}{
		{"ListUsers", "Users.member.UserName", func(tx *store.Tx, i int) error {
			return tx.CreateUser(&identity.User{
				Account: "111122223333", Name: identity.UserName(fmt.Sprintf("u%05d", i)), Path: "/", ID: fmt.Sprintf("AIDA%016d", i), Created: servicetest.Epoch,
			})
		}},
		{"GetAccountAuthorizationDetails", "RoleDetailList.member.RoleName", func(tx *store.Tx, i int) error {
			r := &identity.Role{
				Account: "111122223333", Name: identity.RoleName(fmt.Sprintf("r%05d", i)), Path: "/", ID: fmt.Sprintf("AROA%016d", i), Created: servicetest.Epoch,
				Trust: identity.ResourcePolicy{Text: trustOwn},
			}
			r.PutInline(identity.Document{Name: "inline", Text: allowS3})
			return tx.CreateRole(r)
		}},
	} {
		t.Run(test.operation, func(t *testing.T) {
			h, db := counted(t)
			quota, _ := catalog.LookupQuota(catalog.RolesPerAccount)
			h.Update(func(tx *store.Tx) error { return tx.SetQuota("111122223333", quota, tenThousand) })
			fillAccount(t, h, db, test.create)
			const size = 100
			var early, late, liveEarly, liveLate uint64
			items, marker := 0, ""
			for page := 0; ; page++ {
				measured := page == 5 || page == tenThousand/size-1
				var before uint64
				if measured {
					before, _ = usage()
				}
				parameters := []string{"MaxItems", fmt.Sprint(size)}
				if marker != "" {
					parameters = append(parameters, "Marker", marker)
				}
				db.Reads()
				a := h.As("root").Call("iam", test.operation, parameters...).OK()
				reads := db.Reads()
				items += len(a.All(test.path))
				marker = markerOf(a)
				if reads > 3*size+40 {
					t.Errorf("page %d took %d reads", page, reads)
				}
				if measured {
					after, live := usage()
					if late, liveLate = after-before, live; page == 5 {
						early, liveEarly = late, live
					}
				}
				if marker == "" {
					break
				}
			}
			if items != tenThousand {
				t.Errorf("%d are listed", items)
			}
			if late == 0 || late > 2*early {
				t.Errorf("page 5 allocated %d bytes, and page 99 %d", early, late)
			}
			if liveLate > liveEarly+4<<20 {
				t.Errorf("after page 5 %d bytes were in use, and after page 99 %d", liveEarly, liveLate)
			}
			t.Logf("page 5 allocated %d KiB, page 99 %d KiB; in use %d and %d MiB", early>>10, late>>10, liveEarly>>20, liveLate>>20)
		})
	}
}
