"""The core of the journey through boto3. It is run by TestBoto3, with the
profile root in the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE
name, and the server's address as its argument."""

import hashlib
import io
import json
import os
import sys
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
S3_FULL_ACCESS = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


def expect(got, want):
    if got != want:
        raise AssertionError(f"got {got!r}, want {want!r}")


def refused(code, message, call, **arguments):
    """call must be refused with that code, and with message in its text."""
    try:
        call(**arguments)
    except ClientError as e:
        error = e.response["Error"]
        if error["Code"] != code or message not in error.get("Message", ""):
            raise AssertionError(f"got {error}, want {code} with {message!r}") from e
        return e
    raise AssertionError(f"{call} with {arguments} was not refused")


def add(variable, text):
    with open(os.environ[variable], "a", encoding="utf-8") as f:
        f.write(text + "\n")


def profile(name, *lines):
    add("AWS_CONFIG_FILE", "\n".join([f"[profile {name}]", "region = us-east-1", f"endpoint_url = {ENDPOINT}", *lines]))


def keys(name, key):
    profile(name)
    add("AWS_SHARED_CREDENTIALS_FILE",
        f"[{name}]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}")


def client(name, service, **config):
    return boto3.Session(profile_name=name).client(service, config=Config(**config) if config else None)


def trusting(account, condition=None):
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole",
        "Condition": condition or {}}]})


def allowing(action, *resources):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resources}]})


def account(companies, name):
    made = companies.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
    status = companies.describe_create_account_status(CreateAccountRequestId=made["Id"])["CreateAccountStatus"]
    expect(status["State"], "SUCCEEDED")
    profile(f"{name}-admin", f"role_arn = arn:aws:iam::{status['AccountId']}:role/OrganizationAccountAccessRole",
            "source_profile = founder")
    return status["AccountId"]


def accounts():
    companies, management = client("root", "organizations"), client("root", "iam")
    companies.create_organization(FeatureSet="ALL")
    refused("AlreadyInOrganizationException", "", companies.create_organization)
    management.create_user(UserName="founder")
    management.attach_user_policy(UserName="founder", PolicyArn=ADMINISTRATOR)
    keys("founder", management.create_access_key(UserName="founder")["AccessKey"])
    prod, dev = account(companies, "prod"), account(companies, "dev")
    pages = companies.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1})
    expect(sorted(a["Name"] for page in pages for a in page["Accounts"]), ["dev", "management", "prod"])
    return prod, dev


def people(prod, dev):
    role = f"arn:aws:iam::{prod}:role/assumerole-s3-access"
    iam = client("prod-admin", "iam")
    made = iam.create_role(RoleName="assumerole-s3-access", AssumeRolePolicyDocument=trusting(dev),
                           Tags=[{"Key": "Name", "Value": "assumerole-s3-access"}])["Role"]
    expect(made["Arn"], role)
    # botocore decodes the document, which came URL-encoded.
    expect(iam.get_role(RoleName="assumerole-s3-access")["Role"]["AssumeRolePolicyDocument"], json.loads(trusting(dev)))
    iam.get_waiter("role_exists").wait(RoleName="assumerole-s3-access")
    iam.attach_role_policy(RoleName="assumerole-s3-access", PolicyArn=S3_FULL_ACCESS)

    iam = client("dev-admin", "iam")
    iam.create_group(GroupName="grp_s3_admin")
    iam.put_group_policy(GroupName="grp_s3_admin", PolicyName="assume", PolicyDocument=allowing("sts:AssumeRole", role))
    for name in ("alice", "bob"):
        iam.create_user(UserName=name)
        iam.get_waiter("user_exists").wait(UserName=name)
        keys(name, iam.create_access_key(UserName=name)["AccessKey"])
        profile(f"prod-s3-{name}", f"role_arn = {role}", f"source_profile = {name}", f"role_session_name = {name}")
    iam.add_user_to_group(GroupName="grp_s3_admin", UserName="alice")
    refused("NoSuchEntity", "The user with name nobody cannot be found.", iam.get_user, UserName="nobody")
    try:
        iam.create_user(UserName="ALICE")
        raise AssertionError("a user of the same name was made")
    except iam.exceptions.EntityAlreadyExistsException as e:
        expect(e.response["ResponseMetadata"]["HTTPStatusCode"], 409)

    sts = client("prod-s3-alice", "sts")
    expect(sts.get_caller_identity()["Arn"], f"arn:aws:sts::{prod}:assumed-role/assumerole-s3-access/alice")
    want = f"User: arn:aws:iam::{dev}:user/bob is not authorized to perform: sts:AssumeRole on resource: {role}"
    refused("AccessDenied", want, client("prod-s3-bob", "s3").list_buckets)
    refused("AccessDenied", "s3:ListAllMyBuckets", client("alice", "s3").list_buckets)
    refused("ValidationError", "roleSessionName", client("alice", "sts").assume_role, RoleArn=role, RoleSessionName="a b")


