package e2e

import (
	"context"
	"crypto/md5" //nolint:gosec // what ETags are
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// A crashUser is a user with what belongs to it.
type crashUser struct {
	name           string
	inline, policy *cell
	arn            string // of the policy
	tag            *cell
	key            *cell
}

// maxCrashUsers keeps a long run within the quotas of one account.
const maxCrashUsers = 300

// newUser adds a user, and only then what can be changed about it.
func (w *crashWorker) newUser(ctx context.Context, client *signer) error {
	u := &crashUser{name: fmt.Sprintf("%s-%d", w.name, w.next())}
	if _, err := w.createUser(ctx, client, u.name); err != nil {
		return err // the next check says whether it is there
	}
	u.inline = &cell{name: "inline policy of " + u.name, want: absent}
	u.inline.read = readQuery("NoSuchEntity", "PolicyDocument", "GetUserPolicy", "UserName", u.name, "PolicyName", "p")
	u.tag = &cell{name: "tag of " + u.name, want: absent}
	u.tag.read = readQuery("NoSuchEntity", "Value", "ListUserTags", "UserName", u.name)
	w.cells = append(w.cells, u.inline, u.tag)
	w.users = append(w.users, u)
	return nil
}

func (w *crashWorker) createUser(ctx context.Context, client *signer, name string) (*cell, error) {
	c := &cell{name: "user " + name, listed: name, want: absent}
	c.read = readQuery("NoSuchEntity", "UserName", "GetUser", "UserName", name)
	w.cells = append(w.cells, c)
	return c, w.set(c, name, "CreateUser", true, func() (*reply, error) {
		return client.query(ctx, "iam", "CreateUser", "UserName", name, "Path", "/"+w.name+"/")
	})
}

// passUser makes a user that does not stay, or deletes the one that it made.
func (w *crashWorker) passUser(ctx context.Context, client *signer) (err error) {
	if w.passing == nil || w.passing.want == absent {
		w.passing, err = w.createUser(ctx, client, fmt.Sprintf("%s-passing-%d", w.name, w.next()))
		return err
	}
	return w.set(w.passing, absent, "DeleteUser", true, func() (*reply, error) {
		return client.query(ctx, "iam", "DeleteUser", "UserName", w.passing.listed)
	})
}

// changeIdentities makes one change in IAM.
func (w *crashWorker) changeIdentities(ctx context.Context, client *signer) error {
	u := w.users[w.random.IntN(len(w.users))]
	switch w.random.IntN(8) {
	case 0:
		if w.random.IntN(2) == 0 || len(w.users) == maxCrashUsers {
			return w.passUser(ctx, client)
		}
		return w.newUser(ctx, client)
	case 1, 2:
		document := allowing("s3:GetObject", fmt.Sprintf("arn:aws:s3:::b/%d/%s", w.next(), strings.Repeat("x", w.random.IntN(1000))))
		return w.set(u.inline, document, "PutUserPolicy", true, func() (*reply, error) {
			return client.query(ctx, "iam", "PutUserPolicy", "UserName", u.name, "PolicyName", "p", "PolicyDocument", document)
		})
	case 3:
		if u.inline.want == absent {
			return nil
		}
		return w.set(u.inline, absent, "DeleteUserPolicy", true, func() (*reply, error) {
			return client.query(ctx, "iam", "DeleteUserPolicy", "UserName", u.name, "PolicyName", "p")
		})
	case 4:
		value := strconv.Itoa(w.next())
		return w.set(u.tag, value, "TagUser", true, func() (*reply, error) {
			return client.query(ctx, "iam", "TagUser", "UserName", u.name, "Tags.member.1.Key", "k", "Tags.member.1.Value", value)
		})
	case 5:
		return w.changeKey(ctx, client, u)
	default:
		return w.changePolicy(ctx, client, u)
	}
}

// changeKey makes an access key, or ends the one that was made.
func (w *crashWorker) changeKey(ctx context.Context, client *signer, u *crashUser) error {
	if u.key != nil {
		if u.key.want == absent {
			return nil
		}
		id, _, _ := strings.Cut(strings.TrimPrefix(u.key.name, "key "), " ")
		return w.set(u.key, absent, "DeleteAccessKey", true, func() (*reply, error) {
			return client.query(ctx, "iam", "DeleteAccessKey", "UserName", u.name, "AccessKeyId", id)
		})
	}
	u.key = &cell{want: absent} // one try: an unanswered key counts against the quota, and its secret is not known
	r, err := client.query(ctx, "iam", "CreateAccessKey", "UserName", u.name)
	if err != nil {
		return err
	}
	var out struct {
		ID     string `xml:"CreateAccessKeyResult>AccessKey>AccessKeyId"`
		Secret string `xml:"CreateAccessKeyResult>AccessKey>SecretAccessKey"`
	}
	if err := xml.Unmarshal(r.body, &out); err != nil {
		return err
	}
	w.answered = append(w.answered, answered{r.request, "CreateAccessKey", true})
	*u.key = cell{name: "key " + out.ID + " of " + u.name, want: "user/" + w.name + "/" + u.name, changed: true}
	u.key.read = func(ctx context.Context, client *signer) (string, error) {
		r, err := client.as(out.ID, out.Secret).query(ctx, "sts", "GetCallerIdentity")
		if refusedAs(err, "InvalidClientTokenId") {
			return absent, nil
		} else if err != nil {
			return "", err
		}
		_, resource, _ := strings.Cut(element(r.body, "Arn"), ":user")
		return "user" + resource, nil
	}
	w.cells = append(w.cells, u.key)
	return nil
}

// changePolicy gives the user's managed policy a new default version, and makes
// room for it when there are five.
func (w *crashWorker) changePolicy(ctx context.Context, client *signer, u *crashUser) error {
	document := allowing("s3:PutObject", fmt.Sprintf("arn:aws:s3:::b/%d", w.next()))
	if u.policy == nil {
		r, err := client.query(ctx, "iam", "CreatePolicy", "PolicyName", u.name, "PolicyDocument", document)
		if err != nil {
			u.policy = &cell{name: "lost", want: "lost"} // another try would find the name taken
			return err
		}
		w.answered = append(w.answered, answered{r.request, "CreatePolicy", true})
		u.arn = element(r.body, "Arn")
		u.policy = &cell{name: "policy " + u.name, want: "v1 " + document, changed: true, read: readPolicy(u.arn)}
		w.cells = append(w.cells, u.policy)
		return nil
	}
	if u.policy.read == nil {
		return nil
	}
	// What the last round left open the check has told by now.
	current, _, _ := strings.Cut(u.policy.want, " ")
	last, err := strconv.Atoi(strings.TrimPrefix(current, "v"))
	if err != nil {
		return err
	}
	if last > 4 { // older ones are gone already, all but four
		r, err := client.query(ctx, "iam", "DeletePolicyVersion", "PolicyArn", u.arn, "VersionId", fmt.Sprintf("v%d", last-4))
		switch {
		case refusedAs(err, "NoSuchEntity"): // the last kill came between this and the next
		case err != nil:
			return err
		default:
			w.answered = append(w.answered, answered{r.request, "DeletePolicyVersion", true})
		}
	}
	return w.set(u.policy, fmt.Sprintf("v%d %s", last+1, document), "CreatePolicyVersion", true, func() (*reply, error) {
		return client.query(ctx, "iam", "CreatePolicyVersion", "PolicyArn", u.arn, "PolicyDocument", document, "SetAsDefault", "true")
	})
}

// readQuery reads one element of an answer of IAM's; a refusal with the code
// gone, and an answer without the element, say that there is none.
func readQuery(gone, name, action string, params ...string) func(context.Context, *signer) (string, error) {
	return func(ctx context.Context, client *signer) (string, error) {
		r, err := client.query(ctx, "iam", action, params...)
		if refusedAs(err, gone) {
			return absent, nil
		} else if err != nil {
			return "", err
		}
		text := element(r.body, name)
		if name == "PolicyDocument" {
			return url.QueryUnescape(text)
		}
		if text == "" {
			return absent, nil
		}
		return text, nil
	}
}

// readPolicy reads the default version of a managed policy and its text.
func readPolicy(arn string) func(context.Context, *signer) (string, error) {
	return func(ctx context.Context, client *signer) (string, error) {
		r, err := client.query(ctx, "iam", "GetPolicy", "PolicyArn", arn)
		if err != nil {
			return "", err
		}
		version := element(r.body, "DefaultVersionId")
		if r, err = client.query(ctx, "iam", "GetPolicyVersion", "PolicyArn", arn, "VersionId", version); err != nil {
			return "", err
		}
		document, err := url.QueryUnescape(element(r.body, "Document"))
		return version + " " + document, err
	}
}

// element returns the text of the first element of that name.
func element(body []byte, name string) string {
	d := xml.NewDecoder(strings.NewReader(string(body)))
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == name {
			var text string
			if d.DecodeElement(&text, &start) != nil {
				return ""
			}
			return text
		}
	}
}

