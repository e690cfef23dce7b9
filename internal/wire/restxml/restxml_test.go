package restxml_test

import (
	"errors"
	"flag"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/regent-iam/regent/internal/api/s3"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/internal/wire/restxml"
	"github.com/regent-iam/regent/internal/wire/wiretest"
)

var update = flag.Bool("update", false, "rewrite the golden archives")

var ids = restxml.IDs{Request: "4442587FB7D0A2F9", Host: "aGVsbG8="}

// A client writes labels and parameters itself and leaves headers and body to
// the encoder of answers, which puts them where requests have them too.
type client struct {
	wire.Encoder
	req   *restxml.Request
	shape *wire.Shape
	depth int
	at    *wire.Member
}

func (c *client) Open(s *wire.Shape) {
	if c.depth++; c.depth == 1 {
		c.shape = s
	}
	c.Encoder.Open(s)
}

func (c *client) Close() {
	c.depth--
	c.Encoder.Close()
}

func (c *client) Member(i int) {
	if c.depth == 1 {
		c.at = &c.shape.Members[i]
	}
	c.Encoder.Member(i)
}

func (c *client) Scalar(v wire.Value) {
	p := wire.Param{Name: c.at.WireName(), Value: wire.FormatText(c.at.Shape, v, wire.LayoutISO8601)}
	switch c.at.In {
	case wire.InLabel:
		c.req.Labels = append(c.req.Labels, p)
	case wire.InQuery:
		c.req.Query = append(c.req.Query, p)
	default:
		c.Encoder.Scalar(v)
	}
}

// An encodable calls encode with what it is encoded to.
type encodable func(wire.Encoder)

func (f encodable) Encode(e wire.Encoder) { f(e) }

// send writes an input as a client does.
func send(op *wire.Operation, in wire.Encodable) restxml.Request {
	var req restxml.Request
	reply := *op
	reply.Out, reply.UnwrappedOutput = op.In, false
	a := restxml.Encode(&s3.Service, &reply, encodable(func(e wire.Encoder) {
		in.Encode(&client{Encoder: e, req: &req})
	}), ids)
	req.Header, req.Body = header(a), a.Body
	return req
}

func header(a wire.Answer) http.Header {
	h := http.Header{}
	for _, p := range a.Header {
		if p.Name != "Content-Type" || len(a.Body) == 0 { // the members' own
			h.Add(p.Name, p.Value)
		}
	}
	return h
}

// Rules: WI-47
func TestEveryInputSurvivesTheWire(t *testing.T) {
	for i := range s3.Service.Operations {
		op := &s3.Service.Operations[i]
		for seed := range uint64(4) {
			want := op.NewInput()
			want.Decode(wiretest.NewFiller(seed, seed == 0))
			req := send(op, want)
			got := op.NewInput()
			if err := restxml.Decode(&s3.Service, op, req, got); err != nil {
				t.Errorf("%s, seed %d: %v\n%+v\n%s", op.Name, seed, err, req, req.Body)
				continue
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, seed %d (-sent +decoded):\n%s", op.Name, seed, diff)
			}
		}
	}
}

// Rules: WI-47 S3-190
func TestEveryOutputSurvivesTheWire(t *testing.T) {
	for i := range s3.Service.Operations {
		op := &s3.Service.Operations[i]
		for seed := range uint64(4) {
			want := op.NewOutput()
			want.Decode(wiretest.NewFiller(seed, seed == 0))
			a := restxml.Encode(&s3.Service, op, want, ids)
			h := header(a)
			if h.Get("x-amz-request-id") != ids.Request || h.Get("x-amz-id-2") != ids.Host {
				t.Errorf("%s: headers %v", op.Name, h)
			}
			if op.Out == nil || op.UnwrappedOutput {
				continue
			}
			got := op.NewOutput()
			if err := restxml.Decode(&s3.Service, op, restxml.Request{Header: h, Body: a.Body}, got); err != nil {
				t.Errorf("%s, seed %d: %v\n%s", op.Name, seed, err, wiretest.Show(a))
				continue
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, seed %d (-sent +read):\n%s", op.Name, seed, diff)
			}
		}
	}
}

// Rules: S3-190
func TestTheLocationOfABucketIsTheRootElement(t *testing.T) {
	op := s3.Service.Operation("GetBucketLocation")
	for _, test := range []struct{ region, want string }{
		{"eu-west-1", `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>`},
		{"", `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>`},
	} {
		a := restxml.Encode(&s3.Service, op, &s3.GetBucketLocationOutput{LocationConstraint: test.region}, ids)
		if got := strings.TrimPrefix(string(a.Body), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"); got != test.want {
			t.Errorf("%q: got %s", test.region, got)
		}
	}
}

