package apigen

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// home is the directory that is generated.
const home = "../api"

// TestGenerateLeavesNoDifference fails when somebody edited a generated file or
// forgot to generate.
func TestGenerateLeavesNoDifference(t *testing.T) {
	files, err := Generate(home)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Generate(home)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if !bytes.Equal(want, again[name]) {
			t.Errorf("%s: generated differently the second time", name)
		}
		got, err := os.ReadFile(filepath.Join(home, name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator makes: run make generate", name)
		}
	}
	committed, err := filepath.Glob(filepath.Join(home, "*", "*_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range committed {
		name, err := filepath.Rel(home, path)
		if err != nil {
			t.Fatal(err)
		}
		if files[name] == nil {
			t.Errorf("%s is not generated any more: delete it", name)
		}
	}
}

// TestTheTablesAreStaticData fails when a package-level variable of a generated
// file needs work at start-up: a call, a map, an init.
func TestTheTablesAreStaticData(t *testing.T) {
	files, err := Generate(home)
	if err != nil {
		t.Fatal(err)
	}
	vars := 0
	for name, src := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					t.Errorf("%s has an init", name)
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					vars += len(d.Specs)
					ast.Inspect(d, func(n ast.Node) bool { return static(t, name, n) })
				}
			}
		}
	}
	if vars < 1000 {
		t.Errorf("only %d variables looked at", vars)
	}
}

// static reports whether to look further into a part of an initializer.
func static(t *testing.T, name string, n ast.Node) bool {
	switch n.(type) {
	case *ast.FuncLit:
		return false // not run at start-up
	case *ast.CallExpr, *ast.MapType:
		t.Errorf("%s: a variable is initialized by a call or a map", name)
	}
	return true
}

// models reads all models.
func models(t *testing.T) map[string]*generator {
	t.Helper()
	patches, err := loadPatches()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*generator{}
	for _, name := range services {
		g, err := load(filepath.Join(home, "models"), name, patches[name])
		if err != nil {
			t.Fatal(err)
		}
		out[name] = g
	}
	return out
}

// secretive are names of members that hold secrets more often than not.
var secretive = regexp.MustCompile(`(?i)password|secret|token|assertion|seed|qrcode|privatekey|customerkey$|(^|[a-z])code\d?$|credential(value)?$|jwt`)

// harmless are the members whose names only look secret, and why.
var harmless = map[string]string{
	"accessanalyzer.*.clientToken":                                  "names a call",
	"accessanalyzer.*.nextToken":                                    "a page",
	"accessanalyzer.JobError.code":                                  "an error's code",
	"accessanalyzer.RecommendationError.code":                       "an error's code",
	"accessanalyzer.AccessPreviewStatusReason.code":                 "an error's code",
	"accessanalyzer.StatusReason.code":                              "an error's code",
	"accessanalyzer.ValidatePolicyFinding.issueCode":                "names a finding",
	"accessanalyzer.SecretsManagerSecretConfiguration.secretPolicy": "a policy",
	"iam.*.GlobalEndpointTokenVersion":                              "a setting",
	"iam.*.AssertionEncryptionMode":                                 "a setting",
	"iam.*.RemovePrivateKey":                                        "an id",
	"iam.ErrorDetails.Code":                                         "an error's code",
	"regent.*.NextToken":                                            "a page",
	"regent.*.ServiceCode":                                          "names a service",
	"sts.*.SubjectFromWebIdentityToken":                             "a name",
	"organizations.*.NextToken":                                     "a page",
	"organizations.EffectivePolicyValidationError.ErrorCode":        "an error's code",
	"s3.*.ContinuationToken":                                        "a page",
	"s3.*.NextContinuationToken":                                    "a page",
	"s3.*.ClientToken":                                              "names a call",
	"s3.*.RequestToken":                                             "names a call",
	"s3.Error.Code":                                                 "an error's code",
	"s3.ErrorDetails.ErrorCode":                                     "an error's code",
	"s3.WriteGetObjectResponseRequest.ErrorCode":                    "an error's code",
	"s3.Redirect.HttpRedirectCode":                                  "a status",
	"s3.PutBucketReplicationRequest.Token":                          "proves that support agreed; given to no one",
	"s3.PutObjectLockConfigurationRequest.Token":                    "proves that support agreed; given to no one",
}

// Rules: TH-102 RE-25
func TestEveryMemberThatLooksSecretIsMarked(t *testing.T) {
	used := map[string]bool{}
	all := models(t)
	for _, pkg := range services {
		g := all[pkg]
		for _, typ := range g.types {
			sh := g.model.Shapes[typ.shape]
			for _, f := range g.fields(typ) {
				kind := f.shape.Type
				if !secretive.MatchString(f.name) || kind != "string" && kind != "blob" {
					continue
				}
				marked := slices.Contains(g.flags(sh, typ, f), "wire.Secret")
				exact, any := pkg+"."+typ.shape+"."+f.name, pkg+".*."+f.name
				excused := harmless[exact] != "" || harmless[any] != ""
				used[exact], used[any] = true, true
				if !marked && !excused {
					t.Errorf("%s looks secret: patch it, or say here why it is not", exact)
				}
				if marked && excused {
					t.Errorf("%s is secret and excused", exact)
				}
			}
		}
	}
	for name := range harmless {
		if !used[name] {
			t.Errorf("%s excuses nothing: remove it", name)
		}
	}
}

