package iam_test

import (
	"context"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

const reporting = identity.AccountID("111122223333")

// report makes a credential report and returns its rows by user, the columns'
// names under "user".
func report(t *testing.T, h *servicetest.Harness, actor string) map[string][]string {
	t.Helper()
	h.As(actor).Call("iam", "GenerateCredentialReport").OK()
	return reportNow(t, h, actor)
}

func reportNow(t *testing.T, h *servicetest.Harness, actor string) map[string][]string {
	t.Helper()
	answer := h.As(actor).Call("iam", "GetCredentialReport").OK()
	if format := answer.Get("ReportFormat"); format != "text/csv" {
		t.Errorf("the report is %s", format)
	}
	text, err := base64.StdEncoding.DecodeString(answer.Get("Content"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, row := range rows {
		if out[row[0]] != nil {
			t.Errorf("%s is there twice", row[0])
		}
		out[row[0]] = row
	}
	return out
}

// The columns of the report, and what stands in them of a root, of a user who
// has nothing, and of one who has everything. A name with a comma is one field.
//
// Rules: IA-57
func TestCredentialReportColumns(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(reporting, "root")
	h.User("plain", reporting, "")
	h.User("=a,b", reporting, "")
	h.Key("second", reporting, "=a,b")
	h.Update(func(tx *store.Tx) error {
		u, err := tx.User(reporting, "plain")
		if err != nil {
			return err
		}
		k, err := tx.AccessKey(u.Keys[0])
		if err != nil {
			return err
		}
		u.Keys = nil
		if err := tx.DeleteAccessKey(k); err != nil {
			return err
		}
		if err := tx.PutUser(u); err != nil {
			return err
		}
		u, err = tx.User(reporting, "=a,b")
		if err != nil {
			return err
		}
		if k, err = tx.AccessKey(u.Keys[1]); err != nil {
			return err
		}
		k.Status = identity.KeyInactive
		if err := tx.PutAccessKey(k); err != nil {
			return err
		}
		return tx.PutKeyUse(u.Keys[0], identity.KeyUse{At: h.Now().Add(time.Hour), Service: "s3", Region: "eu-west-1"})
	})
	newDevice(t, h.As("root"), "phone").enable(h, "root", "=a,b").OK()
	h.Advance(time.Minute)
	h.Update(func(tx *store.Tx) error {
		u, err := tx.User(reporting, "=a,b")
		if err != nil {
			return err
		}
		for i, id := range []string{"ZZZ", "AAA"} { // in the order of their upload
			err := tx.PutSigningCertificate(&identity.SigningCertificate{
				ID: id, Account: reporting, UserID: u.ID, Uploaded: h.Now().Add(time.Duration(i) * time.Second),
				Status: []identity.KeyStatus{identity.KeyInactive, identity.KeyActive}[i],
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	got := report(t, h, "root")
	const made = "2026-04-01T12:00:00+00:00"
	want := map[string][]string{
		"user": strings.Split("user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,"+
			"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"+
			"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,"+
			"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated", ","),
		"<root_account>": {
			"<root_account>", "arn:aws:iam::111122223333:root", made, "not_supported", "no_information", "not_supported", "not_supported", "false",
			"true", made, "N/A", "N/A", "N/A", "false", "N/A", "N/A", "N/A", "N/A", "false", "N/A", "false", "N/A",
		},
		"plain": {
			"plain", "arn:aws:iam::111122223333:user/plain", made, "false", "N/A", "N/A", "N/A", "false",
			"false", "N/A", "N/A", "N/A", "N/A", "false", "N/A", "N/A", "N/A", "N/A", "false", "N/A", "false", "N/A",
		},
		"=a,b": {
			"=a,b", "arn:aws:iam::111122223333:user/=a,b", made, "false", "N/A", "N/A", "N/A", "true",
			"true", made, "2026-04-01T13:00:00+00:00", "eu-west-1", "s3", "false", made, "N/A", "N/A", "N/A",
			"false", "2026-04-01T12:01:00+00:00", "true", "2026-04-01T12:01:01+00:00",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// The columns of a password: there is none, it was never used, it was, and when
// the account's policy wants another.
//
// Rules: IA-57 IA-53
func TestCredentialReportOfPasswords(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(reporting, "root")
	for _, name := range []string{"none", "fresh", "used"} {
		h.User(name, reporting, "")
	}
	h.Advance(time.Hour)
	for _, name := range []string{"fresh", "used"} {
		h.As("root").Call("iam", "CreateLoginProfile", "UserName", name, "Password", "Correct-horse-7").OK()
	}
	h.Update(func(tx *store.Tx) error {
		u, err := tx.User(reporting, "used")
		if err != nil {
			return err
		}
		u.PasswordLastUsed = h.Now().Add(time.Minute)
		return tx.PutUser(u)
	})
	passwords := func(want map[string]string) {
		t.Helper()
		rows := report(t, h, "root")
		for name, columns := range want {
			if got := strings.Join(rows[name][3:7], " "); got != columns {
				t.Errorf("%s: %s, want %s", name, got, columns)
			}
		}
	}
	passwords(map[string]string{
		"none": "false N/A N/A N/A", "fresh": "true no_information 2026-04-01T13:00:00+00:00 N/A",
		"used": "true 2026-04-01T13:01:00+00:00 2026-04-01T13:00:00+00:00 N/A",
	})
	h.As("root").Call("iam", "UpdateAccountPasswordPolicy", "MaxPasswordAge", "90").OK()
	h.Advance(4 * time.Hour)
	passwords(map[string]string{
		"none": "false N/A N/A N/A", "fresh": "true no_information 2026-04-01T13:00:00+00:00 2026-06-30T13:00:00+00:00",
		"<root_account>": "not_supported no_information not_supported not_supported",
	})
}

// A report is what it was when it was made, for four hours.
//
// Rules: IA-57
func TestCredentialReportLife(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(reporting, "root")
	h.Account("444455556666", "other")
	root := h.As("root")
	root.Call("iam", "GetCredentialReport").Fails("ReportNotPresent")
	first := root.Call("iam", "GenerateCredentialReport").OK()
	if first.Get("State") != "STARTED" || first.Get("Description") == "" {
		t.Errorf("the first call: %s", first.Body)
	}
	h.User("late", reporting, "")
	h.Advance(4*time.Hour - time.Second)
	if again := root.Call("iam", "GenerateCredentialReport").OK(); again.Get("State") != "COMPLETE" {
		t.Errorf("within four hours: %s", again.Body)
	}
	if rows := reportNow(t, h, "root"); rows["late"] != nil || len(rows) != 2 {
		t.Errorf("the report changed: %v", rows)
	}
	h.As("other").Call("iam", "GetCredentialReport").Fails("ReportNotPresent")
	h.Advance(time.Second)
	expired := root.Call("iam", "GetCredentialReport").Fails("ReportExpired")
	if expired.Status != 410 {
		t.Errorf("status %d", expired.Status)
	}
	if rows := report(t, h, "root"); rows["late"] == nil {
		t.Errorf("a new report has not whom it should: %v", rows)
	}
	h.View(func(tx *store.Tx) error {
		r, err := tx.CredentialReport(reporting)
		if err == nil && (r.Pending != nil || len(r.Stale) > 0) {
			t.Errorf("the old report is still there: %+v", r)
		}
		return err
	})
}

// A report whose maker died half way is never shown; it counts as being made
// for a while, and is then begun anew and what it left is removed.
//
// Rules: IA-57
func TestCredentialReportIsWholeOrAbsent(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(reporting, "root")
	const dead = "dead"
	h.Update(func(tx *store.Tx) error {
		r := &identity.CredentialReport{Pending: &identity.ReportParts{ID: dead, At: h.Now()}}
		for _, part := range []string{"user,arn\n", "half"} {
			if err := tx.AddCredentialReportPart(reporting, r, part); err != nil {
				return err
			}
		}
		return nil
	})
	root := h.As("root")
	if progress := root.Call("iam", "GetCredentialReport").Fails("ReportInProgress"); progress.Status != 404 {
		t.Errorf("status %d", progress.Status)
	}
	if got := root.Call("iam", "GenerateCredentialReport").OK().Get("State"); got != "INPROGRESS" {
		t.Errorf("while it is made: %s", got)
	}
	h.Advance(10 * time.Minute)
	root.Call("iam", "GetCredentialReport").Fails("ReportNotPresent")
	if rows := report(t, h, "root"); len(rows) != 2 {
		t.Errorf("rows: %v", rows)
	}
	h.View(func(tx *store.Tx) error {
		for n := range 2 {
			if text, err := tx.CredentialReportPart(reporting, dead, n); err == nil {
				t.Errorf("part %d of the dead report is still there: %q", n, text)
			}
		}
		return nil
	})
}

// populate makes n users with a key each, without their quota.
func populate(t *testing.T, h *servicetest.Harness, n int) {
	t.Helper()
	for first := 0; first < n; first += 20 {
		h.Update(func(tx *store.Tx) error {
			for i := first; i < min(first+20, n); i++ {
				id := fmt.Sprintf("AIDA%017d", i)
				key := identity.AccessKeyID(fmt.Sprintf("AKIA%016d", i))
				if err := tx.PutAccessKey(&identity.AccessKey{ID: key, Account: reporting, UserID: id, Status: identity.KeyActive, Created: h.Now()}); err != nil {
					return err
				}
				err := tx.PutUser(&identity.User{
					Account: reporting, Name: identity.UserName(fmt.Sprintf("user-%06d", i)), Path: "/people/", ID: id, Created: h.Now(),
					Keys: []identity.AccessKeyID{key},
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// As many users as the quota allows, and twice as many, are reported: in parts
// of bounded length, while little is in memory.
//
// Rules: IA-57
func TestCredentialReportOfMany(t *testing.T) {
	t.Parallel()
	for _, n := range []int{5000, 10_000} {
		h := harness(t)
		h.Account(reporting, "root")
		populate(t, h, n)
		began := time.Now()
		h.As("root").Call("iam", "GenerateCredentialReport").OK()
		t.Logf("%d users took %v", n, time.Since(began))
		if rows := reportNow(t, h, "root"); len(rows) != n+2 || rows[fmt.Sprintf("user-%06d", n-1)] == nil {
			t.Errorf("%d rows of %d users", len(rows), n)
		}
		h.View(func(tx *store.Tx) error {
			r, err := tx.CredentialReport(reporting)
			if err != nil {
				return err
			}
			if r.Current.Parts < 4 {
				t.Errorf("%d users in %d parts", n, r.Current.Parts)
			}
			for i := range r.Current.Parts {
				if part, err := tx.CredentialReportPart(reporting, r.Current.ID, i); err != nil || len(part) == 0 || len(part) > store.MaxReportPart {
					t.Errorf("part %d has %d bytes: %v", i, len(part), err)
				}
			}
			return nil
		})
	}
}

// A caller who goes away in the middle leaves no report behind, not even one
// that is being made.
//
// Rules: IA-57
func TestCredentialReportOfACallThatEnds(t *testing.T) {
	h := harness(t)
	h.Account(reporting, "root")
	populate(t, h, 3000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_ = h.Store.View(context.Background(), func(tx *store.Tx) error {
				if r, err := tx.CredentialReport(reporting); err == nil && r.Pending != nil && r.Pending.Parts > 0 {
					cancel()
				}
				return nil
			})
			runtime.Gosched()
		}
	}()
	h.As("root").In(ctx).Call("iam", "GenerateCredentialReport")
	cancel()
	<-done
	h.View(func(tx *store.Tx) error {
		r, err := tx.CredentialReport(reporting)
		if err == nil && (r.Pending != nil || len(r.Stale) > 0) {
			t.Errorf("left behind: %+v", r)
		}
		return err
	})
	if rows := report(t, h, "root"); len(rows) != 3002 {
		t.Errorf("%d rows", len(rows))
	}
}
