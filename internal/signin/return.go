package signin

import (
	"net/url"
	"strings"
)

// returnTo returns where to go after signing in: a path of the console, or an
// address below one of the destinations that were configured, as it was asked
// for, or else the console's beginning. What two readers could read differently
// is not gone to (TH-87).
func (h *Handler) returnTo(asked string) string {
	if rest, ok := strings.CutPrefix(asked, consolePath); ok && plain(rest) {
		return asked
	}
	for _, d := range h.Destinations {
		if rest, ok := strings.CutPrefix(asked, d); ok && plain(rest) {
			return asked
		}
	}
	return consolePath
}

// plain reports whether what an address has after a slash stays below it for
// whoever reads it.
func plain(rest string) bool {
	for _, c := range rest {
		if c <= 0x20 || c >= 0x7f || c == '\\' {
			return false
		}
	}
	at := strings.IndexAny(rest, "?#")
	if at < 0 {
		at = len(rest)
	}
	segments := strings.Split(rest[:at], "/")
	for i, s := range segments {
		name, err := url.PathUnescape(s)
		if err != nil || name == "." || name == ".." || strings.ContainsAny(name, "/\\") || name == "" && i < len(segments)-1 {
			return false
		}
	}
	return true
}

// elsewhere reports whether one goes on to somewhere else than the console.
func elsewhere(to string) bool { return !strings.HasPrefix(to, consolePath) }

// inSession returns a path of the console in a session. A path of a session
// that is open goes where it says, and so does what is elsewhere.
func inSession(to, id string, open func(string) bool) string {
	if elsewhere(to) {
		return to
	}
	rest := strings.TrimPrefix(to, consolePath)
	if marked, ok := strings.CutPrefix(rest, "~"); ok {
		end := strings.IndexAny(marked, "/?#")
		if end < 0 {
			end = len(marked)
		}
		if open(marked[:end]) {
			return to
		}
		rest = strings.TrimPrefix(marked[end:], "/")
	}
	return consolePath + "~" + id + "/" + rest
}
