package coverage

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strconv"
	"strings"
)

const (
	// objectsFile has a row per operation of S3 and says where it is routed. The
	// object store has a case for each that it does, in the function objectsSwitch.
	objectsFile   = "internal/s3/classify/operations.tsv"
	objectsDir    = "internal/s3/objects"
	objectsSwitch = "operation"
	gatewayDir    = "internal/s3/gateway"
)

// servedOperations returns the operations that the code serves, as
// "package.Operation", each with what says so: those that the services put on
// the road, by package, and those that the gateway hands to the object store and
// that the store has a case for.
func servedOperations(root fs.FS, registered map[string][]string) (map[string]string, error) {
	served := map[string]string{}
	for service, operations := range registered {
		for _, operation := range operations {
			served[service+"."+operation] = "internal/service/" + service
		}
	}
	if _, err := fs.Stat(root, gatewayDir); errors.Is(err, fs.ErrNotExist) {
		return served, nil // nobody serves objects yet
	}
	rows, err := list(root, objectsFile, 9)
	if err != nil {
		return nil, err
	}
	routed := map[string]bool{}
	for _, row := range rows {
		routed[row[0]] = row[4] == "objects"
	}
	return served, walkGo(root, objectsDir, func(file string, f *ast.File) error {
		for _, operation := range cases(f, objectsSwitch) {
			if routed[operation] {
				served["s3."+operation] = file
			}
		}
		return nil
	})
}

// cases returns the strings of the case clauses in the function of that name.
func cases(f *ast.File, function string) []string {
	var names []string
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Name.Name != function || fn.Recv != nil {
			continue
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			if clause, ok := n.(*ast.CaseClause); ok {
				for _, expr := range clause.List {
					names = appendString(names, expr)
				}
			}
			return true
		})
	}
	return names
}

// appendString appends the value of expr when it is a string in quotes.
func appendString(names []string, expr ast.Expr) []string {
	if literal, ok := expr.(*ast.BasicLit); ok && literal.Kind == token.STRING {
		if name, err := strconv.Unquote(literal.Value); err == nil {
			return append(names, name)
		}
	}
	return names
}

// walkGo calls fn for every Go file under dir that is not a test. A dir that
// does not exist has none.
func walkGo(root fs.FS, dir string, fn func(file string, f *ast.File) error) error {
	if _, err := fs.Stat(root, dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fs.WalkDir(root, dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		src, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, src, 0)
		if err != nil {
			return fmt.Errorf("reading operations: %w", err)
		}
		return fn(file, f)
	})
}
