package oidc

import (
	"container/list"
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// How long keys are kept. A provider that withdraws a key wants it to end soon,
// and one that is away for some minutes should not lock everybody out.
const (
	// freshFor is how long keys are used before they are fetched again.
	freshFor = 15 * time.Minute
	// goodFor is how long they are used when that does not succeed.
	goodFor = time.Hour
	// refetchEvery is how often keys are fetched again at most, and how long a
	// failure is remembered (TH-92).
	refetchEvery = time.Minute
)

// A key is one that a provider publishes to verify signatures with.
type key struct {
	id        string
	algorithm string // "" when the provider does not say
	key       any    // *rsa.PublicKey or *ecdsa.PublicKey
}

// fits reports whether the key is of the kind that an algorithm needs. One that
// is not is never tried (TH-92).
func (k *key) fits(algorithm jose.SignatureAlgorithm) bool {
	if k.algorithm != "" && k.algorithm != string(algorithm) {
		return false
	}
	switch public := k.key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(string(algorithm), "RS")
	case *ecdsa.PublicKey:
		return curveOf(algorithm) == public.Curve.Params().Name
	}
	return false
}

func curveOf(algorithm jose.SignatureAlgorithm) string {
	switch algorithm {
	case jose.ES256:
		return "P-256"
	case jose.ES384:
		return "P-384"
	case jose.ES512:
		return "P-521"
	default:
		return ""
	}
}

// Limits of a provider's keys. AWS takes 100 keys of each of the two kinds.
const (
	maxKeys   = 200
	minRSA    = 2048 // bits
	maxRSA    = 8192
	maxSameID = 4
)

