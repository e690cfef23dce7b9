package server_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/server"
)

// What a user tries at a whole server shows in a report on the user, refused
// though it was.
//
// Rules: IA-58
func TestWhatWasRefusedIsLastAccessed(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{InMemory: true})
	root, account := w.root(), string(w.First().Account)
	ctx := t.Context()
	must(t)(root.Query(ctx, "iam", "CreateUser", "UserName", "u"))
	must(t)(root.Query(ctx, "iam", "PutUserPolicy", "UserName", "u", "PolicyName", "p", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","s3:ListBucket"],"Resource":"*"}]}`))
	key, err := root.NewKey(ctx, "u")
	if err != nil {
		t.Fatal(err)
	}
	u := w.Client(key)
	if _, err := u.Query(ctx, "iam", "ListUsers"); err == nil {
		t.Fatal("the user may list users")
	}
	jobID := regexp.MustCompile(`<JobId>(.*)</JobId>`)
	last := ""
	for range 100 { // it is written in the background
		job := jobID.FindStringSubmatch(must(t)(root.Query(ctx, "iam", "GenerateServiceLastAccessedDetails",
			"Arn", "arn:aws:iam::"+account+":user/u", "Granularity", "ACTION_LEVEL")))
		last = must(t)(root.Query(ctx, "iam", "GetServiceLastAccessedDetails", "JobId", job[1]))
		if strings.Count(last, "<LastAuthenticated>") == 1 && strings.Contains(last, "<LastAccessedTime>") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("what the user tried is not told: %.2000s", last)
}
