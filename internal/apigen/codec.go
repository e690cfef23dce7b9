package apigen

import (
	"fmt"
	"strings"
)

func (g *generator) emitEncoders() error {
	body := g.captured(func() {
		for _, t := range g.types {
			g.emitEncode(t)
		}
	})
	var imports []string
	if strings.Contains(body, "maps.Keys") {
		imports = append(imports, "maps", "slices", "")
	}
	g.header(append(imports, wirePath)...)
	g.printf("%s", body)
	return nil
}

func (g *generator) emitEncode(t typ) {
	g.printf("// Encode writes v to e, member by member.\n")
	g.printf("func (v *%s) Encode(e wire.Encoder) {\n\te.Open(&shape%s)\n", t.goName, t.goName)
	for _, f := range g.fields(t) {
		g.emitPut(f)
	}
	g.printf("\te.Close()\n}\n\n")
}

// puts names the wire function that writes a scalar member.
var puts = map[string]string{
	"string": "PutString", "blob": "PutBlob", "boolean": "PutBool", "integer": "PutInt32",
	"long": "PutInt64", "float": "PutFloat", "double": "PutFloat", "timestamp": "PutTime",
}

// emitPut writes one member, if it is present.
func (g *generator) emitPut(f field) {
	expr := "v." + f.goName
	put, scalar := puts[f.shape.Type]
	open := func(cond string) { g.printf("\tif %s {\n", cond) }
	switch {
	case scalar && f.pointer && f.always:
		g.printf("\twire.%s(e, %d, %s != nil && *%s)\n", put, f.index, expr, expr)
		return
	case scalar && f.pointer:
		open(expr + " != nil")
		g.printf("\t\twire.%s(e, %d, *%s)\n\t}\n", put, f.index, expr)
		return
	case scalar:
		cond := ""
		switch f.shape.Type {
		case "string":
			if !f.keepEmpty {
				cond = expr + ` != ""`
			}
		case "blob":
			cond = expr + " != nil"
		case "timestamp":
			cond = "!" + expr + ".IsZero()"
		}
		if cond == "" {
			g.printf("\twire.%s(e, %d, %s)\n", put, f.index, expr)
			return
		}
		open(cond)
		g.printf("\t\twire.%s(e, %d, %s)\n\t}\n", put, f.index, expr)
		return
	}
	plain := (f.shape.Type == "list" || f.shape.Type == "map") && (f.required || f.always)
	if !plain {
		open(expr + " != nil")
	}
	g.printf("\te.Member(%d)\n", f.index)
	g.emitValue(f.ref.Shape, expr, 0)
	if !plain {
		g.printf("\t}\n")
	}
}

// values names the wire function that makes a Value of a scalar.
var values = map[string]string{
	"string": "wire.StringValue(%s)", "blob": "wire.BlobValue(%s)", "boolean": "wire.BoolValue(%s)",
	"integer": "wire.IntValue(int64(%s))", "long": "wire.IntValue(%s)", "float": "wire.FloatValue(%s)",
	"double": "wire.FloatValue(%s)", "timestamp": "wire.TimeValue(%s)",
}

// emitValue writes the value that expr holds. Depth keeps nested names apart.
func (g *generator) emitValue(name, expr string, depth int) {
	sh := g.model.Shapes[name]
	if value, ok := values[sh.Type]; ok {
		g.printf("\te.Scalar(%s)\n", fmt.Sprintf(value, expr))
		return
	}
	switch sh.Type {
	case "structure":
		g.printf("\t%s.Encode(e)\n", expr)
	case "list":
		i := fmt.Sprintf("i%d", depth)
		g.printf("\te.Open(&shape%s)\n\tfor %s := range %s {\n", exported(name), i, expr)
		g.emitValue(sh.Member.Shape, expr+"["+i+"]", depth+1)
		g.printf("\t}\n\te.Close()\n")
	case "map":
		k, x := fmt.Sprintf("k%d", depth), fmt.Sprintf("x%d", depth)
		g.printf("\te.Open(&shape%s)\n", exported(name))
		g.printf("\tfor _, %s := range slices.Sorted(maps.Keys(%s)) {\n\te.Key(%s)\n\t%s := %s[%s]\n", k, expr, k, x, expr, k)
		g.emitValue(sh.Value.Shape, x, depth+1)
		g.printf("\t}\n\te.Close()\n")
	}
}

func (g *generator) emitDecoders() error {
	g.header(wirePath)
	for _, t := range g.types {
		g.emitDecode(t)
	}
	return nil
}

func (g *generator) emitDecode(t typ) {
	fields := g.fields(t)
	g.printf("// Decode reads v from d, member by member.\n")
	g.printf("func (v *%s) Decode(d wire.Decoder) {\n", t.goName)
	if len(fields) == 0 {
		g.printf("\tfor range d.Members(&shape%s) {\n\t}\n}\n\n", t.goName)
		return
	}
	g.printf("\tfor i := range d.Members(&shape%s) {\n\t\tswitch i {\n", t.goName)
	for _, f := range fields {
		g.printf("\t\tcase %d: // %s\n", f.index, f.name)
		expr := "v." + f.goName
		get, scalar := gets[f.shape.Type]
		switch {
		case scalar && f.pointer:
			g.printf("\t\t%s = new(d.Scalar().%s())\n", expr, get)
		case f.shape.Type == "structure":
			g.printf("\t\t%s = new(%s)\n\t\t%s.Decode(d)\n", expr, strings.TrimPrefix(f.goType, "*"), expr)
		default:
			g.emitRead(f.ref.Shape, expr, 0)
		}
	}
	g.printf("\t\t}\n\t}\n}\n\n")
}

// gets names the method of Value that returns a scalar.
var gets = map[string]string{
	"string": "Text", "blob": "Bytes", "boolean": "Bool", "integer": "Int32",
	"long": "Int64", "float": "Float", "double": "Float", "timestamp": "Time",
}

// emitRead reads a value into what expr names.
func (g *generator) emitRead(name, expr string, depth int) {
	sh := g.model.Shapes[name]
	if get, ok := gets[sh.Type]; ok {
		g.printf("\t\t%s = d.Scalar().%s()\n", expr, get)
		return
	}
	x := fmt.Sprintf("x%d", depth)
	switch sh.Type {
	case "structure":
		g.printf("\t\t%s.Decode(d)\n", expr)
	case "list":
		g.printf("\t\t%s = wire.Present(%s)\n\t\tfor range d.Items() {\n\t\tvar %s %s\n", expr, expr, x, g.goType(sh.Member.Shape))
		g.emitRead(sh.Member.Shape, x, depth+1)
		g.printf("\t\t%s = append(%s, %s)\n\t\t}\n", expr, expr, x)
	case "map":
		k := fmt.Sprintf("k%d", depth)
		g.printf("\t\t%s = wire.PresentMap(%s)\n\t\tfor %s := range d.Entries() {\n\t\tvar %s %s\n", expr, expr, k, x, g.goType(sh.Value.Shape))
		g.emitRead(sh.Value.Shape, x, depth+1)
		g.printf("\t\t%s[%s] = %s\n\t\t}\n", expr, k, x)
	}
}
