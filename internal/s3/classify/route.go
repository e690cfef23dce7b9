package classify

import (
	"strings"

	"github.com/regent-iam/regent/sigv4"
)

// A level says what a path names.
type level uint8

const (
	onService level = iota
	onBucket
	onKey
	levelCount
)

// A method is an HTTP method that S3 has.
type method uint8

const (
	methodOther method = iota
	methodGet
	methodHead
	methodPut
	methodPost
	methodDelete
	methodCount
	methodOptions
)

func methodOf(name string) method {
	switch name {
	case "GET":
		return methodGet
	case "HEAD":
		return methodHead
	case "PUT":
		return methodPut
	case "POST":
		return methodPost
	case "DELETE":
		return methodDelete
	case "OPTIONS":
		return methodOptions
	}
	return methodOther
}

var methodNames = [methodCount]string{
	methodGet: "GET", methodHead: "HEAD", methodPut: "PUT", methodPost: "POST", methodDelete: "DELETE",
}

// A selector is a parameter that chooses an operation.
type selector uint8

// A slot is the range of routes of one level, selector and method.
type slot struct{ from, to uint8 }

// A route is one operation of a slot, and the modes it wants.
type route struct {
	op            Operation
	must, mustNot modeSet
}

// A modeSet says which mode headers and parameters a request has.
type modeSet uint8

const (
	modeID        modeSet = 1 << iota // parameter id
	modeForm                          // multipart/form-data
	modeCopy                          // x-amz-copy-source
	modeDirectory                     // parameter max-directory-buckets
	modePart                          // parameter partNumber
)

// route finds the operation: level, method, at most one selector and the modes
// choose exactly one (S3-8 to S3-13, TH-62).
func (c *Classified) route(r *sigv4.Request, at level, m method, p *parameters) error {
	if at == onService && r.Path != "/" {
		return c.routeLambda(m, r.Method)
	}
	selected := p.selected
	if selected == selectListType && at == onBucket && m == methodGet && r.Query.Get("list-type") != "2" {
		selected = noSelector
	}
	modes := c.modes(p)
	if m < methodCount {
		s := slots[at][selected][m]
		for _, route := range routes[s.from:s.to] {
			if modes&route.must == route.must && modes&route.mustNot == 0 {
				c.Operation = route.op
				break
			}
		}
	}
	if modes&modeCopy != 0 && c.Operation != CopyObject && c.Operation != UploadPartCopy {
		return invalidArgument("x-amz-copy-source", c.Header.Get(copySource),
			"You can only specify a copy source header for copy requests.")
	}
	if c.Operation == 0 {
		return unroutable(r.Method, at, m, selected)
	}
	if c.Operation != CreateBucket && isForeignKind(c.Bucket) {
		return notImplemented()
	}
	if modes&modePart != 0 && m == methodPut && at == onKey && selected == noSelector {
		return invalidArgument("partNumber", r.Query.Get("partNumber"),
			"This operation does not accept partNumber without uploadId")
	}
	return nil
}

// routeLambda is the one path that names neither service nor bucket.
func (c *Classified) routeLambda(m method, name string) error {
	if m != methodPost {
		return methodNotAllowed(name, "SERVICE", "POST")
	}
	c.Operation = WriteGetObjectResponse
	return nil
}

func (c *Classified) modes(p *parameters) modeSet {
	modes := p.modes
	if _, ok := c.Header[copySource]; ok {
		modes |= modeCopy
	}
	if isForm(c.Header.Get("Content-Type")) {
		modes |= modeForm
	}
	return modes
}

// isForm reports whether a content type is multipart/form-data.
func isForm(contentType string) bool {
	const form = "multipart/form-data"
	kind, _, _ := strings.Cut(contentType, ";")
	kind = strings.TrimRight(kind, " \t")
	if len(kind) != len(form) {
		return false
	}
	for i := range len(form) {
		c := kind[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != form[i] {
			return false
		}
	}
	return true
}

// unroutable is the error for a request that no route takes.
func unroutable(name string, at level, m method, selected selector) error {
	allow := allowed(at, selected)
	switch {
	case allow == "":
		return noSubresource(name, at, m, selected)
	case at == onKey && selected == selectUploads && m == methodGet:
		return invalidRequest("Key is not expected for the GET method ?uploads subresource")
	case at == onBucket && selected == noSelector && m == methodPost:
		return &Error{
			Code: "PreconditionFailed", Status: 412, Message: "At least one of the pre-conditions you specified did not hold",
			Fields: []Field{{"Condition", "Bucket POST must be of the enclosure-type multipart/form-data"}},
		}
	case m < methodCount && slots[at][selected][m] != (slot{}) && wantsID(selected):
		return &Error{Code: "InvalidConfigurationId", Status: 400, Message: "The specified configuration id is invalid."}
	}
	return methodNotAllowed(name, resourceType(at, selected), allow)
}

// noSubresource is the error for a selector that the level does not have (S3-11).
func noSubresource(name string, at level, m method, selected selector) error {
	what := [levelCount]string{"the service", "a bucket", "a key"}[at]
	if at == onService && m != methodGet {
		return methodNotAllowed(name, "SERVICE", "GET")
	}
	return invalidRequest("There is no such thing as the ?" + selectorNames[selected] + " sub-resource for " + what)
}

// allowed returns the value of Allow: the methods of a level and selector.
func allowed(at level, selected selector) string {
	var names []string
	for m, name := range methodNames {
		if slots[at][selected][m] != (slot{}) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// wantsID reports whether a selector's configurations have an id (S3-9).
func wantsID(s selector) bool {
	switch s {
	case selectAnalytics, selectInventory, selectMetrics, selectIntelligentTiering:
		return true
	default:
		return false
	}
}

// resourceType is the ResourceType of a 405.
func resourceType(at level, selected selector) string {
	if selected == noSelector {
		return [levelCount]string{"SERVICE", "BUCKET", "OBJECT"}[at]
	}
	upper := []byte(selectorNames[selected])
	for i, c := range upper {
		if 'a' <= c && c <= 'z' {
			upper[i] = c - ('a' - 'A')
		}
	}
	return string(upper)
}
