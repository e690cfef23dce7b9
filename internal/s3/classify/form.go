package classify

import (
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// maxFields is the size of a form's fields in bytes (S3-31).
const maxFields = 20 << 10

// A FormField is a field of a POST form before the file, as sent.
type FormField struct{ Name, Value string }

// WithForm returns the request of a POST form: c with key, tags and headers from
// the form's fields, so that its needs are PutObject's (S3-31, TH-64). filename
// is that of the file part. The bucket is the URL's whatever the form says; the
// form's policy document is not checked here. Errors are of type [*Error].
func (c *Classified) WithForm(fields []FormField, filename string) (*Classified, error) {
	if c.Operation != PostObject {
		return nil, methodNotAllowed("POST", "BUCKET", "")
	}
	byName, err := formFields(fields)
	if err != nil {
		return nil, err
	}
	key, ok := byName["key"]
	if !ok || key == "" {
		return nil, invalidArgument("key", "", "Bucket POST must contain a field named 'key'."+
			"  If it is specified, please check the order of the fields.")
	}
	out := *c
	out.hasForm, out.facts = true, 0
	out.Key = strings.ReplaceAll(key, "${filename}", filename[strings.LastIndexAny(filename, `/\`)+1:])
	if err := CheckKey(out.Key); err != nil {
		return nil, err
	}
	if out.Header, err = formHeaders(byName); err != nil {
		return nil, err
	}
	if err := out.readHeaders(); err != nil {
		return nil, err
	}
	if text, ok := byName["tagging"]; ok {
		if out.Tags, err = parseTagging(text); err != nil {
			return nil, err
		}
		out.facts |= factTags
	}
	return &out, nil
}

// formFields returns the values by folded name; each field comes once.
func formFields(fields []FormField) (map[string]string, error) {
	byName := make(map[string]string, len(fields))
	size := 0
	for _, f := range fields {
		size += len(f.Name) + len(f.Value)
		if size > maxFields {
			return nil, &Error{
				Code: "MaxPostPreDataLengthExceeded", Status: 400,
				Message: "Your POST request fields preceding the upload file were too large.",
			}
		}
		name := arn.Fold(f.Name)
		if _, again := byName[name]; again {
			return nil, repeated(f.Name)
		}
		byName[name] = f.Value
	}
	return byName, nil
}

// formHeaders returns the headers that fields stand for.
func formHeaders(byName map[string]string) (http.Header, error) {
	header := make(http.Header)
	for name, value := range byName {
		canonical := http.CanonicalHeaderKey(name)
		switch name {
		case "acl":
			canonical = "X-Amz-Acl"
		case "cache-control", "content-type", "content-disposition", "content-encoding", "content-language", "expires":
		case "x-amz-copy-source":
			return nil, invalidArgument(name, value, "You can only specify a copy source header for copy requests.")
		case "x-amz-tagging", "x-amz-acl":
			// Their fields are tagging and acl; both would be two answers.
			return nil, invalidArgument(name, value, "The field is not supported in a form.")
		default:
			if !isAmazon(name) || signatureParameterOf(canonical) != unread {
				continue
			}
		}
		if strings.ContainsFunc(name, notToken) || strings.ContainsFunc(value, isControl) {
			return nil, invalidArgument(name, value, "The field cannot be a header.")
		}
		header[canonical] = []string{value}
	}
	return header, nil
}

// parseTagging parses the tagging field: the XML of PutObjectTagging (S3-35).
func parseTagging(text string) ([]Tag, error) {
	var doc struct {
		XMLName xml.Name
		Tags    []struct {
			Key   *string
			Value *string
		} `xml:"TagSet>Tag"`
	}
	malformed := &Error{
		Code: "MalformedXML", Status: 400,
		Message: "The XML you provided was not well-formed or did not validate against our published schema",
	}
	if err := xml.Unmarshal([]byte(text), &doc); err != nil || doc.XMLName.Local != "Tagging" {
		return nil, malformed
	}
	tags := make([]Tag, 0, len(doc.Tags))
	seen := make(map[string]bool, len(doc.Tags))
	for _, t := range doc.Tags {
		if t.Key == nil || t.Value == nil || *t.Key == "" {
			return nil, malformed
		}
		if seen[*t.Key] {
			return nil, &Error{Code: "InvalidTag", Status: 400, Message: "Cannot provide multiple Tags with the same key"}
		}
		seen[*t.Key] = true
		tags = append(tags, Tag{*t.Key, *t.Value})
	}
	if len(tags) > maxTags {
		return nil, &Error{Code: "BadRequest", Status: 400, Message: "Object tags cannot be greater than 10"}
	}
	return tags, nil
}
