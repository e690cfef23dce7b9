// Package dispatch is the one road from a request to its handler: receive,
// authenticate, decode, authorize, run, commit, answer, record. Nothing is
// served beside it, and an operation that does not say what it needs cannot be
// put on it.
package dispatch

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

// A Call is what a handler knows of the request beside its input. It lives as
// long as the handler runs.
type Call struct {
	Caller authn.Caller
	// Tx is the transaction that the request was authorized in.
	Tx *store.Tx
	// Now is the time of the request, the same however often the call runs.
	Now time.Time
	// Request is what was received.
	Request *Request
	// Random yields the same bytes in the same order each time the call runs in a
	// transaction that can write, so that one that runs again makes the same ids
	// (TH-25).
	Random io.Reader

	operation string
	ring      *seal.Ring
}

// Minted notes a session that the call hands out, for Config.Minted. Of a call
// that runs again, only the last run counts.
func (c *Call) Minted(s *session.Session) { c.Request.minted = s }

// Ring returns the key ring that secrets are sealed with.
func (c *Call) Ring() *seal.Ring { return c.ring }

// UUID draws a random UUID.
func (c *Call) UUID() string { return drawUUID(c.Random) }

// UUID draws a random UUID, for what is outside every transaction.
func UUID() string { return drawUUID(rand.Reader) }

func drawUUID(random io.Reader) string {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		panic("dispatch: randomness ran out") // a key stream does not end
	}
	return uuidOf(b)
}

func uuidOf(b [16]byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	const at = "00000000-0000-0000-0000-000000000000"
	var s [len(at)]byte
	copy(s[:], at)
	hex.Encode(s[0:8], b[0:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:36], b[10:16])
	return string(s[:])
}

// ErrMarker reports a pagination marker that this operation did not hand out
// to this account.
var ErrMarker = errors.New("dispatch: marker is not valid")

func (c *Call) markerContext() string { return string(c.Caller.Account) + " " + c.operation }

// Marker seals where a list is to go on, "" for a list that ended. It opens
// for the same operation of the same account only.
func (c *Call) Marker(after string) (string, error) {
	if after == "" {
		return "", nil
	}
	return c.ring.SealString(seal.Marker, c.markerContext(), []byte(after))
}

// After opens a marker; "" is the beginning. Its error is ErrMarker.
func (c *Call) After(marker string) (string, error) {
	if marker == "" {
		return "", nil
	}
	after, err := c.ring.OpenString(seal.Marker, c.markerContext(), marker)
	if err != nil {
		return "", ErrMarker
	}
	return string(after), nil
}

// A seed is the randomness of one request. Most requests need none, so it is
// drawn when the first byte of a stream is read.
type seed struct {
	drawn bool
	bytes [32]byte
}

func (s *seed) key() []byte {
	if !s.drawn {
		s.drawn = true
		_, _ = rand.Read(s.bytes[:]) // never fails
	}
	return s.bytes[:]
}

// A purpose keeps what is drawn for one use apart from what is drawn for
// another: what the record publishes must not tell what a secret was made of.
type purpose byte

const (
	forHandler purpose = iota
	forRecord
	forPreparation
)

// stream returns the seed's bytes for a purpose, from the beginning.
func (s *seed) stream(p purpose) io.Reader { return &stream{seed: s, purpose: p} }

// A stream is one stream of a seed. Most calls draw nothing, so its cipher is
// made when the first byte is read.
type stream struct {
	seed    *seed
	purpose purpose
	bytes   cipher.Stream
}

// Read fills p. It does not fail.
func (s *stream) Read(p []byte) (int, error) {
	if s.bytes == nil {
		block, err := aes.NewCipher(s.seed.key())
		if err != nil {
			panic("dispatch: " + err.Error()) // the key has the right length
		}
		start := [aes.BlockSize]byte{byte(s.purpose)}
		s.bytes = cipher.NewCTR(block, start[:]) // the key is drawn for this request and starts two streams that cannot meet
	}
	clear(p)
	s.bytes.XORKeyStream(p, p)
	return len(p), nil
}

