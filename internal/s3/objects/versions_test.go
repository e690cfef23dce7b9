package objects_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects"
)

func (w *world) versioning(v objects.Versioning) {
	w.t.Helper()
	if err := w.store.SetVersioning(w.t.Context(), "b", v); err != nil {
		w.t.Fatal(err)
	}
}

// Rules: S3-95 S3-120 S3-121 S3-122 S3-123 S3-153 S3-107
func TestVersions(t *testing.T) {
	w := start(t)
	big := pattern(40 << 10)
	w.put("/b/k", "old")
	w.want(400, "InvalidArgument", "GET", "/b/k?versionId=0123456789abcdef0123456789abcdef", "")
	w.wantBody("/b/k?versionId=null", "old")
	w.versioning(objects.VersioningEnabled)
	v1 := w.put("/b/k", big).header.Get("X-Amz-Version-Id")
	v2 := w.put("/b/k", "two").header.Get("X-Amz-Version-Id")
	if v1 == "" || v1 == v2 {
		t.Fatalf("version ids %q and %q", v1, v2)
	}
	equal(t, "id on GET", w.wantBody("/b/k", "two").header.Get("X-Amz-Version-Id"), v2)
	w.wantBody("/b/k?versionId="+v1, big)
	w.wantBody("/b/k?versionId=null", "old")

	a := w.want(204, "", "DELETE", "/b/k", "")
	m := a.header.Get("X-Amz-Version-Id")
	equal(t, "marker made", a.header.Get("X-Amz-Delete-Marker"), "true")
	a = w.want(404, "NoSuchKey", "GET", "/b/k", "")
	equal(t, "marker on 404", a.header.Get("X-Amz-Delete-Marker")+a.header.Get("X-Amz-Version-Id"), "true"+m)
	a = w.want(405, "MethodNotAllowed", "GET", "/b/k?versionId="+m, "")
	equal(t, "Allow", a.header.Get("Allow"), "DELETE")
	w.want(405, "MethodNotAllowed", "GET", "/b/k?tagging&versionId="+m, "")
	w.want(412, "PreconditionFailed", "DELETE", "/b/k", "", "If-Match", "*")
	w.want(404, "NoSuchVersion", "GET", "/b/k?versionId=0123456789abcdef0123456789abcdef", "")
	w.want(400, "InvalidArgument", "DELETE", "/b/k?versionId=x", "")
	w.want(400, "InvalidRequest", "PUT", "/b/c", "", "X-Amz-Copy-Source", "b/k?versionId="+m)
	w.want(404, "NoSuchKey", "PUT", "/b/c", "", "X-Amz-Copy-Source", "b/k")
	a = w.want(200, "", "PUT", "/b/c", "", "X-Amz-Copy-Source", "b/k?versionId="+v1)
	equal(t, "copied version", a.header.Get("X-Amz-Copy-Source-Version-Id"), v1)
	equal(t, "current keys", fmt.Sprint(w.do("GET", "/b", "").elements("Key")), "[c]")

	list := w.want(200, "", "GET", "/b?versions&prefix=k", "")
	equal(t, "versions", fmt.Sprint(list.elements("VersionId"), list.elements("IsLatest"), list.elements("Size")),
		fmt.Sprint("[", m, " ", v2, " ", v1, " null] [true false false false] [3 40960 3]"))
	if err := w.store.Drop(t.Context(), "b", w.now); fmt.Sprint(err) != "bucket is not empty" {
		t.Errorf("dropping: %v", err)
	} else if e, _ := errors.AsType[*objects.NotEmptyError](err); !e.Versioned {
		t.Error("the bucket had versions")
	}
	var pages []string
	marker := ""
	for range 5 {
		page := w.want(200, "", "GET", "/b?versions&prefix=k&max-keys=1"+marker, "")
		pages = append(pages, page.element("VersionId")+page.element("IsLatest"))
		if page.element("IsTruncated") != "true" {
			break
		}
		marker = "&key-marker=" + page.element("NextKeyMarker") + "&version-id-marker=" + page.element("NextVersionIdMarker")
	}
	equal(t, "page by page", fmt.Sprint(pages), fmt.Sprint([]string{m + "true", v2 + "false", v1 + "false", "nullfalse"}))

	a = w.want(204, "", "DELETE", "/b/k?versionId="+m, "")
	equal(t, "marker removed", a.header.Get("X-Amz-Delete-Marker")+a.header.Get("X-Amz-Version-Id"), "true"+m)
	w.wantBody("/b/k", "two")
	w.want(204, "", "DELETE", "/b/k?versionId="+v2, "")
	w.want(204, "", "DELETE", "/b/k?versionId="+v2, "")
	w.wantBody("/b/k", big)
	a = w.want(200, "", "GET", "/b?versions&key-marker=k&version-id-marker="+v2, "")
	equal(t, "a removed marker resumes in place", fmt.Sprint(a.elements("VersionId"), a.elements("IsLatest")), fmt.Sprint("[", v1, " null] [true false]"))
	w.want(400, "InvalidArgument", "GET", "/b?versions&version-id-marker="+v1, "")

	w.versioning(objects.VersioningSuspended)
	equal(t, "id when suspended", w.put("/b/k", "null now").header.Get("X-Amz-Version-Id"), "")
	equal(t, "id on GET", w.wantBody("/b/k?versionId=null", "null now").header.Get("X-Amz-Version-Id"), "null")
	w.wantBody("/b/k?versionId="+v1, big)
	a = w.want(204, "", "DELETE", "/b/k", "")
	equal(t, "null marker", a.header.Get("X-Amz-Delete-Marker")+a.header.Get("X-Amz-Version-Id"), "truenull")
	list = w.want(200, "", "GET", "/b?versions&prefix=k", "")
	equal(t, "left", fmt.Sprint(list.elements("VersionId")), fmt.Sprint("[null ", v1, "]"))
	w.want(204, "", "DELETE", "/b/k?versionId=null", "")
	w.want(204, "", "DELETE", "/b/k?versionId="+v1, "")
	equal(t, "blobs of the copy", w.files("blobs"), 1)
	if err := w.store.SetVersioning(t.Context(), "b", ""); err == nil {
		t.Error("versioning went back to never")
	}
	if v, err := w.store.Versioning("b"); err != nil || v != objects.VersioningSuspended {
		t.Errorf("state %q, %v", v, err)
	}
}

