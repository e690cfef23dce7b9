package signin

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

const (
	// maxRecent is how many roles the history has (CO-17), and maxPinned how many
	// somebody can pin.
	maxRecent = 5
	maxPinned = 50
	// maxDisplayName is how many characters a display name has.
	maxDisplayName = 64
	// maxRoleName is how long a role's name is with its path (CO-11).
	maxRoleName = 64
)

// colors are those that a role can have: AWS's, and grey (CO-10).
func colors() []string { return []string{"f2b0a9", "83d4e8", "b7ca9d", "efda95", "fbc8aa", "d5dbdb"} }

// colorOf returns the color that was asked for, or none.
func colorOf(asked string) string {
	hex := arn.Fold(strings.TrimPrefix(asked, "#"))
	if slices.Contains(colors(), hex) {
		return hex
	}
	return ""
}

// displayName returns the name under which a role is shown, which is text and
// nothing that changes how text is read.
func displayName(asked, role string, account *identity.Account) string {
	name := strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, asked))
	if name == "" {
		name = role[strings.LastIndexByte(role, '/')+1:] + " @ " + accountName(account)
	}
	if r := []rune(name); len(r) > maxDisplayName {
		name = string(r[:maxDisplayName])
	}
	return name
}

// roleName returns a role's name with its path, as it is written (CO-11), and
// reports whether it can be one.
func roleName(asked string) (string, bool) {
	name := strings.TrimPrefix(strings.TrimSpace(asked), "/")
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-/"
	ok := name != "" && len(name) <= maxRoleName && strings.Trim(name, allowed) == "" && !strings.HasSuffix(name, "/") && !strings.Contains(name, "//")
	return name, ok
}

func roleARN(r *store.ConsoleRole) string {
	return arn.ARN{Partition: identity.Partition, Service: "iam", Account: string(r.Account), Resource: "role/" + r.Name}.String()
}

func sameRole(a, b *store.ConsoleRole) bool { return a.Account == b.Account && a.Name == b.Name }

// remember puts a role first in somebody's history (CO-17).
func remember(tx *store.Tx, s *store.BrowserSession, r store.ConsoleRole) error {
	roles, err := tx.ConsoleRoles(s.Account, s.UserID)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(roles.Recent), func(o store.ConsoleRole) bool { return sameRole(&o, &r) })
	roles.Recent = append([]store.ConsoleRole{r}, others...)
	roles.Recent = roles.Recent[:min(len(roles.Recent), maxRecent)]
	return tx.PutConsoleRoles(s.Account, s.UserID, roles)
}

// pins pins a role for somebody, or takes the pin out.
func (h *Handler) pins(ctx context.Context, a *asking) (any, error) {
	var in struct {
		Session string   `json:"session"`
		Role    roleView `json:"role"`
		Pinned  bool     `json:"pinned"`
	}
	if err := a.read(&in); err != nil {
		return nil, err
	}
	name, ok := roleName(in.Role.RoleName)
	if !ok || !arn.ValidAccount(in.Role.Account) {
		return nil, badCall("The role is none.")
	}
	out := map[string][]roleView{}
	err := h.Store.Update(ctx, func(tx *store.Tx) error {
		s, err := h.see(tx, a)
		if err != nil {
			return err
		}
		o, err := find(s.list, in.Session)
		if err != nil {
			return err
		}
		roles, err := tx.ConsoleRoles(o.Account, o.UserID)
		if err != nil {
			return err
		}
		r := store.ConsoleRole{Account: identity.AccountID(in.Role.Account), Name: name, Color: colorOf(in.Role.Color)}
		r.DisplayName = displayName(in.Role.DisplayName, name, &identity.Account{ID: r.Account})
		at := slices.IndexFunc(roles.Pinned, func(p store.ConsoleRole) bool { return sameRole(&p, &r) })
		pinned := slices.Clone(roles.Pinned)
		switch {
		case at >= 0 && in.Pinned:
			pinned[at] = r
		case at >= 0:
			pinned = slices.Delete(pinned, at, at+1)
		case in.Pinned && len(pinned) >= maxPinned:
			return &callError{Status: http.StatusConflict, Code: "TooManyPins", Message: "Fifty roles are pinned, which is as many as can be."}
		case in.Pinned:
			pinned = append(pinned, r)
		}
		roles.Pinned = pinned
		if err := tx.PutConsoleRoles(o.Account, o.UserID, roles); err != nil {
			return err
		}
		out["pinned"], err = roleViews(tx, pinned)
		return err
	})
	return out, err
}