// An access says what an operation does to the store.
type access int

const (
	reads access = iota
	writes
	// spends is a read that may use something up, such as a one-time code: what
	// the needs wrote is kept even when the call is refused.
	spends
)

// An Operation is one API call: what it takes, what it needs and what it does.
type Operation struct {
	Name string

	access access
	atHand bool
	// always says why the operation may be called by anyone who is identified;
	// "" for all operations with needs.
	always string
	// own says why the operation asks for no permission when the call is about
	// the caller itself, and asks tells whether it is and what it needs if not;
	// both are set by Own alone.
	own    string
	asks   func(Call, any) (Subject, []authz.Need, error)
	needs  func(Call, any) ([]authz.Need, error)
	handle handler
	input  func() wire.Decodable
	about  func(in any) []record.Resource
	// tells is what Tells says, nil for nothing.
	tells func(*authn.Caller) map[string]any
	// dangerous is what Dangerous says, nil for no call.
	dangerous func(c *authn.Caller, in any) bool
	before    func(ctx context.Context, s *store.Store, call Call, in any) error
	after     func(ctx context.Context, s *store.Store, call Call, in any)
	// identify says who makes a call that is not signed; nil for all that are.
	identify func(ctx context.Context, s *store.Store, call Call, in any) (authn.Caller, error)
	// prepare returns the handler that what it prepared is for; only Prepare and
	// Renew set it.
	prepare func(ctx context.Context, s *store.Store, call Call, in any) (handler, error)
}

// A handler does what an operation is for.
type handler = func(context.Context, Call, any) (wire.Encodable, error)

// Unsigned makes op a call that nobody signs: identify says who makes it, from
// the proof that the input holds. It runs before any transaction, since it may
// use the network; call.Tx is nil there and call.Caller nobody. Its error is
// the answer. What else it finds out goes into the Caller's Claims.
func Unsigned[In any](op Operation, identify func(ctx context.Context, s *store.Store, call Call, in *In) (authn.Caller, error)) Operation {
	op.identify = func(ctx context.Context, s *store.Store, call Call, in any) (authn.Caller, error) {
		return identify(ctx, s, call, in.(*In))
	}
	return op
}

// Unsigned reports whether the operation is called without a signature.
func (op *Operation) Unsigned() bool { return op.identify != nil }

// AtHand says that calls of the operation mostly read no records, because what
// they ask for is kept: they are tried without the database first
// ([store.Store.Glance]). Needs and handler may then run twice, and return the
// errors of what they read.
func (op Operation) AtHand() Operation {
	op.atHand = true
	return op
}

// Before says what a Write does between being allowed and its transaction:
// what may not happen inside one, such as work that takes long or a change of
// what is kept elsewhere. call.Tx is nil there. The call is authorized again
// in its transaction, so what is done before must be harmless, and safe to do
// again, if that refuses.
func (op Operation) Before(do func(ctx context.Context, s *store.Store, call Call, in any) error) Operation {
	op.before = do
	return op
}

// After says what follows the transaction of a Write whose Before succeeded,
// whatever came of it: what Before took has to be let go, and undone when the
// change was not made.
func (op Operation) After(do func(ctx context.Context, s *store.Store, call Call, in any)) Operation {
	op.after = do
	return op
}

// Always returns why the operation asks for no permission, "" if it asks.
func (op *Operation) Always() string { return op.always }

// Own returns why the operation asks for no permission when a call is about
// the caller itself, "" if that makes no difference.
func (op *Operation) Own() string { return op.own }

// Writes reports whether the operation may change the store.
func (op *Operation) Writes() bool { return op.access == writes }

// Input returns a new input of the operation.
func (op *Operation) Input() wire.Decodable { return op.input() }

// errNotAlone reports an operation that is more than its handler.
var errNotAlone = errors.New("dispatch: the operation does something outside its transaction")

