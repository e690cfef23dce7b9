package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// Rules: OR-26
func TestDelegatesAreFoundByAccountAndService(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		put := func(account identity.AccountID, services ...string) {
			t.Helper()
			d := &identity.DelegatedAdministrator{Account: account}
			for _, s := range services {
				d.Services = append(d.Services, identity.EnabledService{Principal: s, Since: time.Unix(0, 0)})
			}
			f.update(func(tx *store.Tx) error { return tx.PutDelegate(org, d) })
		}
		of := func(service string, want ...identity.AccountID) {
			t.Helper()
			f.view(func(tx *store.Tx) error {
				delegates, _, err := tx.Delegates(org, service, "", 0)
				var got []identity.AccountID
				for _, d := range delegates {
					got = append(got, d.Account)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%q has %v, want %v", service, got, want)
				}
				return err
			})
		}
		put("111111111111", "a", "b")
		put("222222222222", "b")
		of("", "111111111111", "222222222222")
		of("a", "111111111111")
		of("b", "111111111111", "222222222222")
		put("111111111111", "b", "c")
		of("a")
		of("c", "111111111111")
		put("222222222222")
		of("b", "111111111111")
		of("", "111111111111")
		f.view(func(tx *store.Tx) error {
			if _, err := tx.Delegate(org, "222222222222"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%v", err)
			}
			return nil
		})
	})
}

func TestPoliciesOfATypeAreCounted(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		policy := func(id string, kind identity.PolicyType) *identity.OrganizationPolicy {
			return &identity.OrganizationPolicy{ID: id, Type: kind, Name: id, Text: "{}"}
		}
		create := func(id string, kind identity.PolicyType) error {
			return f.Update(t.Context(), func(tx *store.Tx) error { return tx.CreateOrganizationPolicy(org, policy(id, kind), 2) })
		}
		// One that was there before policies were counted.
		f.update(func(tx *store.Tx) error { return tx.PutOrganizationPolicy(org, policy("p-0", "TAG_POLICY"), "") })
		f.update(func(tx *store.Tx) error { return tx.DeleteOrganizationPolicy(org, policy("p-0", "TAG_POLICY")) })
		for _, id := range []string{"p-1", "p-2"} {
			if err := errors.Join(create(id, "TAG_POLICY"), create(id+"b", "BACKUP_POLICY")); err != nil {
				t.Fatal(err)
			}
		}
		err := create("p-3", "TAG_POLICY")
		if limit, ok := errors.AsType[*store.LimitError](err); !ok || limit.Limit != 2 {
			t.Errorf("a third policy: %v", err)
		}
		f.view(func(tx *store.Tx) error {
			if _, err := tx.OrganizationPolicy(org, "p-3"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the third policy is there: %v", err)
			}
			return nil
		})
		f.update(func(tx *store.Tx) error { return tx.DeleteOrganizationPolicy(org, policy("p-1", "TAG_POLICY")) })
		if err := create("p-3", "TAG_POLICY"); err != nil {
			t.Error(err)
		}
	})
}