def more(prod, dev):
    """ExternalId in a profile, and a session of a user."""
    role = f"arn:aws:iam::{prod}:role/external"
    client("prod-admin", "iam").create_role(
        RoleName="external", AssumeRolePolicyDocument=trusting(dev, {"StringEquals": {"sts:ExternalId": "e-1"}}))
    client("dev-admin", "iam").put_user_policy(
        UserName="alice", PolicyName="external", PolicyDocument=allowing("sts:AssumeRole", role))
    profile("external", f"role_arn = {role}", "source_profile = alice", "external_id = e-1")
    profile("no-external", f"role_arn = {role}", "source_profile = alice")
    client("external", "sts").get_caller_identity()
    refused("AccessDenied", role, client("no-external", "sts").get_caller_identity)
    token = client("alice", "sts").get_session_token()["Credentials"]
    session = boto3.client("sts", region_name="us-east-1", endpoint_url=ENDPOINT, aws_access_key_id=token["AccessKeyId"],
                           aws_secret_access_key=token["SecretAccessKey"], aws_session_token=token["SessionToken"])
    expect(session.get_caller_identity()["Arn"], f"arn:aws:iam::{dev}:user/alice")


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


def objects():
    s3 = client("prod-s3-alice", "s3")
    s3.create_bucket(Bucket="boto-objects")
    s3.get_waiter("bucket_exists").wait(Bucket="boto-objects")
    large = os.urandom((17 << 20) + 3)
    parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20, max_concurrency=3)
    s3.upload_fileobj(io.BytesIO(large), "boto-objects", "large", Config=parts)
    back = io.BytesIO()
    s3.download_fileobj("boto-objects", "large", back, Config=parts)
    expect(hashlib.sha256(back.getvalue()).hexdigest(), hashlib.sha256(large).hexdigest())
    head = s3.head_object(Bucket="boto-objects", Key="large")
    expect((head["ContentLength"], head["ETag"].endswith('-4"')), (len(large), True))

    for i in range(5):
        s3.put_object(Bucket="boto-objects", Key=f"a b/ü+{i}.txt", Body=f"text {i}".encode(), ContentType="text/plain; charset=utf-8")
    s3.get_waiter("object_exists").wait(Bucket="boto-objects", Key="a b/ü+4.txt")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="boto-objects", Prefix="a b/", PaginationConfig={"PageSize": 2})
    expect([o["Key"] for page in pages for o in page["Contents"]], [f"a b/ü+{i}.txt" for i in range(5)])

    # Signature Version 2 is what boto3 presigns with unless it is told otherwise.
    what = {"Bucket": "boto-objects", "Key": "a b/ü+1.txt"}
    for name, config in (("AWSAccessKeyId=", {}), ("X-Amz-Signature=", {"signature_version": "s3v4"})):
        for who in ("prod-s3-alice", "prod-admin"):
            link = client(who, "s3", **config).generate_presigned_url("get_object", Params=what)
            expect((name in link, fetch(link)), (True, b"text 1"))
            try:
                fetch(link.replace("1.txt", "2.txt"))
                raise AssertionError("a link served another object")
            except urllib.error.HTTPError as e:
                expect(e.code, 403)

    refused("NoSuchKey", "The specified key does not exist.", s3.get_object, Bucket="boto-objects", Key="nothing")
    refused("404", "", s3.head_object, Bucket="boto-objects", Key="nothing")
    refused("BucketNotEmpty", "", s3.delete_bucket, Bucket="boto-objects")
    gone = [{"Key": o["Key"]} for o in s3.list_objects_v2(Bucket="boto-objects")["Contents"]]
    expect(len(s3.delete_objects(Bucket="boto-objects", Delete={"Objects": gone})["Deleted"]), 6)
    s3.get_waiter("object_not_exists").wait(Bucket="boto-objects", Key="large")
    s3.delete_bucket(Bucket="boto-objects")
    s3.get_waiter("bucket_not_exists").wait(Bucket="boto-objects")


def main():
    prod, dev = accounts()
    people(prod, dev)
    more(prod, dev)
    objects()


if __name__ == "__main__":
    main()
