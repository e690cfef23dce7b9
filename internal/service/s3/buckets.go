package s3

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strings"
	"sync"

	api "github.com/regent-iam/regent/internal/api/s3"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/s3/classify"
	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func (s *Service) bucketOperations() []dispatch.Operation {
	return []dispatch.Operation{
		write("CreateBucket", s.createBucket).Before(s.revive),
		write("DeleteBucket", deleteBucket).Before(s.drop).After(s.settle),
		read("GetBucketLocation", getBucketLocation),
		read("GetBucketVersioning", s.getBucketVersioning),
		read("HeadBucket", headBucket),
		read("ListBuckets", listBuckets),
		write("PutBucketVersioning", putBucketVersioning).Before(s.version),
	}
}

// firstRegion is the region that has no location constraint.
const firstRegion = "us-east-1"

// createBucket claims a name (S3-90 to S3-92, S3-96). That the name is free is
// looked at only now that the caller may create buckets (S3-47).
func (s *Service) createBucket(_ context.Context, call dispatch.Call, in *api.CreateBucketInput) (*api.CreateBucketOutput, error) {
	location, tags, err := configuration(in.CreateBucketConfiguration)
	if err != nil {
		return nil, err
	}
	region := s.region(&call, location)
	if err := classify.CheckNewBucketName(in.Bucket, in.BucketNamespace, string(call.Caller.Account), region); err != nil {
		return nil, err
	}
	if err := checkNew(in); err != nil {
		return nil, err
	}
	out := &api.CreateBucketOutput{Location: "/" + in.Bucket, BucketArn: (&identity.Bucket{Name: in.Bucket}).ARN().String()}
	switch there, err := call.Tx.Bucket(in.Bucket); {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return nil, err
	case there.Account != call.Caller.Account:
		return nil, s3err.Of("BucketAlreadyExists").With("BucketName", in.Bucket)
	case there.Region == firstRegion && region == firstRegion && len(tags) == 0:
		return out, nil // S3-91: the first region says yes once more, and keeps what is there
	default:
		return nil, s3err.Of("BucketAlreadyOwnedByYou").With("BucketName", in.Bucket)
	}
	id, err := newID(call.Random)
	if err != nil {
		return nil, err
	}
	return out, call.Tx.CreateBucket(&identity.Bucket{
		Name: in.Bucket, ID: id, Account: call.Caller.Account, Region: region, Created: call.Now,
		PublicAccess: &identity.PublicAccessBlock{
			BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true,
		},
		Ownership: ownerEnforced, Location: location, Tags: tags,
	})
}

