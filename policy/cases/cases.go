// Package cases reads archives of policy decisions: policies, callers, requests
// and the decision that each request must get, as text that people write and
// review. It runs them on package policy and says, where a decision differs,
// why.
//
//	archives, err := cases.ReadDir("policies/tests")
//	…
//	for _, a := range archives {
//		for i := range a.Cases {
//			if f := a.Cases[i].Check(); f != nil {
//				fmt.Println(f)
//			}
//		}
//	}
//
// docs/cases.md documents the format; "regent policy test" is this package as a
// command. Whoever has another engine runs the same archives on it: a Case says
// all that bears on its request.
package cases

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/regent-iam/regent/policy"
)

// An Archive is one file of cases.
type Archive struct {
	Name  string   // of the file, as it was found: "teams/boundary.txtar"
	Head  string   // the prose before the first file
	Rules []string // the rules that the head's lines "Rules: …" name
	Cases []Case

	files  map[string]*file
	order  []string
	shared map[string]string // callers of the directory
}

// A file is one file of an archive.
type file struct {
	text string
	line int // of its first line in the archive; 0 when it stands elsewhere
}

// A Case is one request of an archive and the decision that it must get.
type Case struct {
	Archive *Archive
	Line    int    // of the request in the archive
	Caller  string // the name after "as"; "" for the archive's own caller
	Files   []File // the policies that bear on the request, in their order
	Keys    []Key  // the condition keys, in the order in which they were set

	Request  *policy.Request
	Layers   *policy.Layers
	Bindings map[string]string // ARN → unique id, of the principals in documents
	Want     Want

	// Allocates says that deciding may allocate memory, which it does not else.
	Allocates bool
}

// A File is a policy of an archive, or one of the empty files that say that a
// layer is there.
type File struct {
	Name string // "identity/dev.json"
	Text string
}

// A Key is a condition key of a request.
type Key struct {
	Name   string
	Values []string
	Multi  bool // the key is multivalued, whatever the number of values
}

// A Want is what a decision must be.
type Want struct {
	Outcome   policy.Outcome
	Layer     string // "identity", "scp", "none", …; "" when the archive does not say
	Statement string // "file#index"; "" when the archive does not say
}

// An Error is a mistake in an archive.
type Error struct {
	Archive string
	Line    int // 0 for the archive as a whole
	Reason  string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Archive + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d: %s", e.Archive, e.Line, e.Reason)
}

// principals is the file that holds the callers of a directory.
const principals = "principals.txtar"

// ErrNone reports a directory without archives: there is nothing that could fail.
var ErrNone = errors.New("there are no archives (*.txtar)")

// ReadDir reads every archive below dir, in the order of their names. The
// callers in a file principals.txtar are known to the archives beside and below
// it. It fails with an [Error] on the first mistake in an archive, and with
// ErrNone when there is none.
func ReadDir(dir string) ([]*Archive, error) {
	var out []*Archive
	callers := map[string]map[string]string{} // directory → its callers
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			callers[name], err = readCallers(name, callers[filepath.Dir(name)])
			return err
		}
		if filepath.Ext(name) != ".txtar" || entry.Name() == principals {
			return nil
		}
		data, err := os.ReadFile(name) //nolint:gosec // the archives are the user's own, and only read
		if err != nil {
			return err
		}
		a, err := Parse(name, data, callers[filepath.Dir(name)])
		if err != nil {
			return err
		}
		out = append(out, a)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: %w", dir, ErrNone)
	}
	return out, nil
}

// readCallers returns the callers that dir adds to those of the directory above.
func readCallers(dir string, above map[string]string) (map[string]string, error) {
	name := filepath.Join(dir, principals)
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return above, nil
	} else if err != nil {
		return nil, err
	}
	known := map[string]string{}
	maps.Copy(known, above)
	for _, f := range txtar.Parse(data).Files {
		if _, err := readPrincipal(string(f.Data)); err != nil {
			return nil, &Error{Archive: name, Reason: f.Name + ": " + err.Error()}
		}
		known[f.Name] = string(f.Data)
	}
	return known, nil
}

// Parse reads an archive. name is what errors and failures call it; policies
// that it takes from elsewhere ("file" lines of its file "policies") are read
// relative to the directory of name. callers are known besides the archive's
// own: what a principal file says, by name; "alice" calls where none is named.
func Parse(name string, data []byte, callers map[string]string) (*Archive, error) {
	parsed := txtar.Parse(data)
	a := &Archive{Name: name, Head: string(parsed.Comment), files: map[string]*file{}, shared: callers}
	for line := range strings.Lines(a.Head) {
		if rest, ok := strings.CutPrefix(line, "Rules: "); ok {
			a.Rules = append(a.Rules, strings.Fields(rest)...)
		}
	}
	line := 1 + strings.Count(a.Head, "\n")
	for _, f := range parsed.Files {
		line++ // the line that names it
		if err := a.add(f.Name, &file{text: string(f.Data), line: line}); err != nil {
			return nil, err
		}
		line += strings.Count(string(f.Data), "\n")
	}
	if err := a.take(); err != nil {
		return nil, err
	}
	return a, a.read()
}

func (a *Archive) add(name string, f *file) error {
	if _, twice := a.files[name]; twice {
		return &Error{a.Name, f.line, name + " stands twice"}
	}
	if err := known(name); err != nil {
		return &Error{a.Name, f.line, err.Error()}
	}
	a.files[name] = f
	a.order = append(a.order, name)
	return nil
}

// take reads the policies that the archive takes from other files.
func (a *Archive) take() error {
	list, ok := a.files["policies"]
	if !ok {
		return nil
	}
	line := list.line - 1
	for text := range strings.Lines(list.text) {
		line++
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' {
			continue
		}
		name, from, ok := strings.Cut(text, " ")
		if !ok {
			return &Error{a.Name, line, fmt.Sprintf(`want "file path", have %q`, text)}
		}
		data, err := os.ReadFile(filepath.Join(filepath.Dir(a.Name), filepath.FromSlash(strings.TrimSpace(from))))
		if err != nil {
			return &Error{a.Name, line, err.Error()}
		}
		if err := a.add(name, &file{text: string(data), line: line}); err != nil {
			return err
		}
	}
	return nil
}

// text returns the text of a file, "" when there is none.
func (a *Archive) text(name string) string {
	if f, ok := a.files[name]; ok {
		return f.text
	}
	return ""
}

// Text returns the text of one of the archive's files; ok is false when there
// is none of that name.
func (a *Archive) Text(name string) (text string, ok bool) {
	f, ok := a.files[name]
	if !ok {
		return "", false
	}
	return f.text, true
}

// Names returns the names of the archive's files in their order.
func (a *Archive) Names() []string { return slices.Clone(a.order) }
