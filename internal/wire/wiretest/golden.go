package wiretest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/regent-iam/regent/internal/wire"
)

// Golden runs every archive testdata/*.txtar. The file "request" of each pair
// "name/request", "name/want" is what run gets; what it returns must be the
// content of "name/want", and with update it becomes that.
func Golden(t *testing.T, update bool, run func(t *testing.T, request string) string) {
	t.Helper()
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := false
		for i := 0; i+1 < len(archive.Files); i += 2 {
			request, want := archive.Files[i], &archive.Files[i+1]
			name, ok := strings.CutSuffix(request.Name, "/request")
			if !ok || want.Name != name+"/want" {
				t.Fatalf("%s: %s and %s are no pair", path, request.Name, want.Name)
			}
			t.Run(filepath.Base(path)+"/"+name, func(t *testing.T) {
				got := strings.TrimRight(run(t, string(request.Data)), "\n") + "\n"
				if update {
					changed = changed || got != string(want.Data)
					want.Data = []byte(got)
				} else if diff := cmp.Diff(string(want.Data), got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
		if changed {
			if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Show writes an answer as text: status, headers, body.
func Show(a wire.Answer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n", a.Status)
	for _, h := range a.Header {
		fmt.Fprintf(&b, "%s: %s\n", h.Name, h.Value)
	}
	fmt.Fprintf(&b, "\n%s", a.Body)
	return b.String()
}

// ShowInput writes a decoded input as JSON.
func ShowInput(in wire.Encodable) string {
	j := wire.NewJSON(wire.JSONForm{Layout: wire.LayoutMillis})
	in.Encode(j)
	return string(j.Bytes())
}
