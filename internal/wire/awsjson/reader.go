package awsjson

// A Reader reads shapes from a JSON document as strictly as Decode does, for
// protocols whose requests have more than a document.
type Reader struct{ decoder }

// Read parses body, which must be one object; an empty body is an empty one. The
// error is always an *awserr.Error.
func Read(body []byte) (*Reader, error) {
	if len(body) == 0 {
		body = []byte("{}")
	}
	root, err := parse(body)
	if err != nil {
		return nil, err
	}
	return &Reader{decoder{root: root}}, nil
}

// Err returns the first failure, an *awserr.Error, or nil.
func (r *Reader) Err() error { return r.err }
