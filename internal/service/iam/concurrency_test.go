package iam_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

// backends runs a test over every backend that there is.
func backends(t *testing.T, test func(*testing.T, *servicetest.Harness)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T) kv.DB{
		"memkv": func(*testing.T) kv.DB { return memkv.New(memkv.Options{}) },
		"boltkv": func(t *testing.T) kv.DB {
			t.Helper()
			db, err := boltkv.Open(filepath.Join(t.TempDir(), "regent.db"), boltkv.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return db
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := servicetest.NewOver(t, open(t), func(*servicetest.Harness) []dispatch.Service {
				return []dispatch.Service{{API: &api.Service, Operations: iam.Operations()}}
			})
			h.Account("111122223333", "root")
			test(t, h)
		})
	}
}

// atOnce makes the calls of all lists at the same time, those of one list one
// after the other, and returns how each was answered.
func atOnce(h *servicetest.Harness, lists ...[]call) [][]*servicetest.Answer {
	answers := make([][]*servicetest.Answer, len(lists))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, list := range lists {
		wg.Go(func() {
			<-start
			for _, c := range list {
				answers[i] = append(answers[i], c.by(h, "root"))
			}
		})
	}
	close(start)
	wg.Wait()
	return answers
}

// TestWritersLoseNothing of one another's: sixteen at a time change one user, in
// an account whose policies change all the while, and all of it is there
// afterwards.
//
// Rules: TH-25 TH-26
func TestWritersLoseNothing(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, h *servicetest.Harness) {
		const writers, each = 16, 3
		aUser("u").by(h, "root").OK()
		var lists [][]call
		var tags, policies []string
		for w := range writers {
			var list []call
			for i := range each {
				n := fmt.Sprintf("%02d-%d", w, i)
				list = append(list, call{"TagUser", "UserName", "u", "Tags.member.1.Key", n, "Tags.member.1.Value", "v"})
				tags = append(tags, n)
			}
			n := fmt.Sprintf("%02d", w)
			policies = append(policies, n)
			lists = append(lists, append(list, call{"PutUserPolicy", "UserName", "u", "PolicyName", n, "PolicyDocument", short}))
		}
		var groups []string
		for g := range 10 {
			n := fmt.Sprintf("g%d", g)
			groups = append(groups, n)
			lists = append(lists, []call{aGroup(n), {"AddUserToGroup", "GroupName", n, "UserName", "u"}})
		}
		for _, list := range atOnce(h, lists...) {
			for _, a := range list {
				a.OK()
			}
		}
		for _, row := range []struct {
			call
			want []string
		}{
			{call{"ListUserTags", "UserName", "u"}, tags},
			{call{"ListUserPolicies", "UserName", "u"}, policies},
			{call{"ListGroupsForUser", "UserName", "u"}, groups},
			{call{"GetGroup", "GroupName", "g7"}, []string{"u"}},
		} {
			a := row.by(h, "root").OK()
			got := slices.Concat(a.All("Tags.member.Key"), a.All("PolicyNames.member"), a.All("Groups.member.GroupName"), a.All("Users.member.UserName"))
			if !slices.Equal(got, row.want) {
				t.Errorf("%s: %q, want %q", row.call[0], got, row.want)
			}
		}
	})
}

// short is a policy that sixteen writers' worth of fits a user.
const short = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"a:b","Resource":"*"}}`

// TestOneOfManyCreates: the others are told that there is one.
//
// Rules: TH-25 IA-3
func TestOneOfManyCreates(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, h *servicetest.Harness) {
		for _, spellings := range [][]call{
			{aUser("one"), aUser("ONE"), aUser("One"), aUser("oNe")},
			{aGroup("one"), aGroup("ONE"), aGroup("One"), aGroup("oNe")},
			{aRole("one"), aRole("ONE"), aRole("One"), aRole("oNe")},
			{aPolicy("one"), aPolicy("ONE"), aPolicy("One"), aPolicy("oNe")},
		} {
			var lists [][]call
			for _, c := range spellings {
				lists = append(lists, []call{c})
			}
			made := 0
			for _, list := range atOnce(h, lists...) {
				if list[0].Status == 200 {
					made++
				} else {
					list[0].Fails("EntityAlreadyExists")
				}
			}
			if made != 1 {
				t.Errorf("%s: %d were made", spellings[0][0], made)
			}
		}
	})
}

// TestDeletesAndAttachesHaveAnOrder, whichever it is: the policy is attached and
// neither was deleted, or what was deleted first is missing to the other.
//
// Rules: TH-25 IA-40 IA-41
func TestDeletesAndAttachesHaveAnOrder(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, h *servicetest.Harness) {
		for round := range 6 {
			for noun, create := range map[string]func(string) call{"User": aUser, "Group": aGroup, "Role": aRole} {
				n := fmt.Sprintf("x%d", round)
				create(n).by(h, "root").OK()
				aPolicy(n).by(h, "root").OK()
				attach := call{"Attach" + noun + "Policy", noun + "Name", n, "PolicyArn", ownARN(n)}
				remove := call{"Delete" + noun, noun + "Name", n}
				if round%2 == 1 {
					remove = call{"DeletePolicy", "PolicyArn", ownARN(n)}
				}
				answers := atOnce(h, []call{attach}, []call{remove})
				attached, removed := answers[0][0], answers[1][0]
				switch {
				case attached.Status == 200 && removed.Status == 200:
					t.Errorf("%v and %v both worked", attach, remove)
				case attached.Status == 200:
					removed.Fails("DeleteConflict")
					call{"Detach" + noun + "Policy", noun + "Name", n, "PolicyArn", ownARN(n)}.by(h, "root").OK()
					remove.by(h, "root").OK()
				default:
					attached.Fails("NoSuchEntity")
					removed.OK()
				}
				// One of the two is left, and nothing hangs on it.
				if round%2 == 1 {
					call{"Delete" + noun, noun + "Name", n}.by(h, "root").OK()
				} else {
					call{"DeletePolicy", "PolicyArn", ownARN(n)}.by(h, "root").OK()
				}
				call{"Get" + noun, noun + "Name", n}.by(h, "root").Fails("NoSuchEntity")
				call{"GetPolicy", "PolicyArn", ownARN(n)}.by(h, "root").Fails("NoSuchEntity")
			}
		}
	})
}
