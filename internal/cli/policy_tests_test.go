package cli_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const goodArchive = `Reading is allowed.
-- identity.json --
{"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
-- principal --
kind user
account 111122223333
arn arn:aws:iam::111122223333:user/dana
-- requests --
s3:GetObject arn:aws:s3:::b/k -> allowed by identity identity.json#0
s3:PutObject arn:aws:s3:::b/k -> implicitDeny by identity
`

func archives(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPolicyTestRunsArchives(t *testing.T) {
	t.Parallel()
	dir := archives(t, map[string]string{"a.txtar": goodArchive})
	got := regent(t, nil, nil, "policy", "test", dir)
	if want := "ok    " + filepath.Join(dir, "a.txtar") + "  2 requests\n1 archive, 2 requests, none failed\n"; got.code != 0 || got.err != "" || got.out != want {
		t.Errorf("%+v, want %q", got, want)
	}
}

// The archives that Regent is held to pass as they are published.
func TestPolicyTestRunsThePublishedSet(t *testing.T) {
	t.Parallel()
	got := regent(t, nil, nil, "policy", "test", filepath.Join("..", "..", "policy", "testdata", "decide"))
	if got.code != 0 || !strings.HasSuffix(got.out, " requests, none failed\n") {
		t.Errorf("%+v", got)
	}
}

func TestPolicyTestShowsWhatFails(t *testing.T) {
	t.Parallel()
	bad := strings.Replace(goodArchive, "s3:PutObject arn:aws:s3:::b/k -> implicitDeny", "s3:PutObject arn:aws:s3:::b/k -> allowed", 1)
	dir := archives(t, map[string]string{"a.txtar": goodArchive, "b<&>.txtar": bad})
	report := filepath.Join(t.TempDir(), "junit.xml")
	got := regent(t, nil, nil, "policy", "test", "--junit", report, dir)
	if got.code != 1 || got.err != "regent: policy test: 1 of 4 requests failed\n" {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{
		"ok    " + filepath.Join(dir, "a.txtar") + "  2 requests\n",
		"FAIL  " + filepath.Join(dir, "b<&>.txtar") + "  1 of 2 requests\n",
		"b<&>.txtar:10: s3:PutObject on arn:aws:s3:::b/k as arn:aws:iam::111122223333:user/dana\n",
		"    want allowed by identity\n",
		"    got  implicitDeny by identity because no identity-based policy allows the s3:PutObject action\n",
		`identity.json#0 "Read", line 1 does not match: its action is s3:Get*, the request's is s3:PutObject`,
		"    to allow it: ",
		"2 archives, 4 requests, 1 failed\n",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("want %q in\n%s", want, got.out)
		}
	}
	raw, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				File    string `xml:"file,attr"`
				Line    int    `xml:"line,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
					Text    string `xml:",chardata"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	if read.Tests != 4 || read.Failures != 1 || len(read.Suites) != 2 || len(read.Suites[1].Cases) != 2 {
		t.Fatalf("%+v", read)
	}
	passed, failed := read.Suites[1].Cases[0], read.Suites[1].Cases[1]
	if passed.Failure != nil || failed.Failure == nil || failed.Line != 10 || !strings.HasSuffix(failed.File, "b<&>.txtar") ||
		failed.Failure.Message != "want allowed by identity, got implicitDeny by identity" || !strings.Contains(failed.Failure.Text, "to allow it: ") {
		t.Errorf("%+v, %+v", passed, failed)
	}
}

// What cannot be run fails: no archive, one that cannot be read, no report.
func TestPolicyTestFailsWhereThereIsNothingToRun(t *testing.T) {
	t.Parallel()
	good := archives(t, map[string]string{"a.txtar": goodArchive})
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 2, "policy test takes the name of a directory"},
		{[]string{good, good}, 2, "policy test takes the name of a directory"},
		{[]string{"--junit"}, 2, "flag needs an argument"},
		{[]string{t.TempDir()}, 1, "there are no archives (*.txtar)"},
		{[]string{filepath.Join(good, "missing")}, 1, "no such file"},
		{[]string{archives(t, map[string]string{"a.txtar": "-- requests --\nnothing\n"})}, 1, "a.txtar:2: want "},
		{[]string{"--junit", filepath.Join(good, "no", "where"), good}, 1, "no such file"},
	} {
		got := regent(t, nil, nil, append([]string{"policy", "test"}, test.args...)...)
		if got.code != test.code || !strings.Contains(got.err, test.want) {
			t.Errorf("policy test %v: %+v, want %d and %q", test.args, got, test.code, test.want)
		}
	}
}
