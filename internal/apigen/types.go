package apigen

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

const wirePath = "github.com/regent-iam/regent/internal/wire"

func compare(a, b string) int { return cmp.Compare(a, b) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// A field is one member of a Go struct.
type field struct {
	goName   string
	name     string // in the model
	index    int    // among the schema's members
	ref      *reference
	shape    *shape
	goType   string
	pointer  bool // the Go type is a pointer to the scalar
	required bool
	always   bool
	// keepEmpty: a required string that may legally be empty is written
	// although it is.
	keepEmpty bool
}

// fields returns the fields of a struct, in the model's order.
func (g *generator) fields(t typ) []field {
	sh := g.model.Shapes[t.shape]
	var out []field
	for _, name := range sh.Members.names {
		ref := sh.Members.refs[name]
		if g.model.dropped(ref) {
			continue
		}
		f := field{
			goName: exported(name), name: name, index: len(out), ref: ref,
			shape: g.model.Shapes[ref.Shape], required: sh.requires(name),
		}
		f.always = g.always(t, f)
		f.keepEmpty = (f.required || f.always) && mayBeEmpty(f.shape)
		f.goType = g.goType(ref.Shape)
		switch f.shape.Type {
		case "structure":
			f.goType, f.pointer = "*"+f.goType, true
		case "boolean", "integer", "long", "float", "double":
			f.pointer = !f.required
		case "string":
			f.pointer = t.role == input && !f.required && mayBeEmpty(f.shape) && g.distinguishesEmpty() ||
				slices.Contains(g.patch.Pointers, t.shape+"."+name)
		}
		if f.pointer && f.shape.Type != "structure" {
			f.goType = "*" + f.goType
		}
		out = append(out, f)
	}
	return out
}

// always reports whether an output carries the member whatever its value: the
// items and the IsTruncated of a list (IA-10).
func (g *generator) always(t typ, f field) bool {
	if t.role != output {
		return false
	}
	if slices.Contains(g.patch.Always, t.shape+"."+f.name) {
		return true
	}
	p := g.paginators[t.op]
	if f.shape.Type == "boolean" {
		return p.MoreResults == f.name
	}
	return f.shape.Type == "list" && slices.Contains(p.ResultKey, f.name)
}

// mayBeEmpty reports whether the empty string is a value of the shape.
func mayBeEmpty(sh *shape) bool {
	return sh.Type == "string" && len(sh.Enum) == 0 && (sh.Min == nil || sh.Min.String() == "0")
}

// distinguishesEmpty reports whether the protocol tells an empty string from an
// absent one, and operations care.
func (g *generator) distinguishesEmpty() bool {
	return g.model.Metadata.Protocol != "rest-xml"
}

// goType returns the Go type of a shape that is an item or a plain member.
func (g *generator) goType(name string) string {
	sh := g.model.Shapes[name]
	switch sh.Type {
	case "structure":
		return exported(name)
	case "list":
		return "[]" + g.goType(sh.Member.Shape)
	case "map":
		return "map[string]" + g.goType(sh.Value.Shape)
	case "string":
		return "string"
	case "blob":
		return "[]byte"
	case "boolean":
		return "bool"
	case "integer":
		return "int32"
	case "long":
		return "int64"
	case "float", "double":
		return "float64"
	case "timestamp":
		return "time.Time"
	}
	panic("apigen: no Go type for " + sh.Type + " " + name)
}

func (g *generator) emitTypes() error {
	body := g.captured(func() {
		for _, t := range g.types {
			g.emitType(t)
		}
	})
	imports := []string{}
	if strings.Contains(body, "time.Time") {
		imports = append(imports, "time")
	}
	g.header(imports...)
	g.printf("%s", body)
	return nil
}

// captured returns what emit writes and takes it out of the file again.
func (g *generator) captured(emit func()) string {
	at := g.buf.Len()
	emit()
	body := string(g.buf.Bytes()[at:])
	g.buf.Truncate(at)
	return body
}

func (g *generator) emitType(t typ) {
	switch t.role {
	case input:
		g.printf("// %s is the input of %s.\n", t.goName, t.op)
	case output:
		g.printf("// %s is the output of %s.\n", t.goName, t.op)
	default:
		g.printf("// %s is a structure of the model.\n", t.goName)
	}
	g.printf("type %s struct {\n", t.goName)
	for _, f := range g.fields(t) {
		g.printf("\t%s %s%s\n", f.goName, f.goType, g.fieldComment(f))
	}
	g.printf("}\n\n")
}

// fieldComment says what the Go type does not.
func (g *generator) fieldComment(f field) string {
	var words []string
	if f.required {
		words = append(words, "required")
	}
	if len(f.shape.Enum) > 0 && len(f.shape.Enum) <= 8 {
		words = append(words, strings.Join(f.shape.Enum, " | "))
	}
	if len(words) == 0 {
		return ""
	}
	return " // " + strings.Join(words, "; ")
}
