package authn

import "github.com/regent-iam/regent/internal/seal"

// Cached returns how many credentials are kept.
func (a *Authenticator) Cached() int { return a.credential.Len() }

// Dummy returns the secret that unknown keys are checked with.
func (a *Authenticator) Dummy() seal.Secret { return a.dummy }

// CacheSize is how many credentials are kept at most.
const CacheSize = cacheSize
