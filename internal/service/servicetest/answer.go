package servicetest

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/wire"
)

// An Answer is what a call came back with.
type Answer struct {
	Status int
	// Code and Message are those of an error, "" for a success.
	Code, Message string
	Body          string

	t     testing.TB
	name  string
	nodes []node
}

// A node is one element or member that holds no others.
type node struct {
	path string // from the root: "/CreateRoleResponse/CreateRoleResult/Role/Arn"
	text string
}

func newAnswer(t testing.TB, name string, protocol wire.Protocol, w *httptest.ResponseRecorder) *Answer {
	t.Helper()
	status, body := w.Code, w.Body.String()
	a := &Answer{Status: status, Body: body, t: t, name: name}
	var err error
	if protocol != wire.AWSQuery {
		err = a.readJSON()
	} else {
		err = a.readXML()
	}
	if err != nil {
		t.Fatalf("%s: reading the answer: %v\n%s", name, err, body)
	}
	if status >= 300 {
		a.Code, a.Message = a.first("Code", "__type"), a.first("Message", "message")
		if protocol == wire.RestJSON {
			a.Code = w.Header().Get("X-Amzn-Errortype")
		}
		a.Code = a.Code[strings.LastIndexByte(a.Code, '#')+1:]
	}
	return a
}

func (a *Answer) first(names ...string) string {
	for _, n := range names {
		if all := a.All(n); len(all) > 0 {
			return all[0]
		}
	}
	return ""
}

func (a *Answer) readXML() error {
	d := xml.NewDecoder(strings.NewReader(a.Body))
	var path []string
	var text strings.Builder
	leaf := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		switch v := token.(type) {
		case xml.StartElement:
			path, leaf = append(path, v.Name.Local), true
			text.Reset()
		case xml.CharData:
			text.Write(v)
		case xml.EndElement:
			if leaf {
				a.nodes = append(a.nodes, node{"/" + strings.Join(path, "/"), text.String()})
			}
			path, leaf = path[:len(path)-1], false
		}
	}
}

func (a *Answer) readJSON() error {
	if a.Body == "" {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(a.Body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	a.walk("", v)
	return nil
}

func (a *Answer) walk(path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			a.walk(path+"/"+k, v[k])
		}
	case []any:
		for _, e := range v {
			a.walk(path, e)
		}
	default:
		a.nodes = append(a.nodes, node{path, fmt.Sprint(v)})
	}
}

// All returns the texts of every element whose path ends in path, dots between
// its parts: "Role.Arn". Elements that hold others have no text.
func (a *Answer) All(path string) []string {
	end := "/" + strings.ReplaceAll(path, ".", "/")
	var out []string
	for _, n := range a.nodes {
		if strings.HasSuffix(n.path, end) {
			out = append(out, n.text)
		}
	}
	return out
}

// Get returns the text of the one element whose path ends in path; none or
// several fail the test.
func (a *Answer) Get(path string) string {
	a.t.Helper()
	all := a.All(path)
	if len(all) != 1 {
		a.t.Fatalf("%s: %d elements %s in\n%s", a.name, len(all), path, a.Body)
	}
	return all[0]
}

// OK fails the test unless the call succeeded.
func (a *Answer) OK() *Answer {
	a.t.Helper()
	if a.Status >= 300 {
		a.t.Fatalf("%s: %d %s: %s", a.name, a.Status, a.Code, a.Message)
	}
	return a
}

// Fails fails the test unless the call failed with that code, and with that
// message when one is given.
func (a *Answer) Fails(code string, message ...string) *Answer {
	a.t.Helper()
	if a.Code != code || len(message) > 0 && a.Message != message[0] {
		a.t.Fatalf("%s: %d %q: %q, want %q: %q", a.name, a.Status, a.Code, a.Message, code, message)
	}
	return a
}

// object writes pairs as a JSON object.
func object(parameters []string) string {
	members := map[string]json.RawMessage{}
	for i := 0; i+1 < len(parameters); i += 2 {
		if name, raw := strings.CutSuffix(parameters[i], ":"); raw {
			members[name] = json.RawMessage(parameters[i+1])
			continue
		}
		text, err := json.Marshal(parameters[i+1])
		if err != nil {
			panic("servicetest: " + err.Error()) // a string is always JSON
		}
		members[parameters[i]] = text
	}
	text, err := json.Marshal(members)
	if err != nil {
		return err.Error() // a member that is no JSON: the service refuses it
	}
	return string(text)
}
