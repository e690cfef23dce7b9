package apigen

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A model is an API model in the api-2.json format, as far as we use it.
type model struct {
	Metadata   metadata
	Operations map[string]*operation
	Shapes     map[string]*shape
}

type metadata struct {
	APIVersion     string `json:"apiVersion"`
	EndpointPrefix string `json:"endpointPrefix"`
	JSONVersion    string `json:"jsonVersion"`
	Protocol       string `json:"protocol"`
	ServiceID      string `json:"serviceId"`
	SigningName    string `json:"signingName"`
	TargetPrefix   string `json:"targetPrefix"`
	XMLNamespace   string `json:"xmlNamespace"`
}

type operation struct {
	Name string
	HTTP struct {
		Method       string
		RequestURI   string `json:"requestUri"`
		ResponseCode int    `json:"responseCode"`
	}
	Input, Output *reference
	Errors        []reference
	AuthType      string `json:"authtype"`
	Deprecated    bool
	HTTPChecksum  *struct {
		RequestAlgorithmMember  string `json:"requestAlgorithmMember"`
		RequestChecksumRequired bool   `json:"requestChecksumRequired"`
	} `json:"httpChecksum"`
}

// A reference says where a shape is used: a member, an element, an input.
type reference struct {
	Shape            string
	LocationName     string `json:"locationName"`
	Location         string
	Flattened        bool
	Streaming        bool
	XMLAttribute     bool          `json:"xmlAttribute"`
	XMLNamespace     *xmlNamespace `json:"xmlNamespace"`
	IdempotencyToken bool          `json:"idempotencyToken"`
	ResultWrapper    string        `json:"resultWrapper"`
	Deprecated       bool
}

type xmlNamespace struct {
	Prefix, URI string
}

type shape struct {
	Type            string
	Members         members
	Required        []string
	Member          *reference
	Key, Value      *reference
	Min, Max        *json.Number
	Pattern         string
	Enum            []string
	Sensitive       bool
	Flattened       bool
	LocationName    string        `json:"locationName"`
	XMLNamespace    *xmlNamespace `json:"xmlNamespace"`
	Payload         string
	TimestampFormat string `json:"timestampFormat"`
	Exception       bool
	Fault           bool
	EventStream     bool
	Error           *struct {
		Code           string
		HTTPStatusCode int `json:"httpStatusCode"`
	}
}

// members keeps the order in which the model lists a structure's members.
type members struct {
	names []string
	refs  map[string]*reference
}

// UnmarshalJSON reads an object and remembers the order of its keys.
func (m *members) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &m.refs); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		m.names = append(m.names, fmt.Sprint(name))
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return err
		}
	}
	return nil
}

// A paginator names the members of an output that lists always carry.
type paginator struct {
	ResultKey   oneOrMore `json:"result_key"`
	MoreResults string    `json:"more_results"`
}

// oneOrMore is a string or a list of strings.
type oneOrMore []string

// UnmarshalJSON reads either form.
func (o *oneOrMore) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		*o = make(oneOrMore, 1)
		return json.Unmarshal(data, &(*o)[0])
	}
	return json.Unmarshal(data, (*[]string)(o))
}

// parsePaginators reads a paginators file, by operation.
func parsePaginators(data []byte) (map[string]paginator, error) {
	var out map[string]paginator
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, err
	}
	return out, nil
}

// exported returns the Go name for a name of the model.
func exported(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		if r == '-' || r == '_' || r == '.' || r == ':' {
			up = true
			continue
		}
		if up && 'a' <= r && r <= 'z' {
			r += 'A' - 'a'
		}
		b.WriteRune(r)
		up = false
	}
	return b.String()
}

// prune drops the deprecated members whose name on the wire another member has:
// nobody could tell them apart. Other clashes are errors.
func (m *model) prune() error {
	for name, sh := range m.Shapes {
		byWire := map[string][]string{}
		for _, n := range sh.Members.names {
			ref := sh.Members.refs[n]
			wire := ref.Location + " " + cmp.Or(ref.LocationName, n)
			byWire[wire] = append(byWire[wire], n)
		}
		for wire, clash := range byWire {
			if len(clash) == 1 {
				continue
			}
			kept := slices.DeleteFunc(clash, func(n string) bool { return sh.Members.refs[n].Deprecated })
			if len(kept) != 1 {
				return fmt.Errorf("%s has several members %s on the wire", name, wire)
			}
			sh.Members.names = slices.DeleteFunc(sh.Members.names, func(n string) bool {
				ref := sh.Members.refs[n]
				return n != kept[0] && ref.Location+" "+cmp.Or(ref.LocationName, n) == wire
			})
		}
	}
	return nil
}

// recursive reports whether the shape can be reached from itself.
func (m *model) recursive(name string) bool {
	seen := map[string]bool{}
	var visit func(string) bool
	visit = func(at string) bool {
		for _, next := range m.neighbors(at) {
			if next == name {
				return true
			}
			if !seen[next] {
				seen[next] = true
				if visit(next) {
					return true
				}
			}
		}
		return false
	}
	return visit(name)
}

// neighbors returns the shapes that a shape refers to.
func (m *model) neighbors(name string) []string {
	sh := m.Shapes[name]
	var out []string
	for _, n := range sh.Members.names {
		if ref := sh.Members.refs[n]; !m.dropped(ref) {
			out = append(out, ref.Shape)
		}
	}
	for _, ref := range []*reference{sh.Member, sh.Key, sh.Value} {
		if ref != nil {
			out = append(out, ref.Shape)
		}
	}
	return out
}

// dropped reports whether a member is a stream, which no shape holds.
func (m *model) dropped(ref *reference) bool {
	return ref.Streaming || m.Shapes[ref.Shape].EventStream
}

// requires reports whether a structure requires the named member.
func (sh *shape) requires(name string) bool { return slices.Contains(sh.Required, name) }
