"""Writes sigv4/testdata/botocore.json: requests signed by botocore and awscrt.

Run in a virtual environment with `pip install "botocore[crt]"`; the versions
that made the committed file stand in its "source" members.
Usage: python botocore_vectors.py > ../../sigv4/testdata/botocore.json
"""

import base64
import datetime
import hashlib
import importlib.metadata
import io
import json
import os
from urllib.parse import urlsplit

os.environ["BOTO_DISABLE_CRT"] = "true"  # botocore's own signers

import awscrt
import awscrt.auth
import awscrt.http
import awscrt.io
import botocore
import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=datetime.timezone.utc)
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEBYaD/with+plus=and/slash=="
BOTO, CRT = f"botocore {botocore.__version__}", f"awscrt {importlib.metadata.version('awscrt')}"
vectors = []


def freeze():
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: (
        NOW.replace(tzinfo=None) if remove_tzinfo else NOW
    )
    botocore.auth.time.time = lambda: NOW.timestamp()


def add(name, source, service, method, url, headers, body=b"", region="us-east-1", payload=None, **more):
    parts = urlsplit(url)
    target = parts.path or "/"
    if parts.query:
        target += "?" + parts.query
    lines = {}
    host = parts.netloc
    for k, v in headers:
        if k.lower() in ("user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "accept-encoding"):
            continue
        if k.lower() == "host":
            host = v
            continue
        lines.setdefault(k, []).append(v)
    vectors.append({
        "name": name, "source": source, "service": service, "region": region, "method": method,
        "target": target, "host": host, "headers": lines, "accessKey": KEY, "secret": SECRET,
        "now": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"), "body": base64.b64encode(body).decode(),
        "payloadSHA256": hashlib.sha256(body if payload is None else payload).hexdigest(), **more,
    })


def text(v):
    return v.decode() if isinstance(v, bytes) else str(v)


def body_of(request):
    b = request.body
    if b is None:
        return b""
    if hasattr(b, "read"):
        return b.read()
    return b.encode() if isinstance(b, str) else bytes(b)


def client(service, endpoint, token=None, **config):
    s = botocore.session.Session()
    return s.create_client(
        service, region_name="us-east-1", endpoint_url=endpoint, aws_access_key_id=KEY,
        aws_secret_access_key=SECRET, aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}, **config))


def call(name, c, service, operation, payload=None, token=None, **kwargs):
    def capture(request, **_):
        add(name, BOTO, service, request.method, request.url,
            [(k, text(v)) for k, v in request.headers.items()], body_of(request), payload=payload,
            token=token or "")
        return AWSResponse(request.url, 500, {}, io.BytesIO(b""))
    c.meta.events.register("before-send", capture)
    try:
        getattr(c, operation)(**kwargs)
    except Exception:
        pass
    c.meta.events.unregister("before-send", capture)


KEYS = ["k", "a b", "/x", "./s/x", "q/../s/x", "~t", "a+b", "a=b&c", "\u00fc\u4e2d/\U0001f600", "100%", "n/", "a//b", "it's(1)*!",
        "%41", "a;b,c:d@e$f"]


def clients():
    for token in (None, TOKEN):
        tag = "session" if token else "long-term"
        plain = client("s3", "http://127.0.0.1:9000", token, s3={"addressing_style": "path"})
        tls = client("s3", "https://s3.local:9443", token, s3={"addressing_style": "path"})
        for key in KEYS:
            call(f"s3 get {key!r} {tag}", plain, "s3", "get_object", token=token, Bucket="b", Key=key)
        call(f"s3 put {tag}", plain, "s3", "put_object", b"hello", token, Bucket="b", Key="k", Body=b"hello",
             Metadata={"one": "  two   words "}, ContentType="text/plain")
        for alg in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
            for size in (0, 5, 70000):
                if size > 5 and (token or alg != "CRC32"):
                    continue
                data = bytes(i * 7 & 255 for i in range(size))
                call(f"s3 trailer {alg} {size} {tag}", tls, "s3", "put_object", data, token, Bucket="b", Key="k",
                     Body=io.BytesIO(data), ChecksumAlgorithm=alg)
        call(f"s3 list {tag}", plain, "s3", "list_objects_v2", token=token, Bucket="b", Prefix="a b/+~=\u00fc", Delimiter="/")
        call(f"s3 tagging {tag}", plain, "s3", "get_object_tagging", token=token, Bucket="b", Key="k", VersionId="v=1")
        iam = client("iam", "http://127.0.0.1:9000", token)
        call(f"iam create user {tag}", iam, "iam", "create_user", token=token, UserName="alice", Path="/a b/")
        sts = client("sts", "http://127.0.0.1:9000", token)
        call(f"sts identity {tag}", sts, "sts", "get_caller_identity", token=token)
        org = client("organizations", "http://127.0.0.1:9000", token)
        call(f"organizations list {tag}", org, "organizations", "list_accounts", token=token)
        presigned = {"s3v4": client("s3", "http://127.0.0.1:9000", token, signature_version="s3v4", s3={"addressing_style": "path"}),
                     "s3": client("s3", "http://127.0.0.1:9000", token, signature_version="s3", s3={"addressing_style": "path"})}
        for version, c in presigned.items():
            for key in KEYS:
                url = c.generate_presigned_url("get_object", {"Bucket": "b", "Key": key}, ExpiresIn=600)
                add(f"presign {version} get {key!r} {tag}", BOTO, "s3", "GET", url, [], token=token or "")
            url = c.generate_presigned_url("get_object", {
                "Bucket": "b", "Key": "k", "VersionId": "v/1 +", "ResponseContentType": "text/plain; a=b",
                "ResponseContentDisposition": "attachment; filename=\"x y\""}, ExpiresIn=600)
            add(f"presign {version} get with parameters {tag}", BOTO, "s3", "GET", url, [], token=token or "")
            url = c.generate_presigned_url("put_object", {"Bucket": "b", "Key": "k", "ContentType": "text/plain"}, ExpiresIn=600)
            add(f"presign {version} put {tag}", BOTO, "s3", "PUT", url, [("Content-Type", "text/plain")], b"body", token=token or "")
            url = c.generate_presigned_url("head_object", {"Bucket": "b", "Key": "k"}, ExpiresIn=600)
            add(f"presign {version} head {tag}", BOTO, "s3", "HEAD", url, [], token=token or "")
        for method in ("GET", "POST"):
            url = sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod=method)
            add(f"presign sts {method} {tag}", BOTO, "sts", method, url, [], token=token or "")


