package classify

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxKey is the length of the longest key in bytes (S3-5).
const maxKey = 1024

// lambdaPath is the path of WriteGetObjectResponse; no bucket can have this name.
const lambdaPath = "WriteGetObjectResponse"

// CheckKey checks an object key: 1 to 1024 bytes of UTF-8 without NUL (S3-4, S3-5).
func CheckKey(key string) error {
	switch {
	case key == "":
		return &Error{Code: "UserKeyMustBeSpecified", Status: 400, Message: "The bucket POST must contain the specified field name. If it is specified, check the order of the fields."}
	case len(key) > maxKey:
		return &Error{
			Code: "KeyTooLongError", Status: 400, Message: "Your key is too long",
			Fields: []Field{{"Size", strconv.Itoa(len(key))}, {"MaxSizeAllowed", strconv.Itoa(maxKey)}},
		}
	case strings.IndexByte(key, 0) >= 0 || !utf8.ValidString(key):
		return invalidURI()
	}
	return nil
}

// CheckBucketName checks the form of a bucket's name, and that no other service
// answers on the path of that name (S3-90, WI-50).
func CheckBucketName(name string) error {
	if !validBucketForm(name) || isReservedPath(name) {
		return invalidBucketName(name)
	}
	return nil
}

func validBucketForm(name string) bool {
	if len(name) < 3 || len(name) > 63 {
		return false
	}
	dots, digitsOnly := 0, true
	previous := byte('.')
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z':
			digitsOnly = false
		case '0' <= c && c <= '9':
		case c == '-':
			// A label begins and ends with a letter or digit.
			if previous == '.' {
				return false
			}
			digitsOnly = false
		case c == '.':
			if previous == '.' || previous == '-' {
				return false
			}
			dots++
		default:
			return false
		}
		previous = c
	}
	return previous != '.' && previous != '-' && (!digitsOnly || dots != 3)
}

// isReservedPath reports whether other services use the path of that name.
func isReservedPath(name string) bool {
	switch name {
	case "federation", "saml", "token", "client", "assignment", "logout", "latest":
		return true
	}
	return false
}

// CheckNewBucketName checks a name for CreateBucket, given x-amz-bucket-namespace
// ("" when it was not sent), the caller's account and the bucket's region (S3-90).
// Classify has checked all but account and region.
func CheckNewBucketName(name, namespace, account, region string) error {
	if err := checkNewForm(name, namespace); err != nil {
		return err
	}
	if namespace == namespaceRegional && !strings.HasSuffix(name, "-"+account+"-"+region+"-an") {
		return invalidBucketName(name)
	}
	return nil
}

// namespaceRegional is the x-amz-bucket-namespace of names that belong to an
// account and region.
const namespaceRegional = "account-regional"

func checkNewForm(name, namespace string) error {
	if err := CheckBucketName(name); err != nil {
		return err
	}
	if namespace != "" && namespace != "global" && namespace != namespaceRegional {
		return &Error{
			Code: "InvalidNamespaceHeader", Status: 400,
			Message: "The value of the x-amz-bucket-namespace header is not valid.",
		}
	}
	for _, prefix := range [...]string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, prefix) {
			return invalidBucketName(name)
		}
	}
	regional := strings.HasSuffix(name, "-an")
	if isForeignKind(name) || strings.HasSuffix(name, "--table-s3") || regional != (namespace == namespaceRegional) {
		return invalidBucketName(name)
	}
	return nil
}

// isForeignKind reports whether a name stands for an access point, Object Lambda
// or a directory bucket: known, and not there (S3-15).
func isForeignKind(name string) bool {
	for _, suffix := range [...]string{"-s3alias", "--ol-s3", ".mrap", "--x-s3"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// isAccountID reports whether s is twelve digits.
func isAccountID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
