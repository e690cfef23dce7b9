package restjson_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/regent-iam/regent/internal/api/accessanalyzer"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/internal/wire/restjson"
	"github.com/regent-iam/regent/internal/wire/wiretest"
)

var svc = &accessanalyzer.Service

// A sender writes an input as a client does: members where they belong.
type sender struct {
	*wire.JSON
	shape  *wire.Shape
	depth  int
	member *wire.Member
	labels map[string]string
	query  url.Values
}

func (s *sender) Open(shape *wire.Shape) {
	s.depth++
	if s.depth == 1 {
		s.shape = shape
	}
	if s.depth == 1 || s.member.In == wire.InBody {
		s.JSON.Open(shape)
	}
}

func (s *sender) Close() {
	s.depth--
	if s.depth == 0 || s.member.In == wire.InBody {
		s.JSON.Close()
	}
}

func (s *sender) Member(i int) {
	if s.depth == 1 {
		s.member = &s.shape.Members[i]
	}
	if s.depth > 1 || s.member.In == wire.InBody {
		s.JSON.Member(i)
	}
}

func (s *sender) Scalar(v wire.Value) {
	if s.member.In == wire.InBody {
		s.JSON.Scalar(v)
		return
	}
	shape := s.member.Shape
	if shape.Kind == wire.List {
		shape = shape.Members[0].Shape
	}
	text := wire.FormatText(shape, v, wire.LayoutISO8601)
	if s.member.In == wire.InLabel {
		s.labels[s.member.WireName()] = text
	} else {
		s.query.Add(s.member.WireName(), text)
	}
}

// send returns the path and the request of an input.
func send(op *wire.Operation, in wire.Encodable) (string, restjson.Request) {
	s := &sender{JSON: wire.NewJSON(wire.JSONForm{}), labels: map[string]string{}, query: url.Values{}}
	in.Encode(s)
	path := op.URI
	for name, value := range s.labels {
		path = strings.ReplaceAll(path, "{"+name+"}", strings.ReplaceAll(url.PathEscape(value), "+", "%2B"))
	}
	req := restjson.Request{Body: s.Bytes()}
	for name, values := range s.query {
		for _, v := range values {
			req.Query = append(req.Query, wire.Param{Name: name, Value: v})
		}
	}
	return path, req
}

// Rules: LI-20
func TestEveryInputSurvivesTheWire(t *testing.T) {
	for i := range svc.Operations {
		op := &svc.Operations[i]
		if op.Name == "CreateAccessPreview" {
			continue // the keys of its maps have patterns, which the filler does not know
		}
		for seed := range uint64(4) {
			want := op.NewInput()
			want.Decode(wiretest.NewFiller(seed, true))
			path, req := send(op, want)
			routed, labels, err := restjson.Route(svc, op.Method, path)
			if err != nil || routed != op {
				t.Fatalf("%s %s leads to %v, %v; want %s", op.Method, path, routed, err, op.Name)
			}
			req.Labels = labels
			got := op.NewInput()
			if err := restjson.Decode(svc, op, req, got); err != nil {
				t.Errorf("%s, seed %d: %v\n%s", op.Name, seed, err, req.Body)
				continue
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, seed %d (-sent +read):\n%s", op.Name, seed, diff)
			}
		}
	}
}

// An output is the body alone, which is why Encode writes nothing else.
func TestOutputsAreBodies(t *testing.T) {
	for i := range svc.Operations {
		out := svc.Operations[i].Out
		if out == nil {
			continue
		}
		for _, m := range out.Members {
			if m.In != wire.InBody || m.Has(wire.Payload) {
				t.Errorf("%s.%s does not travel in the body", out.Name, m.Name)
			}
		}
	}
}

func codeOf(err error) string {
	if e, ok := errors.AsType[*awserr.Error](err); ok {
		return e.Code + " " + e.Field("reason")
	}
	return ""
}