// Do does what op does, and asks nothing: it is for an operation that stands
// for many of another service, as an import does, and has asked for all of
// their needs itself. It runs in call.Tx, for the account of call.Caller.
func (op *Operation) Do(ctx context.Context, call Call, in wire.Decodable) (wire.Encodable, error) {
	if op.before != nil || op.after != nil || op.handle == nil {
		return nil, fmt.Errorf("%w: %s", errNotAlone, op.Name)
	}
	return op.handle(ctx, call, in)
}

// decodable and encodable say that a pointer to a generated shape can be read
// from and written to the wire.
type decodable[T any] interface {
	*T
	wire.Decodable
}

type encodable[T any] interface {
	*T
	wire.Encodable
}

// Read makes an Operation that changes nothing. Read, Write, Prepare, Renew,
// Spend, Always and Own are the only ways to make one, so none can be served without its needs
// being asked.
func Read[In, Out any, PIn decodable[In], POut encodable[Out]](
	name string,
	needs func(Call, *In) ([]authz.Need, error),
	handle func(context.Context, Call, *In) (*Out, error),
) Operation {
	return Operation{
		Name:  name,
		input: func() wire.Decodable { return PIn(new(In)) },
		needs: func(call Call, in any) ([]authz.Need, error) { return needs(call, (*In)(in.(PIn))) },
		handle: func(ctx context.Context, call Call, in any) (wire.Encodable, error) {
			out, err := handle(ctx, call, (*In)(in.(PIn)))
			if err != nil {
				return nil, err
			}
			return POut(out), nil
		},
	}
}

// Write is Read for an Operation that may change what the store holds. The
// handler may run more than once and has no effect but on call.Tx. What it
// wrote is undone when it fails, but for an error made by Keep.
func Write[In, Out any, PIn decodable[In], POut encodable[Out]](
	name string,
	needs func(Call, *In) ([]authz.Need, error),
	handle func(context.Context, Call, *In) (*Out, error),
) Operation {
	op := Read[In, Out, PIn, POut](name, needs, handle)
	op.access = writes
	return op
}

// ErrStale is returned by the handler of an Operation made with Prepare when
// what was prepared does not fit what its transaction shows. It is prepared
// anew then, a few times at most.
var ErrStale = errors.New("dispatch: what was prepared is of an older state")

// Prepare is Write for an Operation with costly work, such as hashing a
// password or checking a chain of certificates, that must not hold up the one
// writer (TH-24). prepare runs once the call was allowed in a view, outside of
// every transaction, with a call.Tx that is nil and a call.Random of its own;
// it may look into s. What it returns is given to the handler, which must not
// trust that the store has not changed since: it checks, and fails with
// ErrStale if it has. An error of prepare is the call's, and the handler does
// not run.
func Prepare[In, Out, P any, PIn decodable[In], POut encodable[Out]](
	name string,
	needs func(Call, *In) ([]authz.Need, error),
	prepare func(context.Context, *store.Store, Call, *In) (P, error),
	handle func(context.Context, Call, *In, P) (*Out, error),
) Operation {
	op := Write[In, Out, PIn, POut](name, needs, func(context.Context, Call, *In) (*Out, error) { return nil, errUnprepared })
	op.prepare = func(ctx context.Context, s *store.Store, call Call, in any) (handler, error) {
		prepared, err := prepare(ctx, s, call, (*In)(in.(PIn)))
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, call Call, in any) (wire.Encodable, error) {
			out, err := handle(ctx, call, (*In)(in.(PIn)), prepared)
			if err != nil {
				return nil, err
			}
			return POut(out), nil
		}, nil
	}
	return op
}

// Renew is Read for an Operation that now and then has to make something costly
// first, such as a key that took the place of one that is too old. handle is
// given nil in a view; when it returns ErrSpends there, prepare runs outside of
// every transaction (TH-24), and handle again with what it returned, in a
// transaction that can write. It must not trust that what it wanted is still
// wanted.
func Renew[In, Out, P any, PIn decodable[In], POut encodable[Out]](
	name string,
	needs func(Call, *In) ([]authz.Need, error),
	prepare func(context.Context, *store.Store, Call, *In) (*P, error),
	handle func(context.Context, Call, *In, *P) (*Out, error),
) Operation {
	op := Read[In, Out, PIn, POut](name, needs, func(ctx context.Context, call Call, in *In) (*Out, error) {
		return handle(ctx, call, in, nil)
	})
	op.access, op.prepare = spends, Prepare[In, Out, *P, PIn, POut](name, needs, prepare, handle).prepare
	return op
}

