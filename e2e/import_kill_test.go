package e2e

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/sigv4"
)

// How much a dump has whose import is killed: enough for many transactions a
// part and in the commit.
const (
	killedUsers = 120
	killedRoles = 120
)

// killedParts is the dump of an account, in the parts in which it is imported.
func killedParts(t *testing.T) (parts []string) {
	t.Helper()
	type object = map[string]any
	document := json.RawMessage(allowing("s3:GetObject", "*"))
	var users, roles []object
	for i := range killedUsers {
		users = append(users, object{
			"UserName": fmt.Sprintf("u%d", i), "Arn": fmt.Sprintf("arn:aws:iam::999900001111:user/u%d", i),
			"UserPolicyList": []object{{"PolicyName": "p", "PolicyDocument": document}},
		})
	}
	for i := range killedRoles {
		trust := strings.ReplaceAll(trusting("999900001111"), ":root", fmt.Sprintf(":user/u%d", i%killedUsers))
		roles = append(roles, object{
			"RoleName": fmt.Sprintf("r%d", i), "Arn": fmt.Sprintf("arn:aws:iam::999900001111:role/r%d", i), "AssumeRolePolicyDocument": json.RawMessage(trust),
			"InstanceProfileList": []object{{"InstanceProfileName": fmt.Sprintf("i%d", i)}},
		})
	}
	for _, part := range []object{{"UserDetailList": users}, {"RoleDetailList": roles}} {
		raw, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(raw))
	}
	return parts
}

// A killing is a server that is killed while it imports, again and again, in
// one data directory.
type killing struct {
	t      *testing.T
	data   string
	parts  []string
	server *process
	root   *signer
	admin  *signer // who may assume the role by which the management account gets in
}

// restart starts the server, which was killed.
func (k *killing) restart() {
	k.t.Helper()
	k.server, _ = startTimed(k.t, k.data)
	id, secret := rootKeys(k.t, k.data)
	k.root = newSigner(k.server.URL, id, secret)
	if k.admin != nil {
		k.admin = k.root.as(k.admin.keys.AccessKeyID, k.admin.keys.SecretAccessKey)
	}
}

// json calls an operation of a service that speaks JSON.
func (k *killing) json(ctx context.Context, service, target string, in map[string]any, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {target}}
	r, err := k.root.send(ctx, service, sigv4.FamilyJSON, http.MethodPost, "/", header, body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(r.body, out)
}

// An importReport is what a call of an import answers.
type importReport struct {
	AccountID string `json:"AccountId"`
	State     string
	Imported  int
	Skipped   []struct{ Item, Reason string }
}

func (k *killing) call(in map[string]any) (r importReport, err error) {
	return r, k.json(k.t.Context(), "regent", "Regent_20260101.ImportAccount", in, &r)
}

// must is call for what has to succeed, with nothing left out.
func (k *killing) must(in map[string]any) importReport {
	k.t.Helper()
	r, err := k.call(in)
	if err != nil || len(r.Skipped) > 0 {
		k.t.Fatalf("import: %v, %v", err, r.Skipped)
	}
	return r
}

func (k *killing) begin(name string) string {
	k.t.Helper()
	return k.must(map[string]any{"AccountName": name, "Email": name + "@example.com", "SourceAccountId": "999900001111"}).AccountID
}

// steps are the calls that fill an account, the last of which commits.
func (k *killing) steps(account string) (calls []map[string]any) {
	for i, part := range k.parts {
		calls = append(calls, map[string]any{"AccountId": account, "Part": i + 1, "Dump": part})
	}
	return append(calls, map[string]any{"AccountId": account, "Commit": true})
}

// listed reports whether the account is in the organization.
func (k *killing) listed(account string) bool {
	k.t.Helper()
	for token := ""; ; {
		in := map[string]any{}
		if token != "" {
			in["NextToken"] = token
		}
		var page struct {
			Accounts []struct {
				ID string `json:"Id"`
			}
			NextToken string
		}
		if err := k.json(k.t.Context(), "organizations", "AWSOrganizationsV20161128.ListAccounts", in, &page); err != nil {
			k.t.Fatal(err)
		}
		for _, a := range page.Accounts {
			if a.ID == account {
				return true
			}
		}
		if token = page.NextToken; token == "" {
			return false
		}
	}
}