// newID draws the immutable id that a bucket's objects are kept under.
func newID(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("drawing a bucket id: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// configuration reads where a bucket is to be, and its tags.
func configuration(c *api.CreateBucketConfiguration) (location string, tags []identity.Tag, err error) {
	if c == nil {
		return "", nil, nil
	}
	if c.Location != nil || c.Bucket != nil { // of directory buckets
		return "", nil, s3err.NotImplemented("")
	}
	if !validLocation(c.LocationConstraint) {
		return "", nil, s3err.Of("InvalidLocationConstraint").With("LocationConstraint", c.LocationConstraint)
	}
	tags, err = bucketTags(c.Tags)
	return c.LocationConstraint, tags, err
}

// validLocation reports whether a location constraint has the form of one. Any
// region is taken; the first region is said by saying nothing (S3-92).
func validLocation(location string) bool {
	switch location {
	case "", "EU":
		return true
	case firstRegion:
		return false
	}
	parts := strings.Split(location, "-")
	if len(parts) < 3 || len(location) > 32 || len(parts[len(parts)-1]) != 1 {
		return false
	}
	for i, p := range parts {
		low, high := byte('a'), byte('z')
		if i == len(parts)-1 {
			low, high = '1', '9'
		}
		if p == "" || strings.ContainsFunc(p, func(r rune) bool { return r < rune(low) || r > rune(high) }) {
			return false
		}
	}
	return true
}

// region is where a bucket with this constraint is.
func (s *Service) region(call *dispatch.Call, location string) string {
	switch {
	case location == "EU":
		return "eu-west-1"
	case location != "":
		return location
	case call.Request.Region() != "":
		return call.Request.Region()
	}
	return s.config.Region
}

// checkNew refuses what no bucket here can be: one with ACLs of its own, with
// another ownership than the owner's, or with locks (S3-68).
func checkNew(in *api.CreateBucketInput) error {
	switch in.ACL {
	case "", "private", "public-read", "public-read-write", "authenticated-read":
	default:
		return s3err.InvalidArgument("x-amz-acl", in.ACL, "Invalid canned ACL")
	}
	granted := in.GrantFullControl+in.GrantRead+in.GrantReadACP+in.GrantWrite+in.GrantWriteACP != ""
	switch in.ObjectOwnership {
	case "", ownerEnforced:
	case "BucketOwnerPreferred", "ObjectWriter":
		return s3err.NotImplemented("x-amz-object-ownership")
	default:
		return s3err.InvalidArgument("x-amz-object-ownership", in.ObjectOwnership, "Invalid x-amz-object-ownership header: "+in.ObjectOwnership)
	}
	switch {
	case in.ACL != "" && granted: // S3-71
		return s3err.InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed")
	case granted || in.ACL != "" && in.ACL != "private":
		return s3err.Of("InvalidBucketAclWithObjectOwnership")
	case in.ObjectLockEnabledForBucket != nil && *in.ObjectLockEnabledForBucket:
		return s3err.NotImplemented("x-amz-bucket-object-lock-enabled")
	}
	return nil
}

// lock is held while the bucket of that id is being deleted or called back to
// life: between the two nothing is known of what a write would find.
func (s *Service) lock(id string) *sync.Mutex {
	return &s.dying[maphash.String(s.seed, id)%uint64(len(s.dying))]
}

// drop marks the bucket's objects dead, which fails when there are any, before
// the transaction that gives up the name: from then on no write on its way can
// land in it (TH-56). A crash in between leaves an empty bucket that takes no
// objects until it is deleted, or created, once more.
func (s *Service) drop(ctx context.Context, _ *store.Store, call dispatch.Call, in any) error {
	id := call.Request.Target.BucketID
	s.lock(id).Lock()
	err := s.config.Objects.Drop(context.WithoutCancel(ctx), id, call.Now)
	if err == nil {
		return nil
	}
	s.lock(id).Unlock()
	if full, ok := errors.AsType[*objects.NotEmptyError](err); ok {
		return s3err.BucketNotEmpty(in.(*api.DeleteBucketInput).Bucket, full.Versioned)
	}
	return fmt.Errorf("dropping the objects of a bucket: %w", err)
}

// settle calls the objects back to life when the bucket lives on.
func (s *Service) settle(ctx context.Context, st *store.Store, call dispatch.Call, in any) {
	id := call.Request.Target.BucketID
	defer s.lock(id).Unlock()
	s.enliven(ctx, st, in.(*api.DeleteBucketInput).Bucket, id)
}

// enliven makes sure that the bucket of that name and id, if there is one, can
// take objects. A failure leaves it as a crash would: to be called again.
func (s *Service) enliven(ctx context.Context, st *store.Store, name, id string) {
	ctx = context.WithoutCancel(ctx)
	lives := false
	err := st.View(ctx, func(tx *store.Tx) error {
		b, err := tx.Bucket(name)
		lives = err == nil && b.ID == id
		return nil
	})
	if err == nil && lives {
		_ = s.config.Objects.CreateBucket(ctx, id)
	}
}

// revive lets CreateBucket heal a bucket of the caller's whose deletion was cut
// off between its two halves.
func (s *Service) revive(ctx context.Context, st *store.Store, call dispatch.Call, in any) error {
	name := in.(*api.CreateBucketInput).Bucket
	var id string
	err := st.View(ctx, func(tx *store.Tx) error {
		b, err := tx.Bucket(name)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err == nil && b.Account == call.Caller.Account {
			id = b.ID
		}
		return err
	})
	if err != nil || id == "" {
		return err
	}
	s.lock(id).Lock()
	defer s.lock(id).Unlock()
	s.enliven(ctx, st, name, id)
	return nil
}

// deleteBucket gives up the name of a bucket that drop found empty.
func deleteBucket(_ context.Context, call dispatch.Call, in *api.DeleteBucketInput) (*wire.Empty, error) {
	b, err := bucket(&call, in.Bucket)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.DeleteBucket(b)
}

// getBucketLocation echoes the constraint, which the first region has none of
// (S3-93).
func getBucketLocation(_ context.Context, call dispatch.Call, in *api.GetBucketLocationInput) (*api.GetBucketLocationOutput, error) {
	b, err := bucket(&call, in.Bucket)
	if err != nil {
		return nil, err
	}
	location := b.Location
	if location == "" && b.Region != firstRegion {
		location = b.Region
	}
	return &api.GetBucketLocationOutput{LocationConstraint: location}, nil
}

// getBucketVersioning tells what the object store keeps. A bucket that never had
// versions says so by silence (S3-120).
func (s *Service) getBucketVersioning(_ context.Context, call dispatch.Call, in *api.GetBucketVersioningInput) (*api.GetBucketVersioningOutput, error) {
	b, err := bucket(&call, in.Bucket)
	if err != nil {
		return nil, err
	}
	v, err := s.config.Objects.Versioning(b.ID)
	if err != nil && !errors.Is(err, objects.ErrNoBucket) { // whose deletion was cut off: see drop
		return nil, fmt.Errorf("reading whether a bucket keeps versions: %w", err)
	}
	return &api.GetBucketVersioningOutput{Status: string(v)}, nil
}

// version has the object store keep versions, or no new ones (S3-120). The state
// is kept with the objects, so it changes before the transaction. If that
// refuses, whoever called was allowed the change when it was made, and nothing
// that the bucket holds is lost by it.
func (s *Service) version(ctx context.Context, _ *store.Store, call dispatch.Call, in any) error {
	put := in.(*api.PutBucketVersioningInput)
	if put.VersioningConfiguration.MFADelete == "Enabled" || put.MFA != "" {
		return s3err.NotImplemented("x-amz-mfa")
	}
	v := objects.Versioning(put.VersioningConfiguration.Status)
	err := s.config.Objects.SetVersioning(context.WithoutCancel(ctx), call.Request.Target.BucketID, v)
	if errors.Is(err, objects.ErrNoBucket) {
		return s3err.NoSuchBucket(put.Bucket)
	}
	return err
}

// putBucketVersioning makes sure that the bucket is still the one whose state
// was changed.
func putBucketVersioning(_ context.Context, call dispatch.Call, in *api.PutBucketVersioningInput) (*wire.Empty, error) {
	_, err := bucket(&call, in.Bucket)
	return &wire.Empty{}, err
}

func headBucket(_ context.Context, call dispatch.Call, in *api.HeadBucketInput) (*api.HeadBucketOutput, error) {
	b, err := bucket(&call, in.Bucket)
	if err != nil {
		return nil, err
	}
	return &api.HeadBucketOutput{BucketArn: b.ARN().String(), BucketRegion: b.Region, AccessPointAlias: new(false)}, nil
}

// maxBuckets is the most that a call may ask for at a time (S3-94).
const maxBuckets = 10_000

// listBuckets lists the buckets of the caller's account, and of no other
// (S3-47, S3-94).
func listBuckets(_ context.Context, call dispatch.Call, in *api.ListBucketsInput) (*api.ListBucketsOutput, error) {
	limit := 0
	if in.MaxBuckets != nil {
		if limit = int(*in.MaxBuckets); limit < 1 || limit > maxBuckets {
			return nil, s3err.InvalidArgument("max-buckets", fmt.Sprint(limit), "Argument max-buckets must be an integer between 1 and 10000")
		}
	}
	after, err := call.After(in.ContinuationToken)
	if err != nil {
		return nil, s3err.InvalidArgument("continuation-token", "", "The continuation token provided is incorrect")
	}
	keep := func(name string) bool { return strings.HasPrefix(name, in.Prefix) }
	atOnce := limit
	if in.BucketRegion != "" {
		atOnce = 0 // where a bucket is, its name does not tell
	}
	names, next, err := call.Tx.Buckets(call.Caller.Account, after, atOnce, keep)
	if err != nil {
		return nil, err
	}
	out := &api.ListBucketsOutput{Prefix: in.Prefix, Buckets: []api.Bucket{}}
	for _, name := range names {
		b, err := call.Tx.Bucket(name)
		if err != nil {
			return nil, err
		}
		if in.BucketRegion != "" && b.Region != in.BucketRegion {
			continue
		}
		if limit > 0 && len(out.Buckets) == limit {
			next = out.Buckets[limit-1].Name
			break
		}
		out.Buckets = append(out.Buckets, api.Bucket{
			Name: b.Name, CreationDate: b.Created, BucketRegion: b.Region, BucketArn: b.ARN().String(),
		})
	}
	if out.ContinuationToken, err = call.Marker(next); err != nil {
		return nil, err
	}
	id, err := canonicalID(call.Tx, call.Caller.Account)
	out.Owner = &api.Owner{ID: id}
	return out, err
}