// parseKeys reads a set of keys. Those that no signature is verified with are
// left out, whatever they look like.
func parseKeys(document []byte) ([]key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(document, &set); err != nil || len(set.Keys) > maxKeys {
		return nil, ErrKey
	}
	var keys []key
	for _, raw := range set.Keys {
		if k, ok := parseKey(raw); ok {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// parseKey reads one key, of which only the public members count.
func parseKey(raw json.RawMessage) (key, bool) {
	var public struct {
		Type      string `json:"kty"`
		ID        string `json:"kid"`
		Use       string `json:"use,omitempty"`
		Algorithm string `json:"alg,omitempty"`
		N         string `json:"n,omitempty"`
		E         string `json:"e,omitempty"`
		Curve     string `json:"crv,omitempty"`
		X         string `json:"x,omitempty"`
		Y         string `json:"y,omitempty"`
	}
	if err := json.Unmarshal(raw, &public); err != nil || public.ID == "" || public.Use != "" && public.Use != "sig" {
		return key{}, false
	}
	if public.Type != "RSA" && public.Type != "EC" || len(public.N) > maxRSA/4 {
		return key{}, false
	}
	again, err := json.Marshal(public)
	if err != nil {
		return key{}, false
	}
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(again); err != nil || !jwk.Valid() {
		return key{}, false
	}
	if k, ok := jwk.Key.(*rsa.PublicKey); ok && (k.N.BitLen() < minRSA || k.N.BitLen() > maxRSA) {
		return key{}, false
	}
	return key{public.ID, public.Algorithm, jwk.Key}, true
}

// maxEntries is how many providers' keys are kept. An entry is some KiB.
const maxEntries = 1024

// A cache keeps the keys of the providers that were used last.
type cache struct {
	mu      sync.Mutex
	entries map[string]*list.Element
	order   *list.List // of *entry, the one used last in front
}

func newCache() *cache { return &cache{entries: map[string]*list.Element{}, order: list.New()} }

// An entry is what is known of one provider's keys.
type entry struct {
	id string
	// turn holds a token while nobody reads or changes what is below.
	turn    chan struct{}
	keys    []key
	fetched time.Time // zero when there are no keys
	tried   time.Time // when they were fetched again, or could not be
	err     error     // of the last try
}

// of returns the entry of a provider. One that is deleted and made again, or
// has other thumbprints, is another.
func (c *cache) of(p *Provider) *entry {
	id := strings.Join(append([]string{p.Account, p.Name, p.Created.UTC().Format(time.RFC3339Nano)}, p.Thumbprints...), "\n")
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.entries[id]; ok {
		c.order.MoveToFront(at)
		return at.Value.(*entry)
	}
	e := &entry{id: id, turn: make(chan struct{}, 1)}
	e.turn <- struct{}{}
	c.entries[id] = c.order.PushFront(e)
	if c.order.Len() > maxEntries {
		last := c.order.Back()
		delete(c.entries, last.Value.(*entry).id)
		c.order.Remove(last)
	}
	return e
}

// keysFor returns the keys of a provider that may have signed the token.
func (v *Verifier) keysFor(ctx context.Context, p *Provider, t *Token, now time.Time) ([]key, error) {
	if t.key == "" {
		return nil, ErrKey
	}
	e := v.cache.of(p)
	select {
	case <-e.turn:
		defer func() { e.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ErrUnreachable
	}
	found := e.find(t)
	known := e.usable(now, goodFor)
	if known && len(found) > 0 && e.usable(now, freshFor) {
		return found, nil
	}
	if e.mayFetch(now) {
		e.refresh(ctx, v, p, t.Issuer, now)
		found, known = e.find(t), e.usable(now, goodFor)
	}
	switch {
	case known && len(found) > 0:
		return found, nil
	case e.err != nil:
		return nil, e.err
	}
	return nil, ErrKey
}

// usable reports whether there are keys that are no older than age.
func (e *entry) usable(now time.Time, age time.Duration) bool {
	return !e.fetched.IsZero() && !now.Before(e.fetched) && now.Sub(e.fetched) < age
}

// mayFetch reports whether the last try is long enough ago. The clock of a test
// may go back.
func (e *entry) mayFetch(now time.Time) bool {
	return e.tried.IsZero() || now.Before(e.tried) || now.Sub(e.tried) >= refetchEvery
}

// find returns the keys that have the token's id and fit its algorithm.
func (e *entry) find(t *Token) []key {
	var found []key
	for i := range e.keys {
		if e.keys[i].id == t.key && e.keys[i].fits(t.algorithm) && len(found) < maxSameID {
			found = append(found, e.keys[i])
		}
	}
	return slices.Clip(found)
}

// refresh fetches the keys. What a client that gave up would leave behind is a
// failure that others meet for a minute: so the fetch does not end with it.
// The first one is not counted as one that was made again: a provider may
// change its keys right after.
func (e *entry) refresh(ctx context.Context, v *Verifier, p *Provider, issuer string, now time.Time) {
	if !v.under.begin(p.Account) {
		e.err = ErrUnreachable // and is not remembered: nobody was asked
		return
	}
	defer v.under.end(p.Account)
	first := e.fetched.IsZero()
	keys, err := v.fetchKeys(context.WithoutCancel(ctx), p, issuer)
	e.err = err
	if err != nil || !first {
		e.tried = now
	}
	if err == nil {
		e.keys, e.fetched = keys, now
	}
}

// fetchKeys gets a provider's keys from where its discovery document says.
func (v *Verifier) fetchKeys(ctx context.Context, p *Provider, issuer string) ([]key, error) {
	keys, err := v.discover(ctx, p, issuer)
	if err == nil {
		return keys, nil
	}
	v.options.Log.LogAttrs(ctx, levelOf(err), "keys of an OpenID Connect provider could not be fetched", attributes(p, err)...)
	for _, known := range []error{ErrThumbprint, ErrKey} {
		if errors.Is(err, known) {
			return nil, known
		}
	}
	return nil, ErrUnreachable
}

// underWay counts the fetches that are under way, so that the slow servers of
// one account keep no other account's keys from being fetched.
type underWay struct {
	mu  sync.Mutex
	of  map[string]int // by account
	all int
}

// How many fetches may be under way.
const (
	maxFetches          = 64
	maxFetchesOfAccount = 4
)

func (u *underWay) begin(account string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all >= maxFetches || u.of[account] >= maxFetchesOfAccount {
		return false
	}
	u.of[account]++
	u.all++
	return true
}

func (u *underWay) end(account string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all--
	if u.of[account]--; u.of[account] == 0 {
		delete(u.of, account)
	}
}
