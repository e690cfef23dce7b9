package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/regent-iam/regent/policy"
)

// A block is a request as it is written: a line, and indented ones below it.
type block struct {
	line int
	head []string
	more []string
}

// read reads the requests of an archive.
func (a *Archive) read() error {
	requests, ok := a.files["requests"]
	if !ok {
		return &Error{Archive: a.Name, Reason: "there is no file named requests"}
	}
	var blocks []*block
	line := requests.line - 1
	for text := range strings.Lines(requests.text) {
		line++
		trimmed := strings.TrimSpace(text)
		switch {
		case trimmed == "" || trimmed[0] == '#':
		case text[0] != ' ' && text[0] != '\t':
			blocks = append(blocks, &block{line: line, head: strings.Fields(trimmed)})
		case len(blocks) == 0:
			return &Error{a.Name, line, "a setting stands before the first request"}
		default:
			last := blocks[len(blocks)-1]
			last.more = append(last.more, trimmed)
		}
	}
	if len(blocks) == 0 {
		return &Error{Archive: a.Name, Reason: "there are no requests"}
	}
	for _, b := range blocks {
		c, err := a.build(b)
		if err != nil {
			return &Error{a.Name, b.line, err.Error()}
		}
		a.Cases = append(a.Cases, *c)
	}
	return nil
}

func (a *Archive) build(b *block) (*Case, error) {
	c := &Case{Archive: a, Line: b.line}
	if err := c.head(b.head); err != nil {
		return nil, err
	}
	s := settings{use: a.policies()}
	for line := range strings.Lines(a.text("context")) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			if err := s.set(c, line); err != nil {
				return nil, err
			}
		}
	}
	for _, line := range b.more {
		if err := s.set(c, line); err != nil {
			return nil, err
		}
	}
	caller, err := a.caller(c.Caller)
	if err != nil {
		return nil, err
	}
	c.Request.Principal = caller
	if c.Request.ResourceAccount == "" {
		c.Request.ResourceAccount = caller.Account
	}
	c.Request.Context = new(policy.Context)
	for _, k := range c.Keys {
		if k.Multi {
			c.Request.Context.SetMulti(k.Name, k.Values)
		} else {
			c.Request.Context.Set(k.Name, k.Values[0])
		}
	}
	c.Bindings = a.bindings()
	return c, a.layers(c, s.use)
}

// head reads "action resource -> outcome [by layer [statement]]".
func (c *Case) head(words []string) error {
	outcomes := map[string]policy.Outcome{}
	for _, o := range []policy.Outcome{policy.ImplicitDeny, policy.ExplicitDeny, policy.Allow} {
		outcomes[o.String()] = o
	}
	n := len(words)
	if n < 4 || n == 5 || n > 7 || words[2] != "->" || n > 4 && words[4] != "by" {
		return fmt.Errorf(`want "action resource -> outcome [by layer [statement]]", have %q`, strings.Join(words, " "))
	}
	outcome, ok := outcomes[words[3]]
	if !ok {
		return fmt.Errorf("%q is no outcome: allowed, explicitDeny or implicitDeny", words[3])
	}
	c.Request = &policy.Request{Action: words[0], Resource: words[1]}
	c.Want.Outcome = outcome
	if n > 5 {
		if c.Want.Layer = words[5]; !slices.Contains(layerNames[:], words[5]) {
			return fmt.Errorf("%q is no layer: %s", words[5], strings.Join(layerNames[:], ", "))
		}
	}
	if n > 6 {
		c.Want.Statement = words[6]
	}
	return nil
}

// settings are those of a request that are not its own fields.
type settings struct {
	use []string // the policies that bear on it
}

func (s *settings) set(c *Case, line string) error {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.HasPrefix(rest, "= "):
		return c.setKey(word, strings.TrimSpace(rest[2:]))
	case word == "as" && rest != "":
		c.Caller = rest
	case word == "use":
		s.use = strings.Fields(rest)
	case word == "account" && rest != "":
		c.Request.ResourceAccount = rest
	case word == "wildcard" && rest == "":
		c.Request.Wildcard = true
	case word == "allocates" && rest == "":
		c.Allocates = true
	case word == "without" && rest != "":
		c.Keys = slices.DeleteFunc(c.Keys, func(k Key) bool { return k.Name == rest })
	default:
		return fmt.Errorf("%q is not a setting", line)
	}
	return nil
}

// setKey sets a condition key to what JSON says: an array makes it multivalued.
func (c *Case) setKey(name, text string) error {
	k := Key{Name: name}
	var list []json.RawMessage
	if strings.HasPrefix(text, "[") {
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		k.Multi, k.Values = true, []string{}
	} else {
		list = []json.RawMessage{json.RawMessage(text)}
	}
	for _, item := range list {
		value, err := scalar(item)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		k.Values = append(k.Values, value)
	}
	if at := slices.IndexFunc(c.Keys, func(k Key) bool { return k.Name == name }); at >= 0 {
		c.Keys[at] = k
		return nil
	}
	c.Keys = append(c.Keys, k)
	return nil
}

// scalar returns the text of a JSON string, number or boolean.
func scalar(raw json.RawMessage) (string, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", err
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case bool, float64:
		return strings.TrimSpace(string(raw)), nil
	}
	return "", fmt.Errorf("%s is no string, number or boolean", raw)
}

// caller returns who calls: one of the archive's own, or of those that its
// directory knows.
func (a *Archive) caller(name string) (*policy.Principal, error) {
	own, shared := "principal/"+name, name
	if name == "" {
		own, shared = "principal", "alice"
	}
	text, ok := a.shared[shared]
	if f, found := a.files[own]; found {
		text, ok = f.text, true
	}
	if !ok {
		return nil, fmt.Errorf("nobody is called %s: there is no file %s, and no %s that says who it is", shared, own, principals)
	}
	p, err := readPrincipal(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shared, err)
	}
	return p, nil
}

func readPrincipal(text string) (*policy.Principal, error) {
	kinds := map[string]policy.PrincipalKind{
		"anonymous": policy.Anonymous, "root": policy.Root, "user": policy.User, "session": policy.RoleSession,
		"federated-user": policy.FederatedUser, "service": policy.Service, "federated": policy.Federated,
	}
	var p policy.Principal
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "":
		case "kind":
			kind, ok := kinds[rest]
			if !ok {
				return nil, fmt.Errorf("there is no kind of principal %q", rest)
			}
			p.Kind = kind
		case "account":
			p.Account = rest
		case "arn":
			p.ARN = rest
		case "id":
			p.ID = rest
		case "issuer":
			p.Issuer = rest
		case "service":
			p.Services = append(p.Services, rest)
		case "provider":
			p.Provider = rest
		case "canonical":
			p.Canonical = rest
		default:
			return nil, fmt.Errorf("a principal has no %q", word)
		}
	}
	return &p, nil
}

// bindings returns the unique ids that the archive's principals had on save.
func (a *Archive) bindings() map[string]string {
	bindings := map[string]string{}
	for line := range strings.Lines(a.text("bindings")) {
		if name, id, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			bindings[name] = id
		}
	}
	return bindings
}
