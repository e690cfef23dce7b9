package console_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/console"
)

// get asks a catalog for a file, as a browser does.
func get(t *testing.T, c *console.Catalog, name string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/_regent/console/catalog/"+name, http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	c.Serve(w, r, name)
	return w.Result()
}

// decode reads an answer of JSON into out.
func decode(t *testing.T, answer *http.Response, out any) {
	t.Helper()
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("got %s %s", answer.Status, answer.Header.Get("Content-Type"))
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		t.Fatal(err)
	}
}

type named struct{ Name, Prefix, Access, Type, Pattern, About string }

func TestCatalogListsEveryService(t *testing.T) {
	var services struct{ Services []named }
	decode(t, get(t, console.NewCatalog(), "services.json"), &services)
	if len(services.Services) != len(slices.Collect(catalog.Services())) {
		t.Errorf("%d services", len(services.Services))
	}
	if !slices.Contains(services.Services, named{Prefix: "s3", Name: "Amazon S3"}) {
		t.Error("no Amazon S3")
	}
	for _, s := range services.Services {
		if s.Prefix == "services" || s.Prefix == "global" || strings.Contains(s.Prefix, "/") {
			t.Errorf("the service %q has the name of another file", s.Prefix)
		}
	}
}

func TestCatalogKnowsActionsResourcesAndKeysOfEveryService(t *testing.T) {
	c := console.NewCatalog()
	for prefix := range catalog.Services() {
		var got struct {
			Prefix, Name             string
			Actions, Resources, Keys []named
		}
		decode(t, get(t, c, prefix+".json"), &got)
		want, _ := catalog.ServiceByPrefix(prefix)
		if got.Prefix != prefix || len(got.Actions) != len(want.Actions) || len(got.Resources) != len(want.Resources) || len(got.Keys) != len(want.Keys) {
			t.Errorf("%s: %d actions, %d resources, %d keys", prefix, len(got.Actions), len(got.Resources), len(got.Keys))
		}
		if prefix != "s3" {
			continue
		}
		if !slices.Contains(got.Actions, named{Name: "GetObject", Access: "Read"}) ||
			!slices.Contains(got.Actions, named{Name: "PutBucketPolicy", Access: "Permissions management"}) ||
			!slices.Contains(got.Resources, named{Name: "bucket", Pattern: "arn:${Partition}:s3:::${BucketName}"}) ||
			!slices.Contains(got.Keys, named{Name: "s3:prefix", Type: "String"}) {
			t.Errorf("s3 is %+v", got)
		}
	}
}

func TestCatalogKnowsGlobalKeysAndOperators(t *testing.T) {
	var got struct {
		Keys      []named
		Operators []string
	}
	decode(t, get(t, console.NewCatalog(), "global.json"), &got)
	if !slices.Contains(got.Keys, named{Name: "aws:MultiFactorAuthPresent", Type: "Bool", About: "session"}) {
		t.Errorf("keys: %+v", got.Keys)
	}
	if slices.ContainsFunc(got.Keys, func(k named) bool { return k.Name == "s3:prefix" }) {
		t.Error("a service's own key is called global")
	}
	for _, operator := range []string{"StringEquals", "ArnNotLike", "Null", "NotIpAddress"} {
		if !slices.Contains(got.Operators, operator) {
			t.Errorf("no operator %s in %v", operator, got.Operators)
		}
	}
}

func TestCatalogTellsManagedPoliciesByWhatTheyAllow(t *testing.T) {
	var got struct {
		Policies map[string]struct {
			Actions    []string
			NotActions [][]string
		}
	}
	decode(t, get(t, console.NewCatalog(), "policies/s3.json"), &got)
	if a := got.Policies["AmazonS3FullAccess"].Actions; !slices.Contains(a, "s3:*") || slices.Contains(a, "s3-object-lambda:*") {
		t.Errorf("AmazonS3FullAccess allows %v of s3", a)
	}
	if a := got.Policies["AdministratorAccess"].Actions; !slices.Equal(a, []string{"*"}) {
		t.Errorf("AdministratorAccess allows %v", a)
	}
	if but := got.Policies["PowerUserAccess"].NotActions; len(but) != 1 || len(but[0]) != 0 {
		t.Errorf("PowerUserAccess allows all but %v of s3", but)
	}
	if _, ok := got.Policies["AmazonSQSFullAccess"]; ok {
		t.Error("AmazonSQSFullAccess is said to allow something of s3")
	}
}

func TestCatalogIsKeptByCaches(t *testing.T) {
	c := console.NewCatalog()
	first := get(t, c, "sqs.json")
	tag := first.Header.Get("ETag")
	if tag == "" || !strings.HasPrefix(first.Header.Get("Cache-Control"), "public") || first.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("headers %v", first.Header)
	}
	if again := get(t, c, "sqs.json", "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
		t.Errorf("asked again: %s", again.Status)
	}
	if other := get(t, c, "s3.json", "If-None-Match", tag); other.StatusCode != http.StatusOK {
		t.Errorf("another file: %s", other.Status)
	}
}

func TestCatalogIsCompressedForThoseWhoTakeIt(t *testing.T) {
	c := console.NewCatalog()
	plain, err := io.ReadAll(get(t, c, "ec2.json").Body)
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"gzip": "gzip", "br, gzip;q=0.5": "gzip", "GZIP": "gzip", "": "", "br": "", "gzip;q=0": "", "gzip;q=0.0, br": "",
	} {
		answer := get(t, c, "ec2.json", "Accept-Encoding", header)
		if got := answer.Header.Get("Content-Encoding"); got != want {
			t.Errorf("%q: encoded as %q, want %q", header, got, want)
			continue
		}
		body := io.Reader(answer.Body)
		if want == "gzip" {
			if body, err = gzip.NewReader(answer.Body); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := io.ReadAll(body); err != nil || string(text) != string(plain) {
			t.Errorf("%q: %d bytes and %v, want %d bytes", header, len(text), err, len(plain))
		}
	}
}

func TestCatalogRefusesWhatItDoesNotHave(t *testing.T) {
	c := console.NewCatalog()
	for _, name := range []string{"", "s3", "S3.json", "none.json", "../console.go", "policies/", "policies/none.json"} {
		if got := get(t, c, name); got.StatusCode != http.StatusNotFound {
			t.Errorf("%q: %s", name, got.Status)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/_regent/console/catalog/s3.json", http.NoBody)
	w := httptest.NewRecorder()
	c.Serve(w, r, "s3.json")
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}
