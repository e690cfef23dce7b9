package regent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// The users of a part can be in more groups than a transaction may read one by
// one.
//
// Rules: TH-31
func TestAPartRefersToManyGroups(t *testing.T) {
	t.Parallel()
	h := importWorld(t)
	account := begin(h, "copy@example.com", "999900001111")
	var groups, users []string
	for i := range 150 {
		groups = append(groups, fmt.Sprintf(`{"GroupName":"g%d","Path":"/x/"}`, i))
		users = append(users, fmt.Sprintf(`{"UserName":"u%d","GroupList":["g%d"]}`, i, i))
	}
	both := `{"GroupDetailList":[` + strings.Join(groups, ",") + `],"UserDetailList":[` + strings.Join(users, ",") + `]}`
	if got := fill(t, h, account, both, 1<<20); len(got) > 0 {
		t.Errorf("left out: %q", got)
	}
	commit(t, h, account)
	h.View(func(tx *store.Tx) error {
		u, err := tx.User(identity.AccountID(account), "u149")
		if err == nil && len(u.Groups) != 1 {
			t.Errorf("u149 is in %d groups", len(u.Groups))
		}
		return err
	})
}

// A dump that leaves no room for the way in is told so at its commit, and can be
// abandoned.
//
// Rules: IA-44
func TestADumpThatLeavesNoRoomForTheWayIn(t *testing.T) {
	t.Parallel()
	h := importWorld(t)
	account := begin(h, "copy@example.com", "999900001111")
	h.Update(func(tx *store.Tx) error {
		q, _ := catalog.LookupQuota(catalog.RolesPerAccount)
		return tx.SetQuota(identity.AccountID(account), q, 1)
	})
	const part = `{"RoleDetailList":[{"RoleName":"Only","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[]}}]}`
	fill(t, h, account, part, 1000)
	importing(h, "admin", "AccountId", account, "Commit:", "true").Fails("ConflictException")
	importing(h, "admin", "AccountId", account, "Abandon:", "true").OK()
}
