package classify

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/regent-iam/regent/arn"
)

// A factSet says which conditions of operations.tsv hold.
type factSet uint16

const (
	factVersion factSet = 1 << iota
	factSourceVersion
	factACL
	factTags
	factBodyTags
	factRetention
	factLegalHold
	factBypass
	factLockEnabled
	factOwnership
	factETag
	factCopiesTags
)

// readParameters reads what the query adds to a known operation.
func (c *Classified) readParameters(at level, p *parameters) error {
	info := c.Operation.Info()
	if p.versionID && at == onKey {
		id := c.Query.Get("versionId")
		switch {
		case !info.Versioned:
			return invalidArgument("versionId", id, "This operation does not accept a version-id.")
		case id == "":
			return invalidArgument("versionId", id, "Version id cannot be the empty string")
		}
		c.VersionID = id
		c.facts |= factVersion
	}
	if p.selected == selectUploadID {
		c.UploadID = c.Query.Get("uploadId")
		if c.UploadID == "" {
			return noSuchUpload()
		}
	}
	if p.modes&modeID != 0 && wantsID(p.selected) {
		c.ConfigurationID = c.Query.Get("id")
	}
	if p.modes&modePart != 0 {
		switch c.Operation {
		case GetObject, HeadObject, UploadPart, UploadPartCopy:
			var err error
			if c.PartNumber, err = parsePartNumber(c.Query.Get("partNumber")); err != nil {
				return err
			}
		default: // nobody reads it
		}
	}
	c.ResponseOverrides = p.responses && (c.Operation == GetObject || c.Operation == HeadObject)
	return nil
}

func noSuchUpload() error {
	return &Error{
		Code: "NoSuchUpload", Status: 404,
		Message: "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
		Fields:  []Field{{"UploadId", ""}},
	}
}

// parsePartNumber reads a part number (S3-141): digits only, so that no other
// reader of the text can come to another number.
func parsePartNumber(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 10_000 || text[0] == '+' {
		return 0, invalidArgument("partNumber", text, "Part number must be an integer between 1 and 10000, inclusive")
	}
	return n, nil
}

// readHeaders reads the headers on which needs or the choice of what is read
// depend. Those of the object itself are the store's.
func (c *Classified) readHeaders() error {
	if c.Operation == CreateBucket {
		if err := checkNewForm(c.Bucket, c.Header.Get("X-Amz-Bucket-Namespace")); err != nil {
			return err
		}
	}
	if err := c.readOwners(); err != nil {
		return err
	}
	if c.Operation == CopyObject || c.Operation == UploadPartCopy {
		var err error
		if c.Source, err = ParseSource(c.Header.Get(copySource)); err != nil {
			return err
		}
		if c.Source.VersionID != "" {
			c.facts |= factSourceVersion
		}
	}
	if c.Operation.Info().Access == Read {
		return nil
	}
	return c.readWrite()
}

// readWrite is readHeaders for operations that write.
func (c *Classified) readWrite() error {
	if err := c.readDirectives(); err != nil {
		return err
	}
	if err := c.readSwitches(); err != nil {
		return err
	}
	if details[c.Operation].traits&traitConditional != 0 {
		if err := c.readConditions(); err != nil {
			return err
		}
	}
	if err := c.readTags(); err != nil {
		return err
	}
	if c.sendsACL() {
		c.facts |= factACL
	}
	if c.sent("X-Amz-Object-Lock-Mode") || c.sent("X-Amz-Object-Lock-Retain-Until-Date") {
		c.facts |= factRetention
	}
	if c.sent("X-Amz-Object-Lock-Legal-Hold") {
		c.facts |= factLegalHold
	}
	if c.sent("X-Amz-Object-Ownership") {
		c.facts |= factOwnership
	}
	return nil
}

func (c *Classified) sent(header string) bool {
	_, ok := c.Header[header]
	return ok
}

// readOwners reads the accounts that the client believes to own the buckets (S3-38).
func (c *Classified) readOwners() error {
	if c.Operation == CreateBucket || c.Bucket == "" {
		return nil
	}
	var err error
	if c.ExpectedBucketOwner, err = c.owner("X-Amz-Expected-Bucket-Owner"); err != nil {
		return err
	}
	if c.Operation == CopyObject || c.Operation == UploadPartCopy {
		c.ExpectedSourceOwner, err = c.owner("X-Amz-Source-Expected-Bucket-Owner")
	}
	return err
}

