package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
	"github.com/regent-iam/regent/sigv4"
)

// The organization whose trust is asked about: each role has policies of its
// own and trusts the management account, and one of each account may assume the
// role that all accounts may assume.
const (
	accessAccounts = 100
	accessRoles    = 100  // in each account
	accessBatch    = 40   // roles in a transaction
	accessPages    = 200  // that are read at most
	accessLimit    = 2000 // milliseconds
)

// measureAccess measures how long the pages of answers about trust take in an
// organization of 100 accounts and 10,000 roles.
func measureAccess(ctx context.Context, o options) (required []requirement, err error) {
	data := filepath.Join(o.dir, "access")
	target, err := fillAccess(ctx, o, data)
	if err != nil {
		return nil, err
	}
	s, err := serveRegent(ctx, o, data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	root, err := rootCaller(s.address, data)
	if err != nil {
		return nil, err
	}
	asker, err := root.user(ctx, "asker", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	if err != nil {
		return nil, err
	}
	fmt.Printf("%-58s %8s %8s %10s %10s %10s\n", fmt.Sprintf("trust, %d accounts, %d roles", accessAccounts, accessAccounts*accessRoles), "answers", "pages", "slowest", "first", "all")
	principal := strings.Replace(target, ":role/target", ":user/asker", 1)
	for _, q := range []struct {
		name, operation string
		input           map[string]any
		want            int
	}{
		{"ListTrustEdges, of all accounts", "ListTrustEdges", map[string]any{"RoleArn": target}, accessAccounts},
		{"FindAccessPaths, to every role", "FindAccessPaths", map[string]any{"Principal": principal, "MaxDepth": 1}, accessAccounts * accessRoles},
		{"FindAccessPaths, to one role among them", "FindAccessPaths", map[string]any{"Principal": principal, "MaxDepth": 1, "RoleArn": accessRole(accessAccounts/2, 0)}, 1},
		{"FindAccessPaths, through up to four roles", "FindAccessPaths", map[string]any{"Principal": principal, "MaxDepth": 4}, 1},
	} {
		f, err := root.ask(ctx, asker, q.operation, q.input)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.name, err)
		}
		if f.answers < q.want {
			return nil, fmt.Errorf("%s: %d answers and not %d", q.name, f.answers, q.want)
		}
		fmt.Printf("%-58s %8d %8d %10s %10s %10s\n", q.name, f.answers, f.pages, round(f.slowest), round(f.first), round(f.all))
		required = append(required, requirement{q.name + ", its slowest page", float64(f.slowest.Microseconds()) / 1000, false, accessLimit, " ms"})
	}
	fmt.Println()
	return required, nil
}

// accessFigures are what reading all pages of an answer took.
type accessFigures struct {
	answers, pages      int
	first, slowest, all time.Duration
}

// ask reads all pages of an answer as somebody.
func (c *caller) ask(ctx context.Context, as *caller, operation string, input map[string]any) (f accessFigures, err error) {
	input["MaxItems"] = 100
	for {
		body, err := json.Marshal(input)
		if err != nil {
			return f, err
		}
		header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"Regent_20260101." + operation}}
		r, err := as.sign("regent", sigv4.FamilyJSON, http.MethodPost, "/", header, body)
		if err != nil {
			return f, err
		}
		begin := time.Now()
		raw, err := c.call(ctx, r, nil)
		took := time.Since(begin)
		if err != nil {
			return f, err
		}
		var out struct {
			Edges, Paths []json.RawMessage
			Marker       string
		}
		if err := json.Unmarshal(raw, &out); err != nil {
			return f, err
		}
		if f.pages == 0 {
			f.first = took
		}
		f.pages, f.all, f.slowest = f.pages+1, f.all+took, max(f.slowest, took)
		f.answers += len(out.Edges) + len(out.Paths)
		if out.Marker == "" || f.pages == accessPages {
			return f, nil
		}
		input["Marker"] = out.Marker
	}
}