// Rules: S3-144 S3-124
func TestVersionsAndUploadsAndBatches(t *testing.T) {
	w := start(t)
	w.versioning(objects.VersioningEnabled)
	id := w.begin("/b/k")
	etag := w.part("/b/k", id, 1, "part")
	v := w.want(200, "", "POST", "/b/k?uploadId="+id, partList(etag)).header.Get("X-Amz-Version-Id")
	w.now = w.now.Add(time.Second)
	w.put("/b/k", "newer")
	again := w.want(200, "", "POST", "/b/k?uploadId="+id, partList(etag))
	equal(t, "the same version while it lives", again.header.Get("X-Amz-Version-Id"), v)
	w.wantBody("/b/k", "newer")
	body := "<Delete><Object><Key>k</Key></Object><Object><Key>k</Key><VersionId>" + v + "</VersionId></Object>" +
		"<Object><Key>k</Key><VersionId>bad</VersionId></Object></Delete>"
	a := w.want(200, "", "POST", "/b?delete", body, withMD5(body)...)
	equal(t, "batch", fmt.Sprint(len(a.elements("Deleted")), a.elements("DeleteMarker"), a.elements("Code")), "2 [true] [InvalidArgument]")
	w.want(404, "NoSuchUpload", "POST", "/b/k?uploadId="+id, partList(etag))
	equal(t, "blobs", w.files("blobs"), 0)
}