// Rules: LI-20 TH-4
func TestRouteReadsThePathAsItWasSent(t *testing.T) {
	for _, test := range []struct{ method, path, want, label string }{
		{"POST", "/policy/validation", "ValidatePolicy", ""},
		{"GET", "/policy/validation", "", ""},
		{"POST", "/policy/validation/", "", ""},
		{"POST", "//policy/validation", "", ""},
		{"POST", "/policy/../policy/validation", "", ""},
		{"POST", "/policy%2Fvalidation", "", ""},
		{"GET", "/tags/arn%3Aaws%3Ax%3A%3A%3Aa%2Fb", "ListTagsForResource", "arn:aws:x:::a/b"},
		{"GET", "/tags/a/b", "", ""},
		{"GET", "/tags/", "", ""},
		{"GET", "/tags/%zz", "", ""},
		{"GET", "/tags/%2", "", ""},
		{"GET", "/analyzer/a", "GetAnalyzer", "a"},
		{"GET", "/analyzer", "ListAnalyzers", ""},
		{"POST", "/", "", ""},
	} {
		op, labels, err := restjson.Route(svc, test.method, test.path)
		switch {
		case test.want == "":
			if codeOf(err) != "UnknownOperationException " {
				t.Errorf("%s %s: %v, %v", test.method, test.path, op, err)
			}
		case err != nil || op.Name != test.want:
			t.Errorf("%s %s: %v, %v; want %s", test.method, test.path, op, err, test.want)
		case test.label != "" && (len(labels) != 1 || labels[0].Value != test.label):
			t.Errorf("%s %s: labels %v", test.method, test.path, labels)
		}
	}
}

// Rules: LI-26 TH-2 TH-18
func TestDecodeRefuses(t *testing.T) {
	op := svc.Operation("ValidatePolicy")
	const body = `{"policyDocument":"{}","policyType":"IDENTITY_POLICY"}`
	query := func(pairs ...string) []wire.Param {
		var out []wire.Param
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, wire.Param{Name: pairs[i], Value: pairs[i+1]})
		}
		return out
	}
	for _, test := range []struct {
		name string
		req  restjson.Request
		want string
	}{
		{"good", restjson.Request{Body: []byte(body), Query: query("maxResults", "1", "other", "x")}, ""},
		{"no body", restjson.Request{}, "ValidationException fieldValidationFailed"},
		{"no type", restjson.Request{Body: []byte(`{"policyDocument":"{}"}`)}, "ValidationException fieldValidationFailed"},
		{"an unknown type", restjson.Request{Body: []byte(`{"policyDocument":"{}","policyType":"x"}`)}, "ValidationException fieldValidationFailed"},
		{"no number", restjson.Request{Body: []byte(body), Query: query("maxResults", "many")}, "ValidationException cannotParse"},
		{"twice", restjson.Request{Body: []byte(body), Query: query("maxResults", "1", "maxResults", "2")}, "ValidationException fieldValidationFailed"},
		{"a name twice", restjson.Request{Body: []byte(`{"policyDocument":"{}","policyDocument":"{}","policyType":"IDENTITY_POLICY"}`)}, "SerializationException "},
		{"no object", restjson.Request{Body: []byte(`[]`)}, "SerializationException "},
		{"the wrong type", restjson.Request{Body: []byte(`{"policyDocument":1,"policyType":"IDENTITY_POLICY"}`)}, "SerializationException "},
	} {
		in := &accessanalyzer.ValidatePolicyInput{}
		if err := restjson.Decode(svc, op, test.req, in); codeOf(err) != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// What belongs into the query string counts there alone: a body that has it too
// could not override it.
//
// Rules: TH-2
func TestDecodeTakesAMemberFromItsPlace(t *testing.T) {
	in := &accessanalyzer.ValidatePolicyInput{}
	req := restjson.Request{Body: []byte(`{"policyDocument":"{}","policyType":"IDENTITY_POLICY","maxResults":7}`)}
	if err := restjson.Decode(svc, svc.Operation("ValidatePolicy"), req, in); err != nil || in.MaxResults != nil {
		t.Errorf("%+v, %v", in, err)
	}
}

// Rules: LI-26
func TestEncode(t *testing.T) {
	a := restjson.Encode(svc, svc.Operation("ValidatePolicy"), &accessanalyzer.ValidatePolicyOutput{}, "the-id")
	want := wire.Answer{Status: 200, Header: []wire.Param{{Name: "Content-Type", Value: "application/json"}, {Name: "x-amzn-RequestId", Value: "the-id"}}, Body: []byte(`{"findings":[]}`)}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	a = restjson.EncodeError(restjson.Invalid("other", `a "text"`), "the-id")
	want.Status, want.Body = 400, []byte(`{"message":"a \"text\"","reason":"other"}`)
	want.Header = append(want.Header, wire.Param{Name: "x-amzn-ErrorType", Value: "ValidationException"})
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	for code, status := range map[string]int{"AccessDeniedException": 403, "InvalidSignatureException": 403, "SerializationException": 400} {
		if a := restjson.EncodeError(awserr.Newf(400, code, "x"), "id"); a.Status != status {
			t.Errorf("%s: %d", code, a.Status)
		}
	}
}
