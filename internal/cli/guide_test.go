package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestTheGuideToPoliciesIsTrue follows docs/guide/policies.md from top to
// bottom: it writes the files that the page shows, runs the commands and
// compares what they print. "…" stands for anything.
func TestTheGuideToPoliciesIsTrue(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "guide", "policies.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	g := &guide{t: t}
	blocks := regexp.MustCompile("(?ms)^```(.*?)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	files, consoles := 0, 0
	for _, b := range blocks {
		language, name, _ := strings.Cut(b[1], " file=")
		switch {
		case name != "":
			g.write(name, b[2])
			files++
		case language == "console":
			g.run(b[2])
			consoles++
		default:
			t.Errorf("nobody executes the block of %q", b[1])
		}
	}
	if files < 5 || consoles < 5 {
		t.Errorf("%d files and %d consoles: the page is not read right", files, consoles)
	}
}

// A guide is a page as it is followed.
type guide struct {
	t    *testing.T
	code int // of the last command
}

func (g *guide) write(name, text string) {
	g.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		g.t.Fatal(err)
	}
}

// run runs the commands of a console, each with what it prints below it.
func (g *guide) run(console string) {
	g.t.Helper()
	for _, part := range strings.Split("\n"+console, "\n$ ")[1:] {
		command, want, _ := strings.Cut(strings.TrimSuffix(part, "\n"), "\n")
		got := strings.TrimSuffix(g.command(command), "\n")
		pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*?")
		if !regexp.MustCompile(`(?s)\A` + pattern + `\z`).MatchString(got) {
			g.t.Errorf("%s prints\n%s\nand the page says\n%s", command, got, want)
		}
	}
}

func (g *guide) command(line string) string {
	g.t.Helper()
	words := strings.Fields(line)
	switch words[0] {
	case "regent":
		got := regent(g.t, nil, nil, words[1:]...)
		g.code = got.code
		return got.out + got.err
	case "echo":
		return strconv.Itoa(g.code)
	case "rm":
		if err := os.Remove(words[1]); err != nil {
			g.t.Fatal(err)
		}
		return ""
	case "cat":
		text, err := os.ReadFile(words[1])
		if err != nil {
			g.t.Fatal(err)
		}
		return string(text)
	}
	g.t.Fatalf("the page runs %q", line)
	return ""
}
