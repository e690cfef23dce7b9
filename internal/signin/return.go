package signin

import (
	"net/url"
	"strings"
)

// returnTo returns where to go after signing in: a path of the console as it was
// asked for, or else its beginning. What two readers could read differently is
// not gone to (TH-87).
func returnTo(asked string) string {
	rest, ok := strings.CutPrefix(asked, consolePath)
	if !ok {
		return consolePath
	}
	for _, c := range asked {
		if c <= 0x20 || c >= 0x7f || c == '\\' {
			return consolePath
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
			return consolePath
		}
	}
	return asked
}

// inSession returns a path of the console in a session. A path of a session
// that is open goes where it says.
func inSession(to, id string, open func(string) bool) string {
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
