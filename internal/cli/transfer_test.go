package cli_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/cli"
)

// transferring is a server that answers ImportAccount call by call.
func transferring(t *testing.T, answers ...string) (asked *[]map[string]any) {
	t.Helper()
	s := serve(t)
	asked = new([]map[string]any)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		var in map[string]any
		if err == nil {
			err = json.Unmarshal(raw, &in)
		}
		if err != nil || len(*asked) >= len(answers) {
			t.Errorf("call %d: %v", len(*asked), err)
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		answer := answers[len(*asked)]
		*asked = append(*asked, in)
		if strings.Contains(answer, "__type") {
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = io.WriteString(w, answer)
	})
	return asked
}

func runVerb(t *testing.T, in string, args ...string) (got run) {
	t.Helper()
	var out, errs bytes.Buffer
	got.code = cli.Run(t.Context(), args, cli.Seams{In: strings.NewReader(in), Out: &out, Err: &errs})
	got.out, got.err = out.String(), errs.String()
	return got
}

const (
	twoUsers = `{"UserDetailList":[{"UserName":"a","Arn":"arn:aws:iam::999900001111:user/a"},{"UserName":"b"}]}`
	began    = `{"AccountId":"111122223333","State":"IMPORTING","Imported":0,"Skipped":[]}`
	part     = `{"AccountId":"111122223333","State":"IMPORTING","Imported":3,"Skipped":[{"Item":"arn:aws:iam::999900001111:user/a\u001b[31m","Operation":"AttachUserPolicy","Reason":"NoSuchEntity: none"}],"MoreSkipped":2}`
	whole    = `{"AccountId":"111122223333","State":"ACTIVE","Imported":1,"Skipped":[]}`
)

func TestImportSendsTheDumpAndReports(t *testing.T) {
	asked := transferring(t, began, part, whole)
	got := runVerb(t, twoUsers, "import", "-", "--profile", "alice", "--name", "copy", "--email", "a@example.com", "--map-account", "888800001111=444455556666")
	want := "Account 111122223333 is a copy of 999900001111, whose id was replaced by its own in ARNs and principals.\n" +
		"Written: 4. Left out: 3.\n\narn:aws:iam::999900001111:user/a\uFFFD[31m\n  AttachUserPolicy: NoSuchEntity: none\n\nand 2 more\n"
	if got.code != 0 || got.out != want {
		t.Errorf("%d\n%s%s\nwant\n%s", got.code, got.out, got.err, want)
	}
	calls := *asked
	if len(calls) != 3 || calls[0]["SourceAccountId"] != "999900001111" || calls[1]["Part"] != 1.0 || calls[1]["Dump"] != twoUsers || calls[2]["Commit"] != true {
		t.Errorf("%v", calls)
	}
}

func TestAnImportThatFailsIsAbandoned(t *testing.T) {
	const refused = `{"__type":"AccessDeniedException","Message":"User: x is not authorized"}`
	file := filepath.Join(t.TempDir(), "dump.json")
	if err := os.WriteFile(file, []byte(twoUsers), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"import", file, "--profile", "alice", "--name", "copy", "--email", "a@example.com"}
	asked := transferring(t, began, refused, `{"AccountId":"111122223333","State":"ABANDONED","Imported":0,"Skipped":[]}`)
	got := runVerb(t, "", args...)
	if got.code != 1 || !strings.Contains(got.err, "User: x is not authorized (nothing was imported)") || (*asked)[2]["Abandon"] != true {
		t.Errorf("%d %s %v", got.code, got.err, *asked)
	}
	transferring(t, began, refused, refused)
	if got := runVerb(t, "", args...); got.code != 1 || !strings.Contains(got.err, "is still there, switched off") {
		t.Errorf("%d %s", got.code, got.err)
	}
}

func TestImportIsToldHow(t *testing.T) {
	transferring(t)
	for _, args := range [][]string{
		{"import"},
		{"import", "a", "b"},
		{"import", "-", "--name", "copy"},
		{"import", "-", "--name", "copy", "--email", "a@example.com", "--map-account", "1"},
		{"export", "a"},
	} {
		if got := runVerb(t, "{}", args...); got.code != 2 {
			t.Errorf("%v: %d %s", args, got.code, got.err)
		}
	}
	if got := runVerb(t, "[]", "import", "-", "--name", "copy", "--email", "a@example.com"); got.code != 1 || !strings.Contains(got.err, "not the authorization details of an account") {
		t.Errorf("%d %s", got.code, got.err)
	}
}

func TestExportPutsPartsTogether(t *testing.T) {
	asked := transferring(t, `{"AccountId":"1","Dump":"{\"UserDetailList\":[{\"UserName\":\"a\"}]}","Marker":"next"}`, `{"AccountId":"1","Dump":"{\"RoleDetailList\":[{\"RoleName\":\"r\"}]}"}`)
	got := runVerb(t, "", "export", "--profile", "alice")
	if got.code != 0 || !strings.Contains(got.out, `"UserName": "a"`) || !strings.Contains(got.out, `"RoleName": "r"`) || !json.Valid([]byte(got.out)) {
		t.Errorf("%d %s%s", got.code, got.out, got.err)
	}
	if len(*asked) != 2 || (*asked)[1]["Marker"] != "next" {
		t.Errorf("%v", *asked)
	}
}