func (w *crashWorker) bucket() string { return "crash-" + w.name }

// object returns one of the worker's objects.
func (w *crashWorker) object() (c *cell, path string) {
	const objects = 30
	if w.cells == nil {
		for i := range objects {
			key := fmt.Sprintf("dir %d/%d", i%3, i)
			target := "/" + w.bucket() + "/" + strings.ReplaceAll(key, " ", "%20")
			w.cells = append(w.cells, &cell{name: target, listed: key, want: absent, read: readObject(target)})
		}
	}
	c = w.cells[w.random.IntN(objects)]
	return c, c.name
}

// changeObjects makes one change in S3.
func (w *crashWorker) changeObjects(ctx context.Context, client *signer) error {
	c, target := w.object()
	switch n := w.random.IntN(10); {
	case n < 5:
		return w.put(ctx, client, c, target, w.content(w.random.IntN(3000)))
	case n < 7:
		return w.put(ctx, client, c, target, w.content(150_000+w.random.IntN(500_000)))
	case n < 9:
		if c.want == absent {
			return nil
		}
		return w.set(c, absent, "DeleteObject", false, func() (*reply, error) { return client.s3(ctx, "DELETE", target, nil) })
	default:
		return w.upload(ctx, client, c, target)
	}
}

// content returns bytes that no other object has.
func (w *crashWorker) content(n int) []byte {
	b := fmt.Appendf(make([]byte, 0, n+64), "%s %d ", w.name, w.next())
	for len(b) < n {
		b = fmt.Appendf(b, "%016x", w.random.Uint64())
	}
	return b
}