// Spend is Read for an Operation whose needs may use something up, as a call
// with a one-time code does: what they write is kept also when the call is
// refused, so that a code serves once whatever came of it (ST-50, TH-50).
func Spend[In, Out any, PIn decodable[In], POut encodable[Out]](
	name string,
	needs func(Call, *In) ([]authz.Need, error),
	handle func(context.Context, Call, *In) (*Out, error),
) Operation {
	op := Read[In, Out, PIn, POut](name, needs, handle)
	op.access = spends
	return op
}

// Always makes an Operation that any identified caller may call. The reason is
// part of the list that a test freezes (TH-29).
func Always[In, Out any, PIn decodable[In], POut encodable[Out]](
	name, reason string,
	handle func(context.Context, Call, *In) (*Out, error),
) Operation {
	if reason == "" {
		panic("dispatch: " + name + " is for everybody and does not say why")
	}
	op := Read[In, Out, PIn, POut](name, nil, handle)
	op.needs, op.always = nil, reason
	return op
}

// AlwaysSpend is Always for an Operation that may use something up.
func AlwaysSpend[In, Out any, PIn decodable[In], POut encodable[Out]](
	name, reason string,
	handle func(context.Context, Call, *In) (*Out, error),
) Operation {
	op := Always[In, Out, PIn, POut](name, reason, handle)
	op.access = spends
	return op
}

// A Subject is whom a call is about.
type Subject int

// The subjects. The zero Subject is somebody else, which needs permissions.
const (
	SomebodyElse Subject = iota
	Oneself
)

// Own makes an Operation that any identified caller may call about itself, and
// about anybody else only with the permissions that asks returns. The answer is
// asked for in the transaction that the handler runs in. The reason is part of
// the list that a test freezes (TH-29).
func Own[In, Out any, PIn decodable[In], POut encodable[Out]](
	name, reason string,
	asks func(Call, *In) (Subject, []authz.Need, error),
	handle func(context.Context, Call, *In) (*Out, error),
) Operation {
	if reason == "" {
		panic("dispatch: " + name + " is for everybody about themselves and does not say why")
	}
	op := Read[In, Out, PIn, POut](name, nil, handle)
	op.needs, op.own = nil, reason
	op.asks = func(call Call, in any) (Subject, []authz.Need, error) { return asks(call, (*In)(in.(PIn))) }
	return op
}

// errNoNeeds and its kind are mistakes in an operation; they fail the call.
var (
	errNoNeeds    = errors.New("dispatch: the operation asked for no permission")
	errOwnNeeds   = errors.New("dispatch: the operation asked for permissions about the caller itself")
	errUnprepared = errors.New("dispatch: the operation was not prepared")
)

// authorizeOwn decides a call of an operation made by Own.
func authorizeOwn(d authz.Decider, op *Operation, call *Call, in any) error {
	subject, needs, err := op.asks(*call, in)
	if err != nil {
		return err
	}
	if subject != Oneself {
		return require(d, call, needs)
	}
	if len(needs) > 0 {
		return errOwnNeeds
	}
	return nil
}

// require returns nil only when every need is allowed. Asking for nothing is a
// mistake in the operation, not a way to be public, and is refused too.
func require(d authz.Decider, call *Call, needs []authz.Need) error {
	if len(needs) == 0 {
		return errNoNeeds
	}
	for i := range needs {
		decision, err := d.Decide(call.Tx, &call.Caller, &call.Request.Facts, &needs[i])
		if errors.Is(err, authz.ErrCold) {
			return &coldNeedError{needs[i]}
		}
		if err != nil {
			return fmt.Errorf("deciding %s on %s: %w", needs[i].Action, needs[i].Resource, err)
		}
		if !decision.Allowed() {
			return authz.Deny(&call.Caller, &needs[i], decision)
		}
	}
	return nil
}