// decodeBody decodes a body as the input of an operation on the bucket "b".
func decodeBody(op, body string) (wire.Codec, error) {
	o := s3.Service.Operation(op)
	in := o.NewInput()
	err := restxml.Decode(&s3.Service, o, restxml.Request{
		Labels: []wire.Param{{Name: "Bucket", Value: "b"}}, Body: []byte(body),
	}, in)
	return in, err
}

// Rules: TH-19
func TestDecodeRefusesWhatTwoReadersCouldReadDifferently(t *testing.T) {
	const ns = `xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`
	tests := []struct{ name, body string }{
		{"an element twice", `<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>`},
		{"a foreign namespace", `<Delete><Object><Key>a</Key><x:Key xmlns:x="urn:x">b</x:Key></Object></Delete>`},
		{"a foreign root namespace", `<Delete xmlns="urn:x"><Object><Key>a</Key></Object></Delete>`},
		{"an undeclared prefix", `<Delete><Object><s3:Key>a</s3:Key></Object></Delete>`},
		{"another case", `<Delete><Object><key>a</key></Object></Delete>`},
		{"another root", `<Remove><Object><Key>a</Key></Object></Remove>`},
		{"an unknown element", `<Delete><Object><Key>a</Key><Why>b</Why></Object></Delete>`},
		{"a second document", `<Delete><Object><Key>a</Key></Object></Delete><Delete/>`},
		{"text behind the document", `<Delete><Object><Key>a</Key></Object></Delete>x`},
		{"text before the document", `x<Delete><Object><Key>a</Key></Object></Delete>`},
		{"text between elements", `<Delete>x<Object><Key>a</Key></Object></Delete>`},
		{"a document type", `<!DOCTYPE Delete [<!ENTITY e "a">]><Delete><Object><Key>&e;</Key></Object></Delete>`},
		{"an empty document type", `<!DOCTYPE Delete><Delete><Object><Key>a</Key></Object></Delete>`},
		{"an unknown entity", `<Delete><Object><Key>&e;</Key></Object></Delete>`},
		{"a processing instruction", `<?php x?><Delete><Object><Key>a</Key></Object></Delete>`},
		{"an instruction inside", `<Delete><Object><Key>a<?xml?></Key></Object></Delete>`},
		{"an attribute", `<Delete ` + ns + ` Quiet="true"><Object><Key>a</Key></Object></Delete>`},
		{"an element inside a value", `<Delete><Object><Key>a<b/></Key></Object></Delete>`},
		{"not closed", `<Delete><Object><Key>a</Key></Object>`},
		{"closed by another", `<Delete><Object><Key>a</Object></Key></Delete>`},
		{"another encoding", `<?xml version="1.0" encoding="UTF-16"?><Delete><Object><Key>a</Key></Object></Delete>`},
		{"not UTF-8", "<Delete><Object><Key>\xff</Key></Object></Delete>"},
		{"blank", "  \n"},
		{"deep", strings.Repeat("<Delete>", 40) + strings.Repeat("</Delete>", 40)},
		{"too many elements", "<Delete>" + strings.Repeat("<Object/>", 200_001) + "</Delete>"},
		{"a boolean in capitals", `<Delete><Object><Key>a</Key></Object><Quiet>TRUE</Quiet></Delete>`},
		{"a member that is missing", `<Delete><Object></Object></Delete>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := decodeBody("DeleteObjects", test.body)
			var failure *awserr.Error
			if !errors.As(err, &failure) || failure.Code != "MalformedXML" || failure.Status != 400 {
				t.Errorf("got %v, want MalformedXML", err)
			}
		})
	}
}

// Rules: S3-190 TH-19
func TestTheNamespaceMayBeAbsent(t *testing.T) {
	want := &s3.DeleteObjectsInput{Bucket: "b", Delete: &s3.Delete{
		Objects: []s3.ObjectIdentifier{{Key: "a & b"}, {Key: " c"}}, Quiet: new(true),
	}}
	const s3ns = "http://s3.amazonaws.com/doc/2006-03-01/"
	for _, body := range []string{
		`<Delete><Object><Key>a &amp; b</Key></Object><Object><Key> c</Key></Object><Quiet>true</Quiet></Delete>`,
		`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Delete xmlns="` + s3ns + `">
		   <Object><Key>a &amp; b</Key></Object> <!-- what botocore never sends -->
		   <Quiet> true </Quiet>
		   <Object><Key><![CDATA[ c]]></Key></Object>
		 </Delete>`,
		`<p:Delete xmlns:p="` + s3ns + `"><p:Object><p:Key>a &#38; b</p:Key></p:Object><p:Object><Key> c</Key></p:Object><p:Quiet>true</p:Quiet></p:Delete>`,
	} {
		got, err := decodeBody("DeleteObjects", body)
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
}

// Rules: TH-2
func TestDecodeRefusesRepeatedParametersAndHeaders(t *testing.T) {
	op := s3.Service.Operation("ListObjectsV2")
	bucket := []wire.Param{{Name: "Bucket", Value: "b"}}
	tests := []struct {
		name string
		req  restxml.Request
		want string
	}{
		{"a parameter twice", restxml.Request{Labels: bucket, Query: []wire.Param{{Name: "prefix", Value: "a"}, {Name: "prefix", Value: "b"}}}, "InvalidArgument: prefix is given more than once"},
		{"a header twice", restxml.Request{Labels: bucket, Header: http.Header{"X-Amz-Expected-Bucket-Owner": {"1", "2"}}}, "InvalidArgument: x-amz-expected-bucket-owner is given more than once"},
		{"a label twice", restxml.Request{Labels: append(bucket, bucket...)}, "InvalidArgument: Bucket is given more than once"},
		{"a number that is none", restxml.Request{Labels: bucket, Query: []wire.Param{{Name: "max-keys", Value: "1x"}}}, "InvalidArgument: The value is not an integer"},
		{"no bucket", restxml.Request{}, "InvalidRequest: Missing required parameter for this request: Bucket"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := restxml.Decode(&s3.Service, op, test.req, op.NewInput())
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	var in s3.ListObjectsV2Input
	req := restxml.Request{Labels: bucket, Header: http.Header{"X-Amz-Optional-Object-Attributes": {"RestoreStatus, RestoreStatus", "RestoreStatus"}}}
	if err := restxml.Decode(&s3.Service, op, req, &in); err != nil || len(in.OptionalObjectAttributes) != 3 {
		t.Errorf("a header that is a list: %v, %v", in.OptionalObjectAttributes, err)
	}
}

// Rules: S3-190
func TestABodyThatIsRequiredMustBeThere(t *testing.T) {
	for op, want := range map[string]string{
		"PutBucketPolicy": "MissingRequestBodyError: Request Body is empty",
		"DeleteObjects":   "MissingRequestBodyError: Request Body is empty",
	} {
		if _, err := decodeBody(op, ""); err == nil || err.Error() != want {
			t.Errorf("%s: got %v", op, err)
		}
	}
	if in, err := decodeBody("CreateBucket", ""); err != nil || in.(*s3.CreateBucketInput).CreateBucketConfiguration != nil {
		t.Errorf("CreateBucket without a body: %v", err)
	}
	in, err := decodeBody("CreateBucket", `<CreateBucketConfiguration><LocationConstraint>moon-1</LocationConstraint></CreateBucketConfiguration>`)
	if err != nil || in.(*s3.CreateBucketInput).CreateBucketConfiguration.LocationConstraint != "moon-1" {
		t.Errorf("a region of our own: %v", err) // the operation knows which there are
	}
}

// Rules: S3-190 WI-47
func TestEncodeErrorHasTheExtrasAndNoNamespace(t *testing.T) {
	a := restxml.EncodeError(s3.NoSuchBucket("The specified bucket does not exist").With("BucketName", "a<b"), ids)
	want := wire.Answer{
		Status: 404,
		Header: []wire.Param{
			{Name: "x-amz-request-id", Value: ids.Request}, {Name: "x-amz-id-2", Value: ids.Host}, {Name: "Content-Type", Value: "application/xml"},
		},
		Body: []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message>` +
			`<BucketName>a&lt;b</BucketName><RequestId>4442587FB7D0A2F9</RequestId><HostId>aGVsbG8=</HostId></Error>`),
	}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	if a := restxml.EncodeError(awserr.Newf(304, "NotModified", ""), ids); a.Body != nil {
		t.Errorf("a 304 has the body %s", a.Body)
	}
}

// TestGolden decodes "Operation", parameters as a line and a body for the bucket
// "logs".
func TestGolden(t *testing.T) {
	wiretest.Golden(t, *update, func(t *testing.T, request string) string {
		name, body, _ := strings.Cut(strings.TrimSpace(request), "\n")
		op := s3.Service.Operation(name)
		if op == nil {
			t.Fatalf("no operation %q", name)
		}
		in := op.NewInput()
		err := restxml.Decode(&s3.Service, op, restxml.Request{
			Labels: []wire.Param{{Name: "Bucket", Value: "logs"}}, Body: []byte(body),
		}, in)
		if failure, ok := errors.AsType[*awserr.Error](err); ok {
			return wiretest.Show(restxml.EncodeError(failure, ids))
		} else if err != nil {
			t.Fatal(err)
		}
		return wiretest.ShowInput(in)
	})
}

func FuzzXMLDecode(f *testing.F) {
	f.Add([]byte(`<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>`))
	f.Add([]byte(`<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>`))
	f.Add([]byte(`<!DOCTYPE x [<!ENTITY e "a">]><Delete/>`))
	ops := []*wire.Operation{
		s3.Service.Operation("DeleteObjects"), s3.Service.Operation("PutBucketTagging"), s3.Service.Operation("PutBucketAcl"),
		s3.Service.Operation("PutBucketLifecycleConfiguration"),
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, op := range ops {
			first := op.NewInput()
			req := restxml.Request{Labels: []wire.Param{{Name: "Bucket", Value: "b"}}, Body: body}
			if restxml.Decode(&s3.Service, op, req, first) != nil {
				continue
			}
			second := op.NewInput()
			again := send(op, first)
			if err := restxml.Decode(&s3.Service, op, again, second); err != nil {
				t.Fatalf("%s: what was decoded does not decode again: %v\n%s", op.Name, err, again.Body)
			}
			if diff := cmp.Diff(first, second, cmpopts.EquateEmpty()); diff != "" {
				t.Fatal(op.Name, diff)
			}
		}
	})
}

// Rules: S3-190 WI-47
func TestAnswersReadAsS3WritesThem(t *testing.T) {
	const head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	const ns = `xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`
	tests := []struct {
		op   string
		out  wire.Encodable
		want string
	}{
		{"ListBuckets", &s3.ListBucketsOutput{Owner: &s3.Owner{ID: "o"}}, head + `<ListAllMyBucketsResult ` + ns + `><Buckets></Buckets><Owner><ID>o</ID></Owner></ListAllMyBucketsResult>`},
		{"ListBuckets", &s3.ListBucketsOutput{Buckets: []s3.Bucket{{Name: "b", CreationDate: time.UnixMilli(1722519208123)}}}, head + `<ListAllMyBucketsResult ` + ns +
			`><Buckets><Bucket><Name>b</Name><CreationDate>2024-08-01T13:33:28.123Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>`},
		{"ListObjectsV2", &s3.ListObjectsV2Output{Name: "b", KeyCount: new(int32(1)), Contents: []s3.Object{{Key: "a<\r\x01", Size: new(int64(0))}}}, head + `<ListBucketResult ` + ns +
			`><IsTruncated>false</IsTruncated><Contents><Key>a&lt;&#13;` + "\uFFFD" + `</Key><Size>0</Size></Contents><Name>b</Name><Prefix></Prefix><KeyCount>1</KeyCount></ListBucketResult>`},
		{"GetBucketPolicy", &s3.GetBucketPolicyOutput{Policy: `{"a":"<"}`}, `{"a":"<"}`},
		{"GetBucketPolicyStatus", &s3.GetBucketPolicyStatusOutput{PolicyStatus: &s3.PolicyStatus{IsPublic: new(true)}}, head + `<PolicyStatus ` + ns + `><IsPublic>true</IsPublic></PolicyStatus>`},
		{"GetBucketVersioning", &s3.GetBucketVersioningOutput{}, head + `<VersioningConfiguration ` + ns + `></VersioningConfiguration>`},
		{"GetBucketAcl", &s3.GetBucketAclOutput{Grants: []s3.Grant{{Permission: "READ", Grantee: &s3.Grantee{Type: `Group"`, URI: "u"}}}}, head + `<AccessControlPolicy ` + ns +
			`><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group&quot;"><URI>u</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`},
		{"CreateBucket", &s3.CreateBucketOutput{Location: "/b"}, ""},
		{"DeleteBucket", &wire.Empty{}, ""},
	}
	for _, test := range tests {
		t.Run(test.op, func(t *testing.T) {
			a := restxml.Encode(&s3.Service, s3.Service.Operation(test.op), test.out, ids)
			if diff := cmp.Diff(test.want, string(a.Body)); diff != "" {
				t.Error(diff)
			}
			if test.want == "" && header(a).Get("Content-Type") != "" {
				t.Error("an answer without a body has a type")
			}
		})
	}
	if a := restxml.Encode(&s3.Service, s3.Service.Operation("DeleteBucket"), &wire.Empty{}, ids); a.Status != http.StatusNoContent {
		t.Errorf("DeleteBucket: %d", a.Status)
	}
	a := restxml.Encode(&s3.Service, s3.Service.Operation("HeadObject"), &s3.HeadObjectOutput{
		LastModified: time.Unix(1722519208, 0), Metadata: map[string]string{"color": "blue"}, ContentLength: new(int64(0)),
	}, ids)
	for name, want := range map[string]string{"Last-Modified": "Thu, 01 Aug 2024 13:33:28 GMT", "X-Amz-Meta-Color": "blue", "Content-Length": "0"} {
		if got := header(a).Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
