package cases

import (
	"fmt"
	"strings"

	"github.com/regent-iam/regent/policy"
)

// layerNames are what archives call the layers, by policy.Layer.
var layerNames = [...]string{
	policy.LayerNone: "none", policy.LayerRCP: "rcp", policy.LayerSCP: "scp", policy.LayerResource: "resource", policy.LayerTrust: "trust",
	policy.LayerIdentity: "identity", policy.LayerBoundary: "boundary", policy.LayerSession: "session",
}

// LayerName returns what archives call a layer: "identity", "scp", "none".
func LayerName(l policy.Layer) string {
	if int(l) < len(layerNames) {
		return layerNames[l]
	}
	return "unknown"
}

// How a file of an archive is taken, by what stands before its first slash.
type use int

const (
	notes    use = iota // requests, callers and the like: no policy
	document            // a policy
	flag                // an empty file that says that something is there
)

func useOf(name string) (kind string, u use, ok bool) {
	kind, _, _ = strings.Cut(strings.TrimSuffix(name, ".json"), "/")
	switch kind {
	case "identity", "boundary", "session", "scp", "rcp", "resource", "bucket", "trust":
		return kind, document, strings.HasSuffix(name, ".json")
	case "has-boundary", "has-session", "restrict-public", "trust-required":
		return kind, flag, name == kind
	case "requests", "context", "bindings", "policies":
		return kind, notes, name == kind
	case "principal":
		return kind, notes, true
	}
	return kind, notes, false
}

// known returns an error for a name that files of an archive do not have.
func known(name string) error {
	kind, _, ok := useOf(name)
	if !ok {
		return fmt.Errorf("archives have no file %q", name)
	}
	if kind == "scp" || kind == "rcp" {
		if _, err := levelOf(name); err != nil {
			return err
		}
	}
	return nil
}

// policies returns the names of all files that bear on requests.
func (a *Archive) policies() []string {
	var out []string
	for _, name := range a.order {
		if _, u, _ := useOf(name); u != notes {
			out = append(out, name)
		}
	}
	return out
}

// layers compiles the named files.
func (a *Archive) layers(c *Case, use []string) error {
	l := new(policy.Layers)
	c.Layers = l
	for _, name := range use {
		kind, u, _ := useOf(name)
		f, ok := a.files[name]
		if !ok || u == notes {
			return fmt.Errorf("there is no policy %s", name)
		}
		c.Files = append(c.Files, File{name, f.text})
		if u == flag {
			setFlag(l, kind)
		} else if err := a.layer(c, kind, name, f.text); err != nil {
			return err
		}
	}
	return nil
}

func setFlag(l *policy.Layers, name string) {
	switch name {
	case "has-boundary":
		l.HasBoundary = true
	case "has-session":
		l.HasSession = true
	case "restrict-public":
		l.RestrictPublic = true
	case "trust-required":
		l.Trust = true
	}
}

func (a *Archive) layer(c *Case, layer, name, text string) error {
	l := c.Layers
	compile := func(kind policy.Kind) *policy.Policy {
		doc, err := policy.Parse(text)
		if err != nil {
			doc = nil
		}
		return policy.Compile(doc, policy.Source{Name: name, Type: kind}, c.Bindings)
	}
	switch layer {
	case "identity":
		l.Identity = append(l.Identity, compile(policy.Identity))
	case "boundary":
		if l.Boundary != nil {
			return fmt.Errorf("%s is a second boundary, and nobody has two", name)
		}
		l.Boundary = compile(policy.Boundary)
	case "session":
		l.Session = append(l.Session, compile(policy.Session))
	case "resource":
		l.Resource = append(l.Resource, compile(policy.Resource))
	case "bucket":
		l.Resource = append(l.Resource, compile(policy.Bucket))
	case "trust":
		l.Trust = true
		l.Resource = append(l.Resource, compile(policy.Trust))
	case "scp":
		return addLevel(&l.SCP, name, text, compile(policy.SCP))
	case "rcp":
		return addLevel(&l.RCP, name, text, compile(policy.RCP))
	}
	return nil
}

// maxLevels are the levels of an organization: its root, five of units, the account.
const maxLevels = 7

// levelOf reads the level out of "scp/1.json" or "scp/1/name.json".
func levelOf(name string) (level int, err error) {
	_, rest, _ := strings.Cut(strings.TrimSuffix(name, ".json"), "/")
	digit, _, _ := strings.Cut(rest, "/")
	if len(digit) != 1 || digit[0] < '0' || digit[0] >= '0'+maxLevels {
		return 0, fmt.Errorf("%s names no level: want a number from 0, the organization's root, to %d", name, maxLevels-1)
	}
	return int(digit[0] - '0'), nil
}

// addLevel adds a policy to its level; an empty file is a level without policies.
func addLevel(levels *[][]*policy.Policy, name, text string, p *policy.Policy) error {
	level, err := levelOf(name)
	if err != nil {
		return err
	}
	for len(*levels) <= level {
		*levels = append(*levels, nil)
	}
	if strings.TrimSpace(text) != "" {
		(*levels)[level] = append((*levels)[level], p)
	}
	return nil
}
