package sts

// ClaimKeys is a seam for tests.
var ClaimKeys = claimKeys

// Verifying is what a SAML response waits for.
func (s *Service) Verifying() chan struct{} { return s.verifying }
