package roundtrip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	iamapi "github.com/regent-iam/regent/internal/api/iam"
	organizationsapi "github.com/regent-iam/regent/internal/api/organizations"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/internal/wire/awsjson"
	"github.com/regent-iam/regent/internal/wire/query"
	"github.com/regent-iam/regent/internal/wire/wiretest"
)

// cases is how many inputs and outputs are made up for each operation.
const cases = 200

const requestID = "00000000-0000-4000-8000-000000000000"

// A service is one that both sides know.
type service struct {
	api    *wire.Service
	client func(aws.Config) any
}

func services() []service {
	return []service{
		{&iamapi.Service, func(c aws.Config) any { return iam.NewFromConfig(c) }},
		{&stsapi.Service, func(c aws.Config) any { return sts.NewFromConfig(c) }},
		{&organizationsapi.Service, func(c aws.Config) any { return organizations.NewFromConfig(c) }},
	}
}

// A transport answers the SDK's requests in the place of a server.
type transport func(*http.Request) (wire.Answer, error)

// Do answers one request.
func (t transport) Do(r *http.Request) (*http.Response, error) {
	a, err := t(r)
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	for _, p := range a.Header {
		header.Add(p.Name, p.Value)
	}
	return &http.Response{
		StatusCode: a.Status, Header: header, ContentLength: int64(len(a.Body)), Body: io.NopCloser(bytes.NewReader(a.Body)), Request: r,
	}, nil
}

// A method is an operation of the SDK's client, whose requests a transport gets.
type method struct {
	fn   reflect.Value
	wire transport
}

// methodOf returns the client's method for an operation.
func methodOf(s service, op *wire.Operation) (*method, error) {
	m := &method{}
	client := s.client(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("https://regent.test"),
		Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", ""),
		HTTPClient:  transport(func(r *http.Request) (wire.Answer, error) { return m.wire(r) }),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	})
	m.fn = reflect.ValueOf(client).MethodByName(op.Name)
	if !m.fn.IsValid() {
		return nil, fmt.Errorf("the SDK has no operation %s", op.Name)
	}
	return m, nil
}

// input returns a new input of the SDK's.
func (m *method) input() reflect.Value { return reflect.New(m.fn.Type().In(1).Elem()) }

// output returns a new output of the SDK's.
func (m *method) output() reflect.Value { return reflect.New(m.fn.Type().Out(0).Elem()) }

// call calls the operation and returns what the SDK gives its user, without the
// metadata of the answer.
func (m *method) call(ctx context.Context, in reflect.Value) (reflect.Value, error) {
	out := m.fn.Call([]reflect.Value{reflect.ValueOf(ctx), in})
	if err, _ := reflect.TypeAssert[error](out[1]); err != nil {
		return reflect.Value{}, err
	}
	out[0].Elem().FieldByName("ResultMetadata").SetZero()
	return out[0], nil
}

// decode reads a request of the SDK's as the server does.
func decode(svc *wire.Service, r *http.Request) (*wire.Operation, wire.Codec, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, nil, err
	}
	if r.Method != http.MethodPost || r.URL.Path != "/" || r.URL.RawQuery != "" {
		return nil, nil, fmt.Errorf("the request is %s %s", r.Method, r.URL)
	}
	if svc.Protocol == wire.AWSJSON {
		if got := r.Header.Get("Content-Type"); got != "application/x-amz-json-1.1" {
			return nil, nil, fmt.Errorf("the request's type is %q", got)
		}
		op, err := awsjson.Operation(svc, r.Header.Get("X-Amz-Target"))
		if err != nil {
			return nil, nil, err
		}
		in := op.NewInput()
		return op, in, awsjson.Decode(svc, op, body, in)
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, nil, err
	}
	var params []wire.Param
	for name, list := range values {
		for _, value := range list {
			params = append(params, wire.Param{Name: name, Value: value})
		}
	}
	op, err := query.Operation(svc, params)
	if err != nil {
		return nil, nil, err
	}
	in := op.NewInput()
	return op, in, query.Decode(svc, op, params, in)
}

func encode(svc *wire.Service, op *wire.Operation, out wire.Encodable) wire.Answer {
	if svc.Protocol == wire.AWSJSON {
		return awsjson.Encode(svc, op, out, requestID)
	}
	return query.Encode(svc, op, out, requestID)
}

// fill makes up the values of one case: all members without trouble, only the
// required ones, and then anything.
func fill(shape wire.Codec, n uint64, wild *wiretest.Filler) {
	if n < 2 {
		shape.Decode(wiretest.NewFiller(n, n == 1))
		return
	}
	shape.Decode(wild)
}

