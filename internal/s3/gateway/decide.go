package gateway

import (
	"errors"
	"fmt"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/s3/classify"
	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/internal/store"
)

// decidesLater reports whether the decision has to wait, or is made elsewhere
// with all that it depends on: in the transaction of a read, or once the body is
// there that says what is needed.
func (c *call) decidesLater() bool {
	switch {
	case c.info.OwnerOnly: // needs to know whose the bucket is beside
		return false
	case c.info.NeedsBody:
		return c.op != nil || c.class.Operation == classify.DeleteObjects || c.class.Operation == classify.PutObjectTagging
	}
	return c.op != nil && !c.op.Writes()
}

// errNoNeeds is a mistake in the tables; it fails the request.
var errNoNeeds = errors.New("gateway: the request asked for no permission")

// decide returns nil only when every need is allowed. The first that is not is
// named (S3-44).
func (c *call) decide(tx *store.Tx, needs []classify.Need) error {
	if len(needs) == 0 {
		return errNoNeeds
	}
	for i := range needs {
		denial, err := c.decideOne(tx, &needs[i])
		if err != nil {
			return err
		}
		switch {
		case denial == nil:
		case !needs[i].OnlyIfSourceTagged:
			return denial
		case c.ifTagged == nil:
			c.ifTagged = denial
		}
	}
	return c.ownerOnly()
}

// ownerOnly refuses strangers what a bucket policy cannot allow them (S3-44). A
// service is one in every account, that of its keys included (EV-36).
func (c *call) ownerOnly() error {
	if c.info.OwnerOnly && (c.bucket == nil || !c.caller.Signs() || c.caller.Account != c.bucket.Account) {
		return s3err.MethodNotAllowed(c.r.Method, "BUCKETPOLICY", "")
	}
	return nil
}

// decideOne returns the denial of one need, nil when it is allowed.
func (c *call) decideOne(tx *store.Tx, n *classify.Need) (*authz.Denial, error) {
	need, err := c.need(n)
	if err != nil {
		return nil, err
	}
	if need.Account == "" && c.caller.Kind == authn.Anonymous {
		return nil, s3err.AccessDenied() // on nothing that somebody owns
	}
	d, err := c.g.road.Decider.Decide(tx, &c.caller, &c.req.Facts, &need)
	if err != nil {
		return nil, fmt.Errorf("deciding %s on %s: %w", need.Action, need.Resource, err)
	}
	if d.Allowed() {
		return nil, nil
	}
	return authz.Deny(&c.caller, &need, d), nil
}

// need adds to a need what is known of the bucket: its owner, its policy, and
// the tags of the object.
func (c *call) need(n *classify.Need) (authz.Need, error) {
	out := authz.Need{Action: n.Action, Resource: n.Resource}
	b, shared := c.bucket, c.keys
	switch n.Kind {
	case classify.SourceObject, classify.SourceBucket:
		b, shared = c.source, c.srcKeys
	case classify.Role:
		if role, err := arn.Parse(n.Resource); err == nil {
			out.Account = identity.AccountID(role.Account)
		}
		b = nil
	case classify.NoResource, classify.OtherKind:
		b = nil
	case classify.Bucket, classify.Object:
	}
	if b != nil {
		out.Account, out.Policy = b.Account, b.policy
		if c.info.RootAlways && c.caller.Kind == authn.Root && c.caller.Account == b.Account {
			out.Policy = nil
		}
	}
	out.Keys = make([]authz.Key, len(shared), len(shared)+len(n.Keys))
	copy(out.Keys, shared)
	out.Keys = appendKeys(out.Keys, n.Keys)
	if n.ExistingTags && b != nil {
		return out, c.existingTags(n, b, &out)
	}
	return out, nil
}

// existingTags adds the tags of the object that a need names.
func (c *call) existingTags(n *classify.Need, b *bucket, out *authz.Need) error {
	prefix := b.ARN().String() + "/"
	if len(n.Resource) <= len(prefix) {
		return nil
	}
	decided, version := &c.decided, c.class.VersionID
	if n.Kind == classify.SourceObject {
		decided, version = &c.srcDecided, c.class.Source.VersionID
	}
	if *decided == nil { // all needs are decided with the same tags
		tags, err := c.g.config.Objects.Tags(b.ID, n.Resource[len(prefix):], version)
		if err != nil {
			return c.goneOr(err, b)
		}
		*decided = &objects.Decided{Tags: tags}
	}
	for _, t := range (*decided).Tags {
		out.Keys = append(out.Keys, authz.One("s3:ExistingObjectTag/"+t.Key, t.Value))
	}
	return nil
}

func appendKeys(to []authz.Key, keys []classify.Key) []authz.Key {
	for i := range keys {
		to = append(to, authz.Key(keys[i]))
	}
	return to
}

// needsIn returns the needs of a call on a bucket, for the transaction that
// runs it. A name that changed hands since the call began ends it (TH-56).
func (c *call) needsIn(tx *store.Tx) ([]authz.Need, error) {
	if c.bucket != nil {
		now, err := c.g.bucket(tx, c.class.Bucket)
		if err != nil {
			return nil, err
		}
		if now.ID != c.bucket.ID {
			return nil, s3err.Of("OperationAborted")
		}
		c.bucket = now
	}
	if err := c.ownerOnly(); err != nil {
		return nil, err
	}
	needs := c.class.NeedsWith(c.needsBody)
	out := make([]authz.Need, len(needs))
	for i := range needs {
		var err error
		if out[i], err = c.need(&needs[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mayList returns what decides whether the caller may learn that an object is
// missing (S3-45). It looks at the policies as they are by then.
func (c *call) mayList(at **bucket, list func() classify.Need) func() *s3err.Error {
	return func() *s3err.Error {
		err := c.g.road.Store.View(c.ctx, func(tx *store.Tx) error {
			if err := c.g.road.Authn.Recheck(tx, &c.caller); err != nil {
				return err
			}
			b, err := c.g.bucket(tx, (*at).Name)
			if err != nil {
				return err
			}
			if b.ID != (*at).ID {
				return s3err.NoSuchBucket(b.Name)
			}
			*at = b
			n := list()
			denial, err := c.decideOne(tx, &n)
			if err == nil && denial != nil {
				return denial
			}
			return err
		})
		if err == nil {
			return nil
		}
		return c.shown(err)
	}
}

// refused notes that a need was refused, the first one for those who ask why,
// and returns what the caller is told.
func (c *call) refused(d *authz.Denial) *s3err.Error {
	if c.denial == nil {
		c.g.road.Denied(c.req, service+":"+c.info.Name, &c.caller, d)
	}
	c.denial = d
	return c.denied(d)
}

// denied is what a refused caller is told: the reason only in the owner's
// account or organization, the bare refusal everywhere else (S3-52).
func (c *call) denied(d *authz.Denial) *s3err.Error {
	if c.caller.Kind == authn.Anonymous || !d.Decision.Near {
		return s3err.AccessDenied()
	}
	text := "User: " + c.caller.ARN + " is not authorized to perform: " + d.Need.Action
	if d.Need.Resource != "*" {
		text += ` on resource: "` + d.Need.Resource + `"`
	}
	return s3err.AccessDeniedf(text + authz.Reason(&d.Need, d.Decision))
}
