package wire

import (
	"regexp"
	"sync"
)

// A Pattern is the regular expression that a model puts on a string. It is
// compiled when it is first matched, once.
type Pattern struct {
	Text string // as the model has it, for the message
	Go   string // the same in RE2, matching the whole value; from the generator

	once sync.Once
	re   *regexp.Regexp
}

// Match reports whether the whole of s matches. The generator has compiled the
// expression, so failing to compile is impossible.
func (p *Pattern) Match(s string) bool {
	p.once.Do(func() { p.re = regexp.MustCompile(p.Go) })
	return p.re.MatchString(s)
}
