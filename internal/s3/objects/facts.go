package objects

// A Tag is a tag of an object.
type Tag struct{ Key, Value string }

// Tags returns the tags of an object as the index has them now, for the
// condition keys of a decision on it; none when there is no such object or
// version. Its error is ErrNoBucket, or a failure.
func (s *Store) Tags(bucketID, key, versionID string) ([]Tag, error) {
	var tags []Tag
	err := s.view(func(r reader) error {
		if _, err := r.live(bucketID); err != nil {
			return err
		}
		v, err := r.find(bucketID, key, versionID, false)
		if err != nil || v == nil || len(v.tags) == 0 {
			return err
		}
		tags = make([]Tag, len(v.tags))
		for i, t := range v.tags {
			tags[i] = Tag{t.name, t.value}
		}
		return nil
	})
	return tags, err
}

// UploadEncryption returns the x-amz-server-side-encryption that an upload was
// begun with, for the condition keys of decisions on its parts; "" when it was
// begun without, and when the key has no such upload. Its error is ErrNoBucket,
// or a failure.
func (s *Store) UploadEncryption(bucketID, key, uploadID string) (string, error) {
	id, ok := parseUploadID(uploadID)
	if !ok {
		return "", nil
	}
	sse := ""
	err := s.view(func(r reader) error {
		if _, err := r.live(bucketID); err != nil {
			return err
		}
		raw := r.Get(uploadKey(bucketID, key, id))
		if raw == nil {
			return nil
		}
		u, err := decodeUpload(id, raw)
		if err == nil {
			sse = u.sse
		}
		return err
	})
	return sse, err
}
