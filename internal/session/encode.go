package session

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"
)

// encode returns a session in JSON. Most have few of all that sessions may have,
// and are written without reflection; the others the long way, and the same.
func encode(s *Session) ([]byte, error) {
	if text, ok := appendShort(make([]byte, 0, 512), s); ok {
		return text, nil
	}
	return json.Marshal(*s)
}

// appendShort appends a session as json.Marshal writes it. It reports false, and
// what it appended is good for nothing, when the session has more than it knows.
func appendShort(b []byte, s *Session) (_ []byte, ok bool) {
	if s.Policy != "" || len(s.Tags)+len(s.Transitive)+len(s.Policies)+len(s.Claims) > 0 || s.Nonce == nil {
		return b, false
	}
	w := shortWriter{b, true}
	w.text(`{"k":`, string(s.Kind))
	w.text(`,"a":`, string(s.Account))
	w.optional(`,"p":`, s.PrincipalID)
	w.optional(`,"r":`, string(s.RoleName))
	w.optional(`,"n":`, s.Name)
	w.optional(`,"s":`, s.SourceIdentity)
	w.optional(`,"fp":`, s.Provider)
	if !s.MFA.IsZero() {
		w.time(`,"f":`, s.MFA)
	}
	if !s.Proved.IsZero() {
		w.time(`,"ra":`, s.Proved)
	}
	w.flag(`,"fr":true`, s.RecordMFA)
	w.optional(`,"fs":`, s.Subject)
	for i := range s.Ancestors {
		w.ancestor(i, &s.Ancestors[i])
	}
	w.flag(`]`, len(s.Ancestors) > 0)
	if s.Revocations != 0 {
		w.b = append(w.b, `,"v":`...)
		w.b = strconv.AppendUint(w.b, s.Revocations, 10)
	}
	w.flag(`,"h":true`, s.Chained)
	if !s.Until.IsZero() {
		w.time(`,"u":`, s.Until)
	}
	w.time(`,"i":`, s.Issued)
	w.time(`,"e":`, s.Expires)
	w.text(`,"id":`, string(s.KeyID))
	w.b = append(w.b, `,"z":"`...)
	w.b = base64.StdEncoding.AppendEncode(w.b, s.Nonce)
	return append(w.b, '"', '}'), w.ok
}

func (w *shortWriter) ancestor(i int, a *Ancestor) {
	if i == 0 {
		w.b = append(w.b, `,"c":[`...)
	} else {
		w.b = append(w.b, ',')
	}
	w.text(`{"k":`, string(a.KeyID))
	w.text(`,"a":`, string(a.Account))
	w.optional(`,"p":`, a.PrincipalID)
	w.optional(`,"fp":`, a.Provider)
	w.optional(`,"fs":`, a.Subject)
	w.b = append(w.b, '}')
}

// A shortWriter appends members to an object, each behind what stands before its
// value.
type shortWriter struct {
	b  []byte
	ok bool
}

func (w *shortWriter) text(before, text string) {
	w.ok = w.ok && bare(text)
	w.b = append(w.b, before...)
	w.b = append(w.b, '"')
	w.b = append(w.b, text...)
	w.b = append(w.b, '"')
}

func (w *shortWriter) optional(before, text string) {
	if text != "" {
		w.text(before, text)
	}
}

func (w *shortWriter) flag(text string, holds bool) {
	if holds {
		w.b = append(w.b, text...)
	}
}

func (w *shortWriter) time(before string, t time.Time) {
	w.ok = w.ok && 0 <= t.Year() && t.Year() <= 9999 && t.Location() == time.UTC
	w.b = append(w.b, before...)
	w.b = append(w.b, '"')
	w.b = t.AppendFormat(w.b, time.RFC3339Nano)
	w.b = append(w.b, '"')
}

// bare reports whether s stands for itself in JSON.
func bare(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&':
			return false
		}
	}
	return true
}