def raw_signers():
    creds = Credentials(KEY, SECRET)
    for path in ("/a%20b/c", "/a//b", "/a/./b/../c/", "/~x/%C3%BC", "/a+b=c", "/2015-03-31/functions/x%3Ay/"):
        for query in ("", "b=2&a=1", "a=2&a=1&a=", "k", "A=1&a=2&%C3%BC=x%20y", "p=%2F%2B%3D"):
            r = AWSRequest("GET", "http://127.0.0.1:9000" + path + ("?" + query if query else ""),
                           headers={"X-Amz-Extra": "  a   b  "})
            r.headers["X-Amz-Twice"] = "one"
            r.headers["X-Amz-Twice"] = "two  2"
            botocore.auth.SigV4Auth(creds, "athena", "us-east-1").add_auth(r)
            add(f"v4 {path}?{query}", BOTO, "athena", "GET", r.url, [(k, text(v)) for k, v in r.headers.items()])
    r = AWSRequest("GET", "https://sts.local/?Action=GetCallerIdentity&Version=2011-06-15",
                   headers={"x-k8s-aws-id": "cluster"})
    botocore.auth.SigV4QueryAuth(creds, "sts", "us-east-1", expires=60).add_auth(r)
    add("eks token", BOTO, "sts", "GET", r.url, [("x-k8s-aws-id", "cluster")])
    for name, signer in (("v4", botocore.auth.S3SigV4PostAuth(creds, "s3", "us-east-1")),
                         ("v2", botocore.auth.HmacV1PostAuth(creds))):
        r = AWSRequest("POST", "http://127.0.0.1:9000/b")
        r.context["s3-presign-post-fields"] = {"key": "k"}
        r.context["s3-presign-post-policy"] = {"expiration": "2026-03-05T00:00:00Z", "conditions": [{"bucket": "b"}]}
        signer.add_auth(r)
        fields = r.context["s3-presign-post-fields"]
        vectors.append({"name": f"post {name}", "source": BOTO, "secret": SECRET, "post": fields})


def crt(name, algorithm, where, service, method, url, headers, data=b"", hash_value=None, **more):
    session = more.pop("session", None)
    if service == "s3" and where == awscrt.auth.AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS:
        hash_value = awscrt.auth.AwsSignedBodyValue.UNSIGNED_PAYLOAD
    parts = urlsplit(url)
    h = awscrt.http.HttpHeaders([("host", parts.netloc)] + headers)
    path = parts.path + ("?" + parts.query if parts.query else "")
    request = awscrt.http.HttpRequest(method, path, h, io.BytesIO(data))
    config = dict(
        algorithm=algorithm, signature_type=where, region="us-east-1" if algorithm == awscrt.auth.AwsSigningAlgorithm.V4 else "us-east-1,eu-*",
        service=service, date=NOW, credentials_provider=awscrt.auth.AwsCredentialsProvider.new_static(KEY, SECRET, session),
        use_double_uri_encode=service != "s3", should_normalize_uri_path=service != "s3",
        signed_body_value=hash_value, **more)
    if service == "s3" and where == awscrt.auth.AwsSignatureType.HTTP_REQUEST_HEADERS:
        config["signed_body_header_type"] = awscrt.auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256
    if where == awscrt.auth.AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS:
        config["expiration_in_seconds"] = 600
    awscrt.auth.aws_sign_request(request, awscrt.auth.AwsSigningConfig(**config)).result()
    signed = urlsplit("http://" + parts.netloc + request.path)
    add(name, CRT, service, method, signed.geturl(), list(request.headers), data, token=session or "")


def crt_vectors():
    for algorithm in (awscrt.auth.AwsSigningAlgorithm.V4, awscrt.auth.AwsSigningAlgorithm.V4_ASYMMETRIC):
        for where in (awscrt.auth.AwsSignatureType.HTTP_REQUEST_HEADERS, awscrt.auth.AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS):
            for session in (None, TOKEN):
                tag = f"{algorithm.name} {where.name} {'session' if session else 'long-term'}"
                for path in ("/b/k", "/b/a%20b", "/b//x/../y", "/b/~%2B%3D"):
                    crt(f"crt s3 {tag} {path}", algorithm, where, "s3", "GET", "http://h.local:9000" + path + "?x=1&x=0&y", [], session=session)
                crt(f"crt sts {tag}", algorithm, where, "sts", "POST", "http://h.local:9000/",
                    [("content-type", "application/x-www-form-urlencoded")], b"Action=GetCallerIdentity&Version=2011-06-15", session=session)
                crt(f"crt athena {tag}", algorithm, where, "athena", "GET", "http://h.local:9000/a//b/./c%20d/../e?z=%20&a=~", [], session=session)


freeze()
clients()
raw_signers()
crt_vectors()
print(json.dumps(vectors, indent=0, ensure_ascii=True, sort_keys=True))
