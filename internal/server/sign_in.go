package server

import (
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/signin"
)

// buildSignIn makes what serves sign-ins to the console. It stands on the road,
// and hashes passwords in the same few turns as IAM does.
func (s *Server) buildSignIn() (err error) {
	s.signin, err = signin.New(signin.Config{
		Store: s.store, Authn: s.authn, Passwords: s.hasher, Recorder: s.recorder, API: s.road, Minted: s.holders.Minted,
		Now: s.clock.Now, Proxies: dispatch.Proxies{Trusted: s.options.Proxies}, Region: s.options.Region, Log: s.log, Site: s.sites.console.String(),
		Credentials: s.options.SignInCredentials, Idle: s.options.SignInIdle, Destinations: s.options.SignInDestinations,
		StrictRoles: s.options.SignInStrictRoles,
	})
	return err
}
