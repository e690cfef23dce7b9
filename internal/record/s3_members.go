package record

import "strings"

// queryMember returns the name that a query parameter is recorded under, and
// whether it is recorded: only what S3 reads and no signature, token or key
// (RE-53, TH-69).
func queryMember(name string) (string, bool) {
	if len(name) > 6 && isAmz(name[:6]) {
		lower := headerMember(name)
		switch lower {
		case "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders":
			return name, true
		}
		return lower, knownHeader(lower) // acts as the header of that name
	}
	switch name {
	case "abac", "accelerate", "acl", "analytics", "attributes", "bucket-region", "continuation-token", "cors", "delete",
		"delimiter", "encoding-type", "encryption", "fetch-owner", "id", "intelligent-tiering", "inventory", "key-marker",
		"legal-hold", "lifecycle", "list-type", "location", "logging", "marker", "max-buckets", "max-directory-buckets",
		"max-keys", "max-parts", "max-uploads", "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable",
		"metadataTable", "metrics", "notification", "object-lock", "ownershipControls", "part-number-marker", "partNumber",
		"policy", "policyStatus", "prefix", "publicAccessBlock", "renameObject", "replication", "requestPayment",
		"response-cache-control", "response-content-disposition", "response-content-encoding",
		"response-content-language", "response-content-type", "response-expires", "restore", "retention", "select",
		"select-type", "session", "start-after", "tagging", "torrent", "upload-id-marker", "uploadId", "uploads",
		"version-id-marker", "versionId", "versioning", "versions", "website", "x-id",
		"AWSAccessKeyId", "Expires": // of SigV2
		return name, true
	}
	return "", false
}

// isAmz reports whether s is "x-amz-" in any case.
func isAmz(s string) bool { return headerMember(s) == "x-amz-" }

// headerMember returns the name that a header is recorded under. Header names
// are ASCII tokens.
func headerMember(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, name)
}

// knownHeader reports whether a header is recorded. These are the model's but
// for those that are or may hold secrets: SSE-C keys, encryption contexts, key
// ids, codes of MFA devices, tokens; and for users' own metadata, which is
// content.
func knownHeader(lower string) bool {
	switch lower {
	case "x-amz-acl", "x-amz-bucket-namespace", "x-amz-bucket-object-lock-enabled", "x-amz-bypass-governance-retention",
		"x-amz-checksum-algorithm", "x-amz-checksum-crc32", "x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme",
		"x-amz-checksum-md5", "x-amz-checksum-mode", "x-amz-checksum-sha1", "x-amz-checksum-sha256", "x-amz-checksum-sha512",
		"x-amz-checksum-type", "x-amz-checksum-xxhash128", "x-amz-checksum-xxhash3", "x-amz-checksum-xxhash64",
		"x-amz-confirm-remove-self-bucket-access", "x-amz-copy-source", "x-amz-copy-source-if-match",
		"x-amz-copy-source-if-modified-since", "x-amz-copy-source-if-none-match", "x-amz-copy-source-if-unmodified-since",
		"x-amz-copy-source-range", "x-amz-copy-source-server-side-encryption-customer-algorithm", "x-amz-create-session-mode",
		"x-amz-expected-bucket-owner", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp",
		"x-amz-grant-write", "x-amz-grant-write-acp", "x-amz-if-match-initiated-time", "x-amz-if-match-last-modified-time",
		"x-amz-if-match-size", "x-amz-max-parts", "x-amz-metadata-directive", "x-amz-mp-object-size",
		"x-amz-object-attributes", "x-amz-object-lock-legal-hold", "x-amz-object-lock-mode",
		"x-amz-object-lock-retain-until-date", "x-amz-object-ownership", "x-amz-optional-object-attributes",
		"x-amz-part-number-marker", "x-amz-rename-source", "x-amz-request-payer", "x-amz-sdk-checksum-algorithm",
		"x-amz-server-side-encryption", "x-amz-server-side-encryption-bucket-key-enabled",
		"x-amz-server-side-encryption-customer-algorithm", "x-amz-skip-destination-validation",
		"x-amz-source-expected-bucket-owner", "x-amz-storage-class", "x-amz-tagging", "x-amz-tagging-directive",
		"x-amz-transition-default-minimum-object-size", "x-amz-website-redirect-location", "x-amz-write-offset-bytes":
		return true
	}
	return false
}
