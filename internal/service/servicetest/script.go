package servicetest

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/regent-iam/regent/internal/identity"
)

// Run plays every scenario that pattern finds, each in a harness of its own. A
// scenario is a txtar archive. Its head is prose, in which a line "Rules: …"
// names the rules it shows; its file "script" is the scenario, and the other
// files are texts that "@name" stands for.
//
// The statements of a script, one to a line, "#" beginning a comment:
//
//	account 111122223333 root         make an account and an actor, its root
//	user alice 111122223333 [@policy] make a user with an inline policy: an actor
//	key alice2 111122223333 alice     make an actor with another key of a user
//	session dev 111122223333 role     make an actor that is a session of a role
//	clock 15m                         move the clock on
//	alice iam CreateRole RoleName=x   call an operation as an actor; "unsigned" is nobody
//
// Values with blanks stand in single quotes. A call must succeed unless an
// indented line below it says otherwise:
//
//	! NoSuchEntity                    it fails with this code
//	status 404                        of this HTTP status
//	Message = The role …              Element = texts of all such elements, blanks between
//	RoleName ~ dev                    one of them contains
//	PolicyDocument % @doc             the same, percent-encoded in the answer
//	Tags absent                       there is no such element
//	id := Role.RoleId                 from here on <id> stands for its text
func Run(t *testing.T, pattern string, harness func(testing.TB) *Harness) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios in %s: %v", pattern, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			play(t, harness(t), archive)
		})
	}
}

// A script is a scenario as it is played.
type script struct {
	t      *testing.T
	h      *Harness
	files  map[string]string
	vars   []string // for strings.NewReplacer
	line   int
	answer *Answer
	failed bool // the answer's failure was expected
}

func play(t *testing.T, h *Harness, archive *txtar.Archive) {
	s := &script{t: t, h: h, files: map[string]string{}}
	for _, f := range archive.Files {
		s.files[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
	}
	text, ok := s.files["script"]
	if !ok {
		t.Fatal("the archive has no file named script")
	}
	for line := range strings.Lines(text) {
		s.line++
		line = strings.TrimRight(line, "\r\n")
		switch trimmed := strings.TrimSpace(line); {
		case trimmed == "" || trimmed[0] == '#':
		case line[0] == ' ' || line[0] == '\t':
			s.expect(trimmed)
		default:
			s.settle()
			s.statement(s.expand(trimmed))
		}
	}
	s.settle()
}

func (s *script) fatalf(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("line %d: %s", s.line, fmt.Sprintf(format, args...))
}

func (s *script) errorf(format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("line %d: %s\n%s", s.line, fmt.Sprintf(format, args...), s.answer.Body)
}

// settle closes the last call: a failure that nobody expected is one.
func (s *script) settle() {
	s.t.Helper()
	if s.answer != nil && !s.failed && s.answer.Status >= 300 {
		s.t.Fatalf("before line %d: %s: %d %s: %s", s.line, s.answer.name, s.answer.Status, s.answer.Code, s.answer.Message)
	}
	s.answer, s.failed = nil, false
}

func (s *script) expand(text string) string { return strings.NewReplacer(s.vars...).Replace(text) }

// value returns what a value stands for: "@name" for a file of the archive.
func (s *script) value(v string) string {
	name, ok := strings.CutPrefix(v, "@")
	if !ok {
		return v
	}
	text, ok := s.files[name]
	if !ok {
		s.fatalf("there is no file %q", name)
	}
	return s.expand(text)
}

func (s *script) statement(line string) {
	s.t.Helper()
	words := split(line)
	arg := func(i int) string {
		if i < len(words) {
			return s.value(words[i])
		}
		return ""
	}
	switch words[0] {
	case "account":
		s.h.Account(identity.AccountID(arg(1)), arg(2))
	case "user":
		s.h.User(arg(1), identity.AccountID(arg(2)), arg(3))
	case "key":
		s.h.Key(arg(1), identity.AccountID(arg(2)), arg(3))
	case "session":
		s.h.Session(arg(1), identity.AccountID(arg(2)), arg(3))
	case "clock":
		d, err := time.ParseDuration(arg(1))
		if err != nil {
			s.fatalf("%v", err)
		}
		s.h.Advance(d)
	default:
		s.call(words)
	}
}

func (s *script) call(words []string) {
	s.t.Helper()
	if len(words) < 3 {
		s.fatalf("not a statement: %s", strings.Join(words, " "))
	}
	var parameters []string
	for _, w := range words[3:] {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			s.fatalf("not a parameter: %s", w)
		}
		parameters = append(parameters, name, s.value(value))
	}
	s.answer = s.h.As(words[0]).Call(words[1], words[2], parameters...)
}

func (s *script) expect(line string) {
	s.t.Helper()
	if s.answer == nil {
		s.fatalf("nothing was called")
	}
	if code, ok := strings.CutPrefix(line, "! "); ok {
		s.failed = true
		if s.answer.Code != code {
			s.errorf("%s: %q, want %q", s.answer.name, s.answer.Code, code)
		}
		return
	}
	if name, ok := strings.CutSuffix(line, " absent"); ok {
		if all := s.answer.All(name); len(all) > 0 {
			s.errorf("%s is there", name)
		}
		return
	}
	if status, ok := strings.CutPrefix(line, "status "); ok {
		if status != strconv.Itoa(s.answer.Status) {
			s.errorf("status %d, want %s", s.answer.Status, status)
		}
		return
	}
	name, rest, _ := strings.Cut(line, " ")
	operator, want, ok := strings.Cut(rest, " ")
	if !ok {
		operator = rest
	}
	s.compare(name, operator, want)
}

func (s *script) compare(name, operator, want string) {
	s.t.Helper()
	if operator == ":=" {
		s.vars = append(s.vars, "<"+name+">", s.answer.Get(want))
		return
	}
	all, want := s.answer.All(name), s.value(s.expand(want))
	switch operator {
	case "=":
		if got := strings.Join(all, " "); got != want {
			s.errorf("%s is %q, want %q", name, got, want)
		}
	case "~":
		if got := strings.Join(all, " "); want == "" || !strings.Contains(got, want) {
			s.errorf("%s is %q, want it to contain %q", name, got, want)
		}
	case "%":
		if got, err := url.PathUnescape(strings.Join(all, " ")); err != nil || got != want {
			s.errorf("%s is %q (%v), want %q", name, got, err, want)
		}
	default:
		s.fatalf("not an expectation: %s %s %s", name, operator, want)
	}
}

// split cuts a line at blanks, but for those in single quotes.
func split(line string) []string {
	var words []string
	var word strings.Builder
	quoted, begun := false, false
	for _, c := range line {
		switch {
		case c == '\'':
			quoted, begun = !quoted, true
		case c == ' ' && !quoted:
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(c)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}
