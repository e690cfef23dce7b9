package apigen

import (
	"fmt"
	"slices"
	"strings"
)

// namePatterns translates the patterns of all shapes that are used and names a
// variable for each.
func (g *generator) namePatterns() error {
	g.patternVars = map[string]string{}
	for _, name := range g.scalars {
		p := g.model.Shapes[name].Pattern
		if p == "" || g.patternVars[p] != "" {
			continue
		}
		g.patternVars[p] = "pattern" + exported(name)
	}
	return nil
}

func (g *generator) emitSchemas() error {
	g.header(wirePath)
	for _, p := range sortedKeys(g.patternVars) {
		from := p
		if to, ok := g.patch.Patterns[p]; ok {
			from = to
		}
		re, err := translate(from)
		if err != nil {
			return err
		}
		g.printf("var %s = wire.Pattern{Text: %q, Go: %q}\n\n", g.patternVars[p], p, re)
	}
	for _, name := range g.scalars {
		if err := g.emitShape(exported(name), name, nil); err != nil {
			return err
		}
	}
	for _, t := range g.types {
		if err := g.emitShape(t.goName, t.shape, &t); err != nil {
			return err
		}
	}
	return nil
}

var kinds = map[string]string{
	"string": "String", "blob": "Blob", "boolean": "Boolean", "integer": "Integer", "long": "Long",
	"float": "Float", "double": "Float", "timestamp": "Timestamp", "list": "List", "map": "Map", "structure": "Structure",
}

// emitShape writes the schema of one shape.
func (g *generator) emitShape(goName, name string, t *typ) error {
	sh := g.model.Shapes[name]
	kind, ok := kinds[sh.Type]
	if !ok {
		return fmt.Errorf("shape %s has type %q", name, sh.Type)
	}
	g.printf("var shape%s = wire.Shape{\n\tName: %q, Kind: wire.%s,\n", goName, name, kind)
	if len(sh.Enum) > 0 {
		g.printf("\tEnum: %#v,\n", sh.Enum)
	}
	if sh.Pattern != "" {
		g.printf("\tPattern: &%s,\n", g.patternVars[sh.Pattern])
	}
	if sh.Min != nil {
		g.printf("\tMin: %s, HasMin: true,\n", sh.Min)
	}
	if sh.Max != nil {
		g.printf("\tMax: %s, HasMax: true,\n", sh.Max)
	}
	if sh.Sensitive && !slices.Contains(g.patch.Public, name) {
		g.printf("\tSensitive: true,\n")
	}
	if err := g.emitTimeFormat(sh); err != nil {
		return err
	}
	g.emitSpace(sh.XMLNamespace)
	if root := g.root(sh, t); root != "" {
		g.printf("\tRoot: %q,\n", root)
	}
	g.emitMembers(sh, t)
	g.printf("}\n\n")
	return nil
}

// root returns the name of the XML element that a message is wrapped in.
func (g *generator) root(sh *shape, t *typ) string {
	if t == nil || t.role == nested {
		return sh.LocationName
	}
	if root, ok := g.patch.Roots[t.op]; ok && t.role == output {
		return root
	}
	if op := g.model.Operations[t.op]; t.role == input && op.Input.LocationName != "" {
		return op.Input.LocationName
	}
	return sh.LocationName
}

func (g *generator) emitTimeFormat(sh *shape) error {
	switch sh.TimestampFormat {
	case "":
	case "iso8601":
		g.printf("\tTime: wire.TimeISO8601,\n")
	case "rfc822":
		g.printf("\tTime: wire.TimeRFC822,\n")
	case "unixTimestamp":
		g.printf("\tTime: wire.TimeEpoch,\n")
	default:
		return fmt.Errorf("unknown timestampFormat %q", sh.TimestampFormat)
	}
	return nil
}

func (g *generator) emitSpace(n *xmlNamespace) {
	if n != nil {
		g.printf("\tSpace: wire.Namespace{Prefix: %q, URI: %q},\n", n.Prefix, n.URI)
	}
}

func (g *generator) emitMembers(sh *shape, t *typ) {
	switch sh.Type {
	case "structure":
		fields := g.fields(*t)
		if len(fields) == 0 {
			return
		}
		g.printf("\tMembers: []wire.Member{\n")
		for _, f := range fields {
			g.emitMember(f.name, f.ref, g.flags(sh, *t, f), t.shape)
		}
	case "list":
		g.printf("\tMembers: []wire.Member{\n")
		g.emitMember("member", sh.Member, g.itemFlags(sh.Member), "")
	case "map":
		g.printf("\tMembers: []wire.Member{\n")
		g.emitMember("key", sh.Key, g.itemFlags(sh.Key), "")
		g.emitMember("value", sh.Value, g.itemFlags(sh.Value), "")
	default:
		return
	}
	g.printf("\t},\n")
}

var locations = map[string]string{
	"header": "InHeader", "headers": "InHeaders", "querystring": "InQuery", "uri": "InLabel", "statusCode": "InStatus",
}

// emitMember writes one member of a schema.
func (g *generator) emitMember(name string, ref *reference, flags []string, _ string) {
	g.printf("\t\t{Name: %q,", name)
	if ref.LocationName != "" && ref.LocationName != name {
		g.printf(" Wire: %q,", ref.LocationName)
	}
	target := g.model.Shapes[ref.Shape]
	// A variable may not refer to itself, so the way back into a recursive
	// structure is left out; its Go type knows it.
	if target.Type != "structure" || !g.model.recursive(ref.Shape) {
		g.printf(" Shape: &shape%s,", exported(ref.Shape))
	}
	if ref.Location != "" {
		g.printf(" In: wire.%s,", locations[ref.Location])
	}
	if len(flags) > 0 {
		g.printf(" Flags: %s,", strings.Join(flags, " | "))
	}
	if n := ref.XMLNamespace; n != nil {
		g.printf(" Space: wire.Namespace{Prefix: %q, URI: %q},", n.Prefix, n.URI)
	}
	g.printf("},\n")
}

// itemFlags returns the flags of a list's or map's parts.
func (g *generator) itemFlags(ref *reference) []string {
	if g.model.Shapes[ref.Shape].Sensitive && !slices.Contains(g.patch.Public, ref.Shape) {
		return []string{"wire.Secret"}
	}
	return nil
}

// flags returns the flags of a structure's member.
func (g *generator) flags(sh *shape, t typ, f field) []string {
	name := t.shape + "." + f.name
	hidden := slices.Contains(g.patch.Hidden, name)
	secret := f.shape.Sensitive && !slices.Contains(g.patch.Public, f.ref.Shape) || hidden || slices.Contains(g.patch.Secret, name)
	var out []string
	for _, flag := range []struct {
		name string
		set  bool
	}{
		{"wire.Required", f.required},
		{"wire.Payload", sh.Payload == f.name},
		{"wire.Attribute", f.ref.XMLAttribute},
		{"wire.Flat", f.ref.Flattened || f.shape.Flattened},
		{"wire.Document", slices.Contains(g.patch.Documents, name)},
		{"wire.Secret", secret},
		{"wire.Hidden", hidden},
		{"wire.Always", f.always},
		{"wire.Token", f.ref.IdempotencyToken},
		{"wire.Open", slices.Contains(g.patch.Open, f.ref.Shape)},
	} {
		if flag.set {
			out = append(out, flag.name)
		}
	}
	return out
}