// enter assumes a role of the account as the administrator.
func (k *killing) enter(account, role string) (*signer, error) {
	r, err := k.admin.query(k.t.Context(), "sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+account+":role/"+role, "RoleSessionName", "admin")
	if err != nil {
		return nil, err
	}
	in := *k.admin
	in.keys = sigv4.Credentials{
		AccessKeyID: element(r.body, "AccessKeyId"), SecretAccessKey: element(r.body, "SecretAccessKey"), SessionToken: element(r.body, "SessionToken"),
	}
	return &in, nil
}

// whole fails unless the account has all that the dump has.
func (k *killing) whole(account string) {
	k.t.Helper()
	in, err := k.enter(account, "OrganizationAccountAccessRole")
	if err != nil {
		k.t.Fatalf("an account that is in the organization: %v", err)
	}
	users, roles, trusting := 0, 0, 0
	for marker := ""; ; {
		params := []string{"MaxItems", "1000"}
		if marker != "" {
			params = append(params, "Marker", marker)
		}
		r, err := in.query(k.t.Context(), "iam", "GetAccountAuthorizationDetails", params...)
		if err != nil {
			k.t.Fatal(err)
		}
		var page struct {
			Users []struct {
				Policies []string `xml:"UserPolicyList>member>PolicyName"`
			} `xml:"GetAccountAuthorizationDetailsResult>UserDetailList>member"`
			Roles []struct {
				Name     string   `xml:"RoleName"`
				Trust    string   `xml:"AssumeRolePolicyDocument"`
				Profiles []string `xml:"InstanceProfileList>member>InstanceProfileName"`
			} `xml:"GetAccountAuthorizationDetailsResult>RoleDetailList>member"`
			Marker string `xml:"GetAccountAuthorizationDetailsResult>Marker"`
		}
		if err := xml.Unmarshal(r.body, &page); err != nil {
			k.t.Fatal(err)
		}
		for _, u := range page.Users {
			users += len(u.Policies)
		}
		for _, r := range page.Roles {
			roles += len(r.Profiles)
			if strings.HasPrefix(r.Name, "r") && strings.Contains(r.Trust, account+"%3Auser%2Fu") {
				trusting++
			}
		}
		if marker = page.Marker; marker == "" {
			break
		}
	}
	if users != killedUsers || roles != killedRoles || trusting != killedRoles {
		k.t.Errorf("account %s is active and has %d users with a policy, %d roles in a profile, of which %d trust somebody: want %d, %d and all",
			account, users, roles, trusting, killedUsers, killedRoles)
	}
}

// off fails unless the account is of no use to anybody.
func (k *killing) off(account string) {
	k.t.Helper()
	for _, role := range []string{"OrganizationAccountAccessRole", "r0"} {
		if _, err := k.enter(account, role); !refusedAs(err, "AccessDenied") {
			k.t.Errorf("%s of an account whose import was killed: %v", role, err)
		}
	}
}

// again imports once more under the name of what was killed.
func (k *killing) again(name string) {
	k.t.Helper()
	account := k.begin(name)
	for _, in := range k.steps(account) {
		k.must(in)
	}
	k.whole(account)
}

// TestAnImportThatIsKilled kills the server between the calls of an import, and
// at several moments of a part and of the commit. Afterwards the account is
// whole, or off: then it can be abandoned, and the import can be done again
// either way.
//
// Rules: TH-31
func TestAnImportThatIsKilled(t *testing.T) {
	k := &killing{t: t, data: filepath.Join(t.TempDir(), "data"), parts: killedParts(t)}
	k.restart()
	if err := k.json(t.Context(), "organizations", "AWSOrganizationsV20161128.CreateOrganization", map[string]any{}, nil); err != nil {
		t.Fatal(err)
	}
	k.newAdmin()

	// What each call takes, when nobody disturbs it.
	account := k.begin("undisturbed")
	var took []time.Duration
	for _, in := range k.steps(account) {
		begin := time.Now()
		k.must(in)
		took = append(took, time.Since(begin))
	}
	k.whole(account)

	active, outcomes := 0, []string{}
	for step := range took {
		for _, eighth := range []int{0, 1, 4, 7, 16} { // 0: before the call, 16: most likely after it
			name := fmt.Sprintf("killed-%d-%d", step, eighth)
			account := k.begin(name)
			calls := k.steps(account)
			for _, in := range calls[:step] {
				k.must(in)
			}
			answered := eighth > 0 && k.killDuring(calls[step], took[step]*time.Duration(eighth)/8)
			if eighth == 0 {
				k.server.kill()
			}
			k.restart()
			on := k.listed(account)
			commits := step == len(took)-1
			switch {
			case on && commits && eighth > 0:
				active++
				k.whole(account)
			case on:
				t.Errorf("%s: the account is active before anybody asked for that", name)
			case commits && answered:
				t.Errorf("%s: the commit was answered, and the account is off", name)
			default:
				k.off(account)
				if eighth%2 == 0 {
					if r := k.must(map[string]any{"AccountId": account, "Abandon": true}); r.State != "ABANDONED" {
						t.Errorf("%s: %+v", name, r)
					}
				}
				k.again(name)
			}
			outcomes = append(outcomes, fmt.Sprintf("%s answered=%t active=%t", name, answered, on))
		}
	}
	t.Logf("the calls take %v; %d of %d were whole\n%s", took, active, len(outcomes), strings.Join(slices.Compact(outcomes), "\n"))
	if err := k.server.stop(); err != nil {
		t.Errorf("stopping regent: %v\n%s", err, k.server.logs)
	}
}

func (k *killing) newAdmin() {
	k.t.Helper()
	query := func(action string, params ...string) *reply {
		r, err := k.root.query(k.t.Context(), "iam", action, append([]string{"UserName", "admin"}, params...)...)
		if err != nil {
			k.t.Fatal(err)
		}
		return r
	}
	query("CreateUser")
	query("AttachUserPolicy", "PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess")
	key := query("CreateAccessKey").body
	k.admin = k.root.as(element(key, "AccessKeyId"), element(key, "SecretAccessKey"))
}

// killDuring makes a call and kills the server after a while, wherever it is
// then. It reports whether the call was answered before.
func (k *killing) killDuring(in map[string]any, after time.Duration) (answered bool) {
	k.t.Helper()
	done := make(chan error, 1)
	go func() {
		_, err := k.call(in)
		done <- err
	}()
	time.Sleep(after)
	k.server.kill()
	err := <-done
	if err != nil && !errors.Is(err, errUnanswered) {
		k.t.Errorf("the call that was killed: %v", err)
	}
	k.root.http.CloseIdleConnections()
	return err == nil
}