// Rules: IA-20
func TestEveryPolicyDocumentInAnAnswerIsMarked(t *testing.T) {
	g := models(t)["iam"]
	answers := map[string]bool{}
	for _, op := range g.operations() {
		if op.Output != nil {
			g.reach(op.Output.Shape, answers)
		}
	}
	documents := 0
	for _, typ := range g.types {
		sh := g.model.Shapes[typ.shape]
		for _, f := range g.fields(typ) {
			want := answers[typ.shape] && f.ref.Shape == "policyDocumentType"
			if got := slices.Contains(g.flags(sh, typ, f), "wire.Document"); got != want {
				t.Errorf("%s.%s is a document: %v, want %v", typ.shape, f.name, got, want)
			}
			if want {
				documents++
			}
		}
	}
	if documents != len(g.patch.Documents) {
		t.Errorf("%d documents, %d patched", documents, len(g.patch.Documents))
	}
}

func TestAPatchThatNamesNothingIsRefused(t *testing.T) {
	g := models(t)["iam"]
	for _, p := range []patch{
		{Secret: []string{"CreateUserRequest.Nothing"}},
		{Documents: []string{"Nothing.Document"}},
		{Open: []string{"Nothing"}},
		{Roots: map[string]string{"Nothing": "X"}},
		{Unwrapped: []string{"Nothing"}},
	} {
		if err := p.verify(&g.model); err == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
}

func TestTranslatePatterns(t *testing.T) {
	tests := []struct {
		pattern    string
		yes, no    []string
		unknowable bool
	}{
		{pattern: `[\w+=,.@-]+`, yes: []string{"a.b@c"}, no: []string{"", "a b", "a\n", "é"}},
		{pattern: `[\u0009\u000A\u000D\u0020-\u00FF]+`, yes: []string{"\tÿ\n"}, no: []string{"Ā", "\x00", "\v"}},
		{pattern: `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`, yes: []string{"", "é 1-@"}, no: []string{"!", "\n"}},
		{pattern: `[\u0020-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`, yes: []string{"\U0001F600"}, no: []string{"\uFFFE"}},
		{pattern: `[\u0020-\uD7FF\uD800\uDC00-\uDBFF\uDFFF\t]*`, yes: []string{"\U0001F600\t"}, no: []string{"\uFFFD\x00"}},
		{pattern: `[^\s@]+@[^\s@]+\.[^\s@]+`, yes: []string{"a@b.c"}, no: []string{"a@b", "a\vb@c.d"}},
		{pattern: `^(r-[0-9a-z]{4,32})|(\d{12})$`, yes: []string{"r-abcd", "111122223333"}, no: []string{"r-abcd ", "x111122223333", "1111222233334"}},
		{pattern: `((/[A-Za-z0-9\.,\+@=_-]+)*)/`, yes: []string{"/", "/a/b/"}, no: []string{"a", "/a"}},
		{pattern: `a(?=b)`, unknowable: true},
		{pattern: `a(?!b)`, unknowable: true},
		{pattern: `a(?<!b)`, unknowable: true},
		{pattern: `[a-z&&[^b]]`, unknowable: true},
		{pattern: `[a[b]]`, unknowable: true},
		{pattern: `\Qa\E`, unknowable: true},
		{pattern: `(a)\1`, unknowable: true},
		{pattern: `\uD800`, unknowable: true},
		{pattern: `a++`, unknowable: true},
	}
	for _, test := range tests {
		out, err := translate(test.pattern)
		if (err != nil) != test.unknowable {
			t.Errorf("%s became %s, %v", test.pattern, out, err)
		}
		if err != nil {
			continue
		}
		re := regexp.MustCompile(out)
		for _, s := range test.yes {
			if !re.MatchString(s) {
				t.Errorf("%s does not match %q", test.pattern, s)
			}
		}
		for _, s := range test.no {
			if re.MatchString(s) {
				t.Errorf("%s matches %q", test.pattern, s)
			}
		}
	}
}

func TestTheAliasPatternIsReplacedByAnEqualOne(t *testing.T) {
	g := models(t)["iam"]
	const original = `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`
	out, err := translate(g.patch.Patterns[original])
	if err != nil {
		t.Fatal(err)
	}
	re := regexp.MustCompile(out)
	for s, want := range map[string]bool{
		"abc": true, "a-b": true, "a-b-c": true, "a--b": false, "-ab": false, "ab-": false, "aBc": false, "a b": false, strings.Repeat("a", 63): true,
	} {
		if re.MatchString(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func TestEveryOperationOfTheModelsIsGenerated(t *testing.T) {
	all := models(t)
	for pkg, want := range map[string]int{"iam": 176, "sts": 11, "organizations": 63, "regent": 19, "s3": 111} {
		if got := len(all[pkg].operations()); got != want {
			t.Errorf("%s: %d operations, want %d", pkg, got, want)
		}
	}
}

func TestMembersKeepTheModelsOrder(t *testing.T) {
	var m members
	if err := json.Unmarshal([]byte(`{"b":{"shape":"X"},"a":{"shape":"Y","z":{"q":1}},"c":{"shape":"X"}}`), &m); err != nil {
		t.Fatal(err)
	}
	if want := []string{"b", "a", "c"}; !slices.Equal(m.names, want) || m.refs["a"].Shape != "Y" {
		t.Errorf("got %v", m.names)
	}
}
