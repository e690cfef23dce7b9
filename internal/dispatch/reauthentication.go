package dispatch

import (
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/session"
)

// provedFor is for how long a password or a code proves who is in front of a
// browser, when it comes to what is dangerous (CO-5).
const provedFor = 10 * time.Minute

// ReauthenticationRequired is what the console is told that has to ask for a
// password or a code before it calls again. It knows it by the first two words.
const ReauthenticationRequired = "Reauthentication required: a password or a code of an MFA device has to be given in the console no longer than 10 minutes before this."

// Unproved reports whether the caller is somebody in a browser who has not given
// a password or a code for a while: whoever got hold of the browser, or of the
// credentials that it was given, must not do what is dangerous (TH-90). Callers
// of all other kinds are as they are.
func Unproved(c *authn.Caller, now time.Time) bool {
	s := c.Session
	return s != nil && s.Kind == session.Console && now.Sub(s.Proved) > provedFor
}

// Dangerous says of which calls of a Write a caller in a browser has to have
// proved who they are a short time before. What root changes is dangerous
// whatever it is.
func (op Operation) Dangerous(when func(c *authn.Caller, in any) bool) Operation {
	op.dangerous = when
	return op
}

// reauthenticated refuses a call that is too dangerous for how long ago its
// caller proved who they are.
func (c *apiCall) reauthenticated() error {
	if !c.op.Writes() || !Unproved(&c.caller, c.req.Facts.Now) {
		return nil
	}
	if c.caller.Kind == authn.Root || c.op.dangerous != nil && c.op.dangerous(&c.caller, c.in) {
		return denied(c.family, ReauthenticationRequired)
	}
	return nil
}