func (c *Classified) owner(header string) (string, error) {
	if !c.sent(header) {
		return "", nil
	}
	id := c.Header.Get(header)
	if !isAccountID(id) {
		return "", &Error{
			Code: "InvalidBucketOwnerAWSAccountID", Status: 400,
			Message: "The value of the expected bucket owner parameter must be an AWS Account ID... [" + id + "]",
		}
	}
	return id, nil
}

// readDirectives reads what a copy takes over (S3-131).
func (c *Classified) readDirectives() error {
	if c.Operation != CopyObject {
		return nil
	}
	var err error
	if c.ReplaceMetadata, err = c.replaces("X-Amz-Metadata-Directive", "metadata"); err != nil {
		return err
	}
	if c.ReplaceTags, err = c.replaces("X-Amz-Tagging-Directive", "tagging"); err != nil {
		return err
	}
	if !c.ReplaceTags {
		c.facts |= factCopiesTags
	}
	return nil
}

func (c *Classified) replaces(header, what string) (bool, error) {
	switch v := c.Header.Get(header); {
	case !c.sent(header), v == "COPY":
		return false, nil
	case v == "REPLACE":
		return true, nil
	default:
		return false, invalidArgument("x-amz-"+what+"-directive", v, "Unknown "+what+" directive.")
	}
}

// readSwitches reads the two booleans that needs hang on. Whatever is neither
// true nor false is refused, so that the need and the act agree (TH-66).
func (c *Classified) readSwitches() error {
	bypass, err := c.boolean("X-Amz-Bypass-Governance-Retention", "x-amz-bypass-governance-retention")
	if err != nil {
		return err
	}
	lock, err := c.boolean("X-Amz-Bucket-Object-Lock-Enabled", "x-amz-bucket-object-lock-enabled")
	if err != nil {
		return err
	}
	if bypass {
		c.BypassGovernance = true
		c.facts |= factBypass
	}
	if lock {
		c.facts |= factLockEnabled
	}
	return nil
}

func (c *Classified) boolean(header, name string) (bool, error) {
	if !c.sent(header) {
		return false, nil
	}
	text := c.Header.Get(header)
	switch arn.Fold(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, invalidArgument(name, text, "The value must be true or false.")
}

// readConditions reads the conditions of a write: one value each, and an ETag
// wants the right to read (S3-51).
func (c *Classified) readConditions() error {
	for _, name := range [...]string{"If-Match", "If-None-Match"} {
		if len(c.Header[name]) > 1 {
			return repeated(name)
		}
	}
	if c.sent("If-Match") && c.Header.Get("If-Match") != "*" {
		c.facts |= factETag
	}
	return nil
}

// sendsACL reports whether access is granted that "private" does not grant:
// bucket-owner-full-control counts.
func (c *Classified) sendsACL() bool {
	if c.sent("X-Amz-Acl") && c.Header.Get("X-Amz-Acl") != "private" {
		return true
	}
	for _, header := range [...]string{
		"X-Amz-Grant-Full-Control", "X-Amz-Grant-Read", "X-Amz-Grant-Read-Acp", "X-Amz-Grant-Write", "X-Amz-Grant-Write-Acp",
	} {
		if c.sent(header) {
			return true
		}
	}
	return false
}

// readTags reads x-amz-tagging. A copy that takes over the source's tags ignores
// it; its condition keys must not claim tags that will not be set.
func (c *Classified) readTags() error {
	if !c.sent("X-Amz-Tagging") {
		return nil
	}
	c.facts |= factTags
	tags, err := parseTags(c.Header.Get("X-Amz-Tagging"))
	if err != nil {
		return err
	}
	if c.facts&factCopiesTags == 0 {
		c.Tags = tags
	}
	return nil
}

// parseTags parses the value of x-amz-tagging (S3-114).
func parseTags(text string) ([]Tag, error) {
	refuse := func() error {
		return invalidArgument("x-amz-tagging", text, "The header 'x-amz-tagging' shall be encoded as UTF-8"+
			" then URLEncoded URL query parameters without tag name duplicates.")
	}
	var tags []Tag
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		rawKey, rawValue, _ := strings.Cut(pair, "=")
		key, errKey := url.QueryUnescape(rawKey)
		value, errValue := url.QueryUnescape(rawValue)
		if errKey != nil || errValue != nil || !utf8.ValidString(key) || !utf8.ValidString(value) || key == "" {
			return nil, refuse()
		}
		for _, t := range tags {
			if t.Key == key {
				return nil, refuse()
			}
		}
		tags = append(tags, Tag{key, value})
		if len(tags) > maxTags {
			return nil, &Error{Code: "BadRequest", Status: 400, Message: "Object tags cannot be greater than 10"}
		}
	}
	return tags, nil
}

// maxTags is the number of tags that an object may have (S3-114).
const maxTags = 10
