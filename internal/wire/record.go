package wire

import "strings"

// A Recorder writes inputs and outputs the way audit records carry them: the
// members that were sent and no others, in JSON, with the first letter of each
// name lowered and without secrets (RE-20 to RE-25, TH-102).
type Recorder struct {
	Service *Service
	// ShowHidden shows the members that are else shown as HiddenText: session
	// tokens.
	ShowHidden bool
	// Host is the host the request named. S3's records carry it (RE-50).
	Host string
}

// Input returns requestParameters, or "null" when no member was sent. Policy
// documents are the exact strings that were sent (RE-22).
func (r Recorder) Input(op *Operation, in Encodable) []byte {
	if r.Service.Protocol == RestXML {
		e := newRestRecord(r.form(false))
		e.head(op, r.Host)
		in.Encode(e)
		return e.bytes()
	}
	e := borrowJSON(r.form(false))
	in.Encode(e)
	return e.take()
}

// Output returns responseElements in the same form, with policy documents
// encoded as in the answer. Whether an operation records its output at all
// (RE-24) is for the caller.
func (r Recorder) Output(_ *Operation, out Encodable) []byte {
	e := borrowJSON(r.form(r.Service.Protocol == AWSQuery))
	out.Encode(e)
	return e.take()
}

func (r Recorder) form(documents bool) JSONForm {
	return JSONForm{
		Lower: true, Audit: true, Layout: r.Service.RecordTime, Mask: r.Service.RecordMask,
		ShowHidden: r.ShowHidden, Documents: documents,
	}
}

const emptyObject = "{}"

// null is what the record has in the place of an empty object. It is shared;
// nobody writes into it.
var null = []byte("null")

func orNull(b []byte) []byte {
	if string(b) == emptyObject {
		return null
	}
	return b
}

// A restRecord writes the input of a REST operation: labels, parameters and
// headers under the names they have on the wire, the body under the name of its
// root element, with the names of its elements (RE-50).
type restRecord struct {
	*JSON
	depth int
}

func newRestRecord(form JSONForm) *restRecord {
	form.Lower = false
	return &restRecord{JSON: NewJSON(form)}
}

// head begins the record with what the URI says: the sub-resource.
func (e *restRecord) head(op *Operation, host string) {
	e.buf = append(e.buf, '{')
	e.frames = append(e.frames, jsonFrame{shape: &emptyShape})
	if host != "" {
		e.Key("Host")
		e.buf = AppendJSONString(e.buf, host)
	}
	_, query, _ := strings.Cut(op.URI, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); name != "" {
			e.Key(name)
			e.buf = AppendJSONString(e.buf, value)
		}
	}
}

// Open leaves out the braces of the input itself, which head has written.
func (e *restRecord) Open(s *Shape) {
	e.depth++
	if e.depth == 1 {
		e.top().shape = s
		return
	}
	e.JSON.Open(s)
}

// Close ends what Open began.
func (e *restRecord) Close() {
	e.depth--
	e.JSON.Close()
}

// Member begins a member under the name that S3's records give it.
func (e *restRecord) Member(i int) {
	if e.depth != 1 {
		e.JSON.Member(i)
		return
	}
	f := e.top()
	f.at = i
	m := &f.shape.Members[i]
	if e.left(m) {
		e.drop = true
		return
	}
	e.Key(restName(m))
}

func restName(m *Member) string {
	switch {
	case m.In == InLabel && m.WireName() == "Bucket":
		return "bucketName"
	case m.In == InLabel:
		return lowerFirst(m.WireName())
	case m.Has(Payload) && m.Shape.Kind == String:
		return "bucketPolicy" // the only body that is a text
	}
	return m.WireName()
}

func (e *restRecord) bytes() []byte { return orNull(e.Bytes()) }
