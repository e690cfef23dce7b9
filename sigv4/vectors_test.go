package sigv4_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/sigv4"
)

// A vector is a request that another implementation signed. tools/vectors holds
// what wrote them.
type vector struct {
	Name, Source, Service, Region, Method, Target, Host string

	Headers           map[string][]string
	AccessKey, Secret string
	Token             string
	Now               time.Time
	Body              []byte
	PayloadSHA256     string
	Post              map[string]string
}

func readVectors(t testing.TB, file string) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) == 0 {
		t.Fatal("no vectors in " + file)
	}
	return vectors
}

func familyOf(service string) sigv4.Family {
	switch service {
	case "s3":
		return sigv4.FamilyS3
	case "iam", "sts":
		return sigv4.FamilyQuery
	default:
		return sigv4.FamilyJSON
	}
}

func (v vector) request() (*sigv4.Request, error) {
	h := make(http.Header)
	for name, values := range v.Headers {
		for _, value := range values {
			h.Add(name, value)
		}
	}
	return sigv4.NewRequest(v.Method, v.Target, v.Host, h)
}

func (v vector) expect() sigv4.Expect {
	return sigv4.Expect{Family: familyOf(v.Service), Service: v.Service, Now: v.Now, Streaming: true}
}

// verify does what a server does and returns the payload.
func (v vector) verify() (*sigv4.Auth, []byte, error) {
	r, err := v.request()
	if err != nil {
		return nil, nil, err
	}
	a, err := sigv4.Find(r, v.expect())
	if err != nil {
		return nil, nil, err
	}
	if v.Service != "s3" {
		return a, v.Body, a.Verify([]byte(v.Secret), hashOf(v.Body))
	}
	if err := a.Verify([]byte(v.Secret), ""); err != nil {
		return a, nil, err
	}
	body, err := a.Body(bytes.NewReader(v.Body), sigv4.BodyOptions{ContentLength: int64(len(v.Body))})
	if err != nil {
		return a, nil, err
	}
	payload, err := io.ReadAll(body)
	return a, payload, err
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Rules: WI-1 WI-2 WI-3 WI-4 WI-5 WI-8 WI-30 WI-31 WI-32 WI-34 WI-40 WI-41 WI-42 S3-24 S3-26 S3-28 TH-4
func TestVerifyAcceptsWhatOthersSigned(t *testing.T) {
	for _, file := range []string{"botocore.json", "gosdk.json", "smithy.json"} {
		for _, v := range readVectors(t, file) {
			if v.Post != nil {
				continue
			}
			t.Run(v.Source+"/"+v.Name, v.mustVerify)
		}
	}
}

func (v vector) mustVerify(t *testing.T) {
	a, payload, err := v.verify()
	if e, ok := errors.AsType[*sigv4.Error](err); ok {
		t.Fatal(err, e.Extra)
	} else if err != nil {
		t.Fatal(err)
	}
	if a.AccessKeyID != v.AccessKey || a.Token != v.Token || a.Service != v.Service {
		t.Errorf("found key %q, token %q, service %q", a.AccessKeyID, a.Token, a.Service)
	}
	if got := hashOf(payload); got != v.PayloadSHA256 {
		t.Errorf("payload has hash %s, want %s", got, v.PayloadSHA256)
	}
}

// Rules: WI-1 WI-41 TH-8 TH-11
func TestVerifyRefusesWhatWasChangedAfterSigning(t *testing.T) {
	for _, file := range []string{"botocore.json", "gosdk.json", "smithy.json"} {
		for i, v := range readVectors(t, file) {
			if v.Post != nil || i%3 != 0 {
				continue
			}
			for name, change := range map[string]func(*vector){
				"secret":    func(v *vector) { v.Secret += "x" },
				"method":    func(v *vector) { v.Method = "DELETE" },
				"path":      func(v *vector) { v.Target = "/other" + v.Target },
				"parameter": func(v *vector) { v.Target = addParameter(v.Target, "acl") },
			} {
				changed := v
				change(&changed)
				if _, _, err := changed.verify(); err == nil {
					t.Errorf("%s %s: accepted with another %s", v.Source, v.Name, name)
				}
			}
		}
	}
}

func addParameter(target, parameter string) string {
	if strings.Contains(target, "?") {
		return target + "&" + parameter
	}
	return target + "?" + parameter
}

// Rules: S3-32
func TestVerifyPostPolicyAcceptsWhatBotocoreSigned(t *testing.T) {
	found := 0
	for _, v := range readVectors(t, "botocore.json") {
		if v.Post == nil {
			continue
		}
		found++
		verify := func(policy, signature string) error {
			return sigv4.VerifyPostPolicyV2([]byte(v.Secret), policy, signature)
		}
		signature := v.Post["signature"]
		if v.Post["x-amz-algorithm"] != "" {
			signature = v.Post["x-amz-signature"]
			scope := strings.Split(v.Post["x-amz-credential"], "/")
			key := sigv4.SigningKey([]byte(v.Secret), scope[1], scope[2], scope[3])
			verify = func(policy, signature string) error { return sigv4.VerifyPostPolicy(key, policy, signature) }
		}
		if err := verify(v.Post["policy"], signature); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
		if verify(v.Post["policy"]+"x", signature) == nil || verify(v.Post["policy"], "") == nil || verify("", signature) == nil {
			t.Errorf("%s: accepted another policy or signature", v.Name)
		}
	}
	if found != 2 {
		t.Errorf("%d forms, want 2", found)
	}
}