// fillAccess makes the organization and returns the ARN of the role that all
// of its accounts may assume.
func fillAccess(ctx context.Context, o options, data string) (target string, err error) {
	management, err := foundOrganization(ctx, o, data)
	if err != nil {
		return "", err
	}
	db, err := boltkv.Open(filepath.Join(data, "regent.db"), boltkv.Options{})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s := store.New(db)
	target = "arn:" + identity.Partition + ":iam::" + string(management) + ":role/target"
	var names []string
	for n := range accessAccounts {
		id := accessAccount(n)
		names = append(names, `"`+string(id)+`"`)
		if err := joinAccount(ctx, s, management, id, n); err != nil {
			return "", err
		}
		for from := 0; from < accessRoles; from += accessBatch {
			if err := addRoles(ctx, s, id, management, target, from, min(from+accessBatch, accessRoles)); err != nil {
				return "", err
			}
		}
	}
	return target, s.Update(ctx, func(tx *store.Tx) error {
		return addRole(tx, management, "target", strings.Join(names, ","), allowed("s3:*", "*"))
	})
}

// foundOrganization starts a server for the first time and has it make an organization.
func foundOrganization(ctx context.Context, o options, data string) (_ identity.AccountID, err error) {
	s, err := serveRegent(ctx, o, data)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	root, err := rootCaller(s.address, data)
	if err != nil {
		return "", err
	}
	raw, err := root.do(ctx, "sts", "GetCallerIdentity")
	if err != nil {
		return "", err
	}
	account := ""
	if err := elements(raw, map[string]*string{"Account": &account}); err != nil {
		return "", err
	}
	header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"AWSOrganizationsV20161128.CreateOrganization"}}
	r, err := root.sign("organizations", sigv4.FamilyJSON, http.MethodPost, "/", header, []byte("{}"))
	_, err = root.call(ctx, r, err)
	return identity.AccountID(account), err
}

func accessAccount(n int) identity.AccountID {
	return identity.AccountID(fmt.Sprintf("%012d", 600_000_000_000+n*1_000_003))
}

func accessRole(account, n int) string {
	return fmt.Sprintf("arn:%s:iam::%s:role/role-%03d", identity.Partition, accessAccount(account), n)
}

func joinAccount(ctx context.Context, s *store.Store, management, id identity.AccountID, number int) error {
	return s.Update(ctx, func(tx *store.Tx) error {
		a := &identity.Account{
			ID: id, Name: fmt.Sprintf("account-%d", number), Email: fmt.Sprintf("account-%d@example.com", number),
			Status: identity.AccountActive, CanonicalID: fmt.Sprintf("%064x", number+1), Created: time.Now().UTC(),
		}
		if err := tx.CreateAccount(a); err != nil {
			return err
		}
		m, err := tx.Account(management)
		if err != nil {
			return err
		}
		org, err := tx.Organization(m.Organization)
		if err != nil {
			return err
		}
		return tx.Join(a, org.ID, org.RootID)
	})
}

// addRoles makes roles that trust the management account, one of them with a
// policy that lets it assume the target.
func addRoles(ctx context.Context, s *store.Store, id, management identity.AccountID, target string, from, to int) error {
	return s.Update(ctx, func(tx *store.Tx) error {
		for i := from; i < to; i++ {
			own := allowed("s3:*", "*")
			if i == accessRoles/2 {
				own = allowed("sts:AssumeRole", target)
			}
			if err := addRole(tx, id, fmt.Sprintf("role-%03d", i), `"`+string(management)+`"`, own); err != nil {
				return err
			}
		}
		return nil
	})
}

func addRole(tx *store.Tx, id identity.AccountID, name, trusts, own string) error {
	unique, err := arn.NewID("AROA", string(id), rand.Reader)
	if err != nil {
		return err
	}
	r := &identity.Role{
		Account: id, Name: identity.RoleName(name), Path: "/", ID: unique, Created: time.Now().UTC(), MaxSession: 3600,
		Trust: identity.ResourcePolicy{Text: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":[` + trusts + `]},"Action":"sts:AssumeRole"}]}`},
	}
	r.Inline = []identity.Document{{Name: "inline", Text: own}}
	return tx.CreateRole(r)
}

func allowed(action, resource string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}` + others(8) + `]}`
}