func (w *crashWorker) put(ctx context.Context, client *signer, c *cell, target string, content []byte) error {
	sum := md5.Sum(content) //nolint:gosec // what ETags are
	text := objectText(content, hex.EncodeToString(sum[:]))
	return w.set(c, text, "PutObject", false, func() (*reply, error) { return client.s3(ctx, "PUT", target, content) })
}

// upload puts an object in one or two parts.
func (w *crashWorker) upload(ctx context.Context, client *signer, c *cell, target string) error {
	parts := [][]byte{w.content(200_000)}
	if w.random.IntN(4) == 0 {
		parts = [][]byte{w.content(5 << 20), w.content(1000)}
	}
	r, err := client.s3(ctx, "POST", target+"?uploads", nil)
	if err != nil {
		return err
	}
	w.answered = append(w.answered, answered{r.request, "CreateMultipartUpload", false})
	id := "uploadId=" + url.QueryEscape(element(r.body, "UploadId"))
	var whole, sums []byte
	document := "<CompleteMultipartUpload>"
	for i, part := range parts {
		r, err := client.s3(ctx, "PUT", fmt.Sprintf("%s?partNumber=%d&%s", target, i+1, id), part)
		if err != nil {
			return err
		}
		w.answered = append(w.answered, answered{r.request, "UploadPart", false})
		sum := md5.Sum(part) //nolint:gosec // what ETags are
		whole, sums = append(whole, part...), append(sums, sum[:]...)
		document += fmt.Sprintf("<Part><PartNumber>%d</PartNumber><ETag>%x</ETag></Part>", i+1, sum)
	}
	sum := md5.Sum(sums) //nolint:gosec // what ETags are
	text := objectText(whole, fmt.Sprintf("%x-%d", sum, len(parts)))
	return w.set(c, text, "CompleteMultipartUpload", false, func() (*reply, error) {
		return client.s3(ctx, "POST", target+"?"+id, []byte(document+"</CompleteMultipartUpload>"))
	})
}

// objectText tells an object: its bytes and its ETag.
func objectText(content []byte, etag string) string {
	return fmt.Sprintf("%d bytes, SHA-256 %x, ETag %s", len(content), sha256.Sum256(content), etag)
}

func readObject(target string) func(context.Context, *signer) (string, error) {
	return func(ctx context.Context, client *signer) (string, error) {
		r, err := client.s3(ctx, "GET", target, nil)
		if refusedAs(err, "NoSuchKey") {
			return absent, nil
		} else if err != nil {
			return "", err
		}
		return objectText(r.body, strings.Trim(r.header.Get("ETag"), `"`)), nil
	}
}
