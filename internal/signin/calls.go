package signin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/store"
)

// consoleHeader is what every page of the console sends with a call: on loopback
// the secret that its origin keeps, elsewhere a sign that a page sent it, which
// no form and no link can.
const consoleHeader = "X-Regent-Console"

// A call is one of the calls that the console makes in JSON.
type call struct {
	method string
	run    func(context.Context, *asking) (any, error)
}

// An asking is a call as it came.
type asking struct {
	*visit
	proof proof
	body  []byte
	w     http.ResponseWriter
}

func (h *Handler) jsonCalls() map[string]call {
	return map[string]call{
		"sessions":         {http.MethodGet, h.listSessions},
		"credentials":      {http.MethodPost, h.credentials},
		"activity":         {http.MethodPost, h.activity},
		"passkeys":         {http.MethodPost, h.makePasskey},
		"passkeys/options": {http.MethodPost, h.passkeyOptions},
		"exit":             {http.MethodPost, h.exit},
		"pins":             {http.MethodPost, h.pins},
		"reauth":           {http.MethodPost, h.reauth},
		"reauth/options":   {http.MethodPost, h.reauthOptions},
		"signout":          {http.MethodPost, h.signOut},
		"switchrole":       {http.MethodPost, h.switchRole},
	}
}

// A callError is what a call fails with, as the console sees it.
type callError struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message,omitempty"`
	// Why is what the user's own side says about it, beside the error; nil for
	// errors of which nothing can be said.
	Why *[]string `json:"-"`
}

func (e *callError) Error() string { return e.Code + ": " + e.Message }

func badCall(message string) *callError {
	return &callError{Status: http.StatusBadRequest, Code: "BadRequest", Message: message}
}

var (
	errSignedOut  = &callError{Status: http.StatusUnauthorized, Code: "SignedOut", Message: "Please sign in."}
	errSuperseded = &callError{Status: http.StatusConflict, Code: "Superseded", Message: "Another tab was faster. Please try again."}
)

// maxBody is how long the body of a call may be.
const maxBody = 16 << 10

// serveCall answers a call.
func (h *Handler) serveCall(w http.ResponseWriter, r *http.Request, v *visit, c call) {
	w.Header().Set("Content-Type", "application/json")
	out, err := h.ask(w, r, v, c)
	if err == nil {
		h.answer(w, v, http.StatusOK, "", out)
		return
	}
	shown := h.shownCall(w, v, err)
	h.answer(w, v, shown.Status, shown.Code, struct {
		Error *callError `json:"error"`
		Why   *[]string  `json:"why,omitempty"`
	}{shown, shown.Why})
}

func (h *Handler) answer(w http.ResponseWriter, v *visit, status int, code string, out any) {
	raw, err := json.Marshal(out)
	if err != nil {
		h.lost(v, err)
		http.Error(w, `{"error":{"code":"InternalFailure"}}`, http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(raw) // a client that is gone needs no answer
	h.logged(v, status, code)
}

func (h *Handler) ask(w http.ResponseWriter, r *http.Request, v *visit, c call) (any, error) {
	if r.Method != c.method {
		w.Header().Set("Allow", c.method)
		return nil, &callError{Status: http.StatusMethodNotAllowed, Code: "MethodNotAllowed"}
	}
	sent := r.Header.Values(consoleHeader)
	if len(sent) != 1 || sent[0] == "" {
		return nil, badCall("The header " + consoleHeader + " is missing.")
	}
	cookie, err := h.cookie(v, "")
	if err != nil {
		return nil, badCall("The cookie of this site came twice.")
	}
	a := &asking{visit: v, proof: proof{cookie, sent[0]}, w: w}
	if c.method == http.MethodPost {
		if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
			return nil, &callError{Status: http.StatusUnsupportedMediaType, Code: "BadRequest", Message: "JSON is wanted."}
		}
		if a.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
			return nil, badCall("The body could not be read.")
		}
	}
	return c.run(r.Context(), a)
}

// read reads the call's input strictly.
func (a *asking) read(in any) error {
	d := json.NewDecoder(strings.NewReader(string(a.body)))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		return badCall("The body is not what this call takes.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badCall("The body is not what this call takes.")
	}
	return nil
}

// shownCall is what the console sees of an error.
func (h *Handler) shownCall(w http.ResponseWriter, v *visit, err error) *callError {
	if shown, ok := errors.AsType[*callError](err); ok {
		return shown
	}
	if early, ok := errors.AsType[*tooEarlyError](err); ok {
		retryAfter(w, early.wait)
		return &callError{Status: http.StatusTooManyRequests, Code: "TooManyRequests", Message: "This failed too often. Please wait."}
	}
	switch {
	case errors.Is(err, errEnded), errors.Is(err, store.ErrNotFound):
		return errSignedOut
	case errors.Is(err, password.ErrBusy):
		retryAfter(w, firstDelay)
		return &callError{Status: http.StatusTooManyRequests, Code: "TooManyRequests", Message: textBusy}
	}
	h.lost(v, err)
	return &callError{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: textFailed}
}

// A seen is a browser whose proof was right, and its live sessions.
type seen struct {
	*opened
	list []openSession
}

// see opens the browser of a call.
func (h *Handler) see(tx *store.Tx, a *asking) (*seen, error) {
	b, err := a.open(tx, a.proof)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errSignedOut
	} else if err != nil {
		return nil, err
	}
	list, err := h.sessions(tx, b.Browser, a.now)
	return &seen{b, list}, err
}

// change is see for a call that writes the browser's record: with a proof that
// was replaced it is not the newest that would be changed.
func (h *Handler) change(tx *store.Tx, a *asking) (*seen, error) {
	s, err := h.see(tx, a)
	if err == nil && s.former {
		return nil, errSuperseded
	}
	return s, err
}

// entry returns the browser's own record of a session.
func (s *seen) entry(id string) *store.BrowserSession {
	for i := range s.Sessions {
		if s.Sessions[i].ID == id {
			return &s.Sessions[i]
		}
	}
	return nil
}