// eachOperation runs a test for every operation of both sides.
func eachOperation(t *testing.T, test func(t *testing.T, s service, op *wire.Operation, m *method)) {
	t.Helper()
	for _, s := range services() {
		for i := range s.api.Operations {
			op := &s.api.Operations[i]
			t.Run(s.api.ID+"/"+op.Name, func(t *testing.T) {
				t.Parallel()
				m, err := methodOf(s, op)
				if err != nil {
					t.Fatal(err)
				}
				test(t, s, op, m)
			})
		}
	}
}

// newer are the operations and members of the SDK that the models are too old to
// have.
var newer = map[string]bool{
	"AcquireRole": true, "GetAccountProperties": true, "GetRoleTemplateVersion": true, "PutAccountProperties": true,
	"SourceRoleTemplate": true, "PolicyExclusionList": true, "OrderedOrganizationPolicyInputList": true,
	"MinimumSessionTokenSize": true, "SessionTokenSize": true, "SessionTokenUtilization": true,
}

// The SDK knows no other operation than the models do, but for those listed.
func TestBothSidesKnowTheSameOperations(t *testing.T) {
	t.Parallel()
	for _, s := range services() {
		client, found := reflect.TypeOf(s.client(aws.Config{})), 0
		for m := range client.Methods() {
			if m.Type.NumIn() < 3 || !strings.HasSuffix(m.Type.In(2).String(), "."+m.Name+"Input") {
				continue
			}
			if s.api.Operation(m.Name) != nil {
				found++
			} else if !newer[m.Name] {
				t.Errorf("%s does not have the SDK's %s", s.api.ID, m.Name)
			}
		}
		if found != len(s.api.Operations) {
			t.Errorf("%s has %d operations and the SDK has %d of them", s.api.ID, len(s.api.Operations), found)
		}
	}
}

// What the SDK encodes is decoded member by member as it was meant.
//
// Rules: WI-46 WI-48 IA-21
func TestWhatTheSDKEncodesWeDecode(t *testing.T) {
	t.Parallel()
	answered := errors.New("answered")
	eachOperation(t, func(t *testing.T, s service, op *wire.Operation, m *method) {
		wild := wiretest.NewWildFiller(1)
		for n := range uint64(cases) {
			want := op.NewInput()
			fill(want, n, wild)
			in, c := m.input(), converter{inputs: true, seen: exactly}
			if err := c.convert(in.Elem(), want, op.In); err != nil {
				t.Fatal(err)
			}
			var got wire.Codec
			var routed *wire.Operation
			var refused error
			m.wire = func(r *http.Request) (wire.Answer, error) {
				routed, got, refused = decode(s.api, r)
				return wire.Answer{}, answered
			}
			if _, err := m.call(t.Context(), in); !errors.Is(err, answered) {
				t.Fatalf("case %d: the SDK did not send its request: %v", n, err)
			}
			if refused != nil {
				t.Fatalf("case %d: %v\nof %s", n, refused, wiretest.ShowInput(want))
			}
			if routed != op {
				t.Fatalf("case %d: routed to %s", n, routed.Name)
			}
			if !reflect.DeepEqual(want, got) {
				t.Fatalf("case %d (-given to the SDK +decoded):\n%s", n, cmp.Diff(want, got))
			}
		}
	})
}

// What is answered reaches the SDK's user member by member: a member that the
// answer does not have is nil there, and one that must be there is not. The
// documents of IAM are percent-encoded once, which the SDK leaves to its user.
// Times have the resolution of their protocol.
//
// Rules: WI-45 WI-46 IA-10 IA-20 IA-21 IA-28
func TestWhatWeAnswerTheSDKDecodes(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, s service, op *wire.Operation, m *method) {
		required := op.NewInput()
		required.Decode(wiretest.NewFiller(0, true))
		in, c := m.input(), converter{inputs: true, seen: exactly}
		if err := c.convert(in.Elem(), required, op.In); err != nil {
			t.Fatal(err)
		}
		c = converter{seen: wholeSeconds, documents: true}
		if s.api.Protocol == wire.AWSJSON {
			c = converter{seen: epochSeconds}
		}
		wild := wiretest.NewWildFiller(1)
		for n := range uint64(cases) {
			out := op.NewOutput()
			fill(out, n, wild)
			var a wire.Answer
			m.wire = func(*http.Request) (wire.Answer, error) {
				a = encode(s.api, op, out)
				return a, nil
			}
			got, err := m.call(t.Context(), in)
			if err != nil {
				t.Fatalf("case %d: %v\nof %s", n, err, a.Body)
			}
			want := m.output()
			if err := c.convert(want.Elem(), out, op.Out); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(want.Interface(), got.Interface()) {
				diff := cmp.Diff(want.Interface(), got.Interface(), cmp.Exporter(func(reflect.Type) bool { return true }))
				t.Fatalf("case %d (-answered +seen by the SDK's user):\n%s\nof %s", n, diff, a.Body)
			}
		}
	})
}
