package lint

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// messageTable has AWS's texts: code, class, variant, text with holes, note.
//
//go:embed messages.tsv
var messageTable string

// A template is one text of a code.
type template struct {
	class   Class
	text    string
	retired bool
}

type messageKey struct {
	code    string
	variant int
}

var messages = sync.OnceValue(func() map[messageKey]template {
	out := map[messageKey]template{}
	for i, line := range strings.Split(strings.TrimRight(messageTable, "\n"), "\n") {
		if i == 0 {
			continue // the heading
		}
		cells := strings.Split(line, "\t")
		if len(cells) != 5 {
			panic("lint: messages.tsv, line " + strconv.Itoa(i+1))
		}
		variant, err := strconv.Atoi(cells[2])
		if err != nil {
			panic("lint: messages.tsv, line " + strconv.Itoa(i+1))
		}
		out[messageKey{cells[0], variant}] = template{Class(cells[1]), cells[3], strings.TrimSpace(cells[4]) == "retired"}
	}
	return out
})

// message returns the text of a code with its holes filled: pairs of the hole's
// name and what goes there. A hole without a filling would be a text that AWS
// never writes, and is a mistake of ours.
func message(code string, variant int, holes ...string) string {
	t, ok := messages()[messageKey{code, variant}]
	if !ok {
		panic("lint: there is no text of " + code)
	}
	pairs := make([]string, 0, len(holes))
	for i := 0; i < len(holes); i += 2 {
		hole := "{{" + holes[i] + "}}"
		if !strings.Contains(t.text, hole) {
			panic("lint: the text of " + code + " has no hole " + holes[i])
		}
		pairs = append(pairs, hole, holes[i+1]) //nolint:gosec // holes come in pairs
	}
	return strings.NewReplacer(pairs...).Replace(t.text)
}

// classOf returns the class of a code of AWS's.
func classOf(code string) Class {
	return messages()[messageKey{code, 1}].class
}
