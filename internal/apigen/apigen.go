// Package apigen generates internal/api from the API models: for each service a
// Go struct per structure, its schema as static data, the two methods that walk
// it, the table of operations and a constructor per exception.
//
// What the models do not say (which members are secret or hold policy documents,
// how S3 calls its root elements) is in patches.json. The output depends on
// nothing but the models and the patches.
package apigen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
)

// Services are the services that are generated, by package name, which is the
// name of the model's file too.
var services = []string{"accessanalyzer", "iam", "organizations", "regent", "s3", "sts"}

// Generate returns the generated files by path relative to the api directory,
// from the models in its subdirectory models.
func Generate(api string) (map[string][]byte, error) {
	patches, err := loadPatches()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range services {
		g, err := load(filepath.Join(api, "models"), name, patches[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := g.emit(files); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return files, nil
}

// Write generates and writes the files below the api directory.
func Write(api string) error {
	files, err := Generate(api)
	if err != nil {
		return err
	}
	for name, data := range files {
		path := filepath.Join(api, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// load reads a service's model and names its types.
func load(dir, name string, p patch) (*generator, error) {
	g := &generator{pkg: name, patch: p, patternVars: map[string]string{}}
	data, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &g.model); err != nil {
		return nil, err
	}
	if err := g.model.prune(); err != nil {
		return nil, err
	}
	data, err = os.ReadFile(filepath.Join(dir, name+".paginators.json"))
	if err != nil {
		return nil, err
	}
	if g.paginators, err = parsePaginators(data); err != nil {
		return nil, err
	}
	if err := p.verify(&g.model); err != nil {
		return nil, err
	}
	return g, g.nameTypes()
}

// A generator writes one service's package.
type generator struct {
	pkg         string
	model       model
	paginators  map[string]paginator
	patch       patch
	types       []typ             // structures, sorted by Go name
	scalars     []string          // shapes that are not structures, sorted
	patternVars map[string]string // pattern to the variable that holds it
	buf         bytes.Buffer
}

// A role is where a structure is used.
type role int

const (
	nested role = iota
	input
	output
)

// A typ is one Go struct.
type typ struct {
	goName, shape string
	role          role
	op            string // of an input or output
}

// nameTypes decides which structs there are. Inputs and outputs are named after
// their operation, as the SDKs do it; everything else after its shape.
func (g *generator) nameTypes() error {
	reached := map[string]bool{}
	for _, op := range g.operations() {
		for _, top := range []struct {
			ref  *reference
			role role
			end  string
		}{{op.Input, input, "Input"}, {op.Output, output, "Output"}} {
			if top.ref == nil {
				continue
			}
			g.types = append(g.types, typ{op.Name + top.end, top.ref.Shape, top.role, op.Name})
			for _, next := range g.model.neighbors(top.ref.Shape) {
				g.reach(next, reached)
			}
		}
	}
	for name := range reached {
		if g.model.Shapes[name].Type == "structure" {
			g.types = append(g.types, typ{goName: exported(name), shape: name})
		} else {
			g.scalars = append(g.scalars, name)
		}
	}
	slices.SortFunc(g.types, func(a, b typ) int { return compare(a.goName, b.goName) })
	slices.Sort(g.scalars)
	return g.checkNames()
}

func (g *generator) reach(name string, reached map[string]bool) {
	if reached[name] {
		return
	}
	reached[name] = true
	for _, next := range g.model.neighbors(name) {
		g.reach(next, reached)
	}
}

// checkNames refuses names that would collide in Go.
func (g *generator) checkNames() error {
	seen := map[string]string{}
	take := func(name, what string) error {
		if other, ok := seen[name]; ok {
			return fmt.Errorf("%s and %s are both called %s in Go", other, what, name)
		}
		seen[name] = what
		return nil
	}
	for _, t := range g.types {
		if err := take(t.goName, "shape "+t.shape); err != nil {
			return err
		}
		if n := len(g.model.Shapes[t.shape].Members.names); n > maxMembers {
			return fmt.Errorf("%s has %d members; wire.Check can count %d", t.shape, n, maxMembers)
		}
	}
	for _, name := range g.scalars {
		if err := take(exported(name), "shape "+name); err != nil {
			return err
		}
	}
	for _, e := range g.exceptions() {
		if err := take(e.goName, "exception "+e.shape); err != nil {
			return err
		}
	}
	return nil
}

// maxMembers is how many members wire.Check can keep track of.
const maxMembers = 128

// operations returns the operations sorted by name.
func (g *generator) operations() []*operation {
	out := make([]*operation, 0, len(g.model.Operations))
	for _, name := range sortedKeys(g.model.Operations) {
		out = append(out, g.model.Operations[name])
	}
	return out
}

// emit writes all files of the package.
func (g *generator) emit(files map[string][]byte) error {
	if err := g.namePatterns(); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		emit func() error
	}{
		{g.pkg + "_gen.go", g.emitService},
		{"types_gen.go", g.emitTypes},
		{"encode_gen.go", g.emitEncoders},
		{"decode_gen.go", g.emitDecoders},
		{"schema_gen.go", g.emitSchemas},
		{"errors_gen.go", g.emitErrors},
	} {
		g.buf.Reset()
		if err := f.emit(); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		src, err := format.Source(g.buf.Bytes())
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", f.name, err, g.buf.Bytes())
		}
		files[filepath.Join(g.pkg, f.name)] = src
	}
	return nil
}

// printf writes to the file that is being made.
func (g *generator) printf(format string, args ...any) {
	fmt.Fprintf(&g.buf, format, args...)
}

// header begins a file.
func (g *generator) header(imports ...string) {
	g.printf("// Code generated by internal/apigen from internal/api/models/%s.json. DO NOT EDIT.\n\n", g.pkg)
	g.printf("package %s\n\n", g.pkg)
	if len(imports) > 0 {
		g.printf("import (\n")
		for _, i := range imports {
			if i == "" {
				g.printf("\n")
				continue
			}
			g.printf("\t%q\n", i)
		}
		g.printf(")\n\n")
	}
}
