// The core of the journey through the AWS SDK for JavaScript. It is run by
// TestJavaScriptSDK, with the profile root in the files that AWS_CONFIG_FILE and
// AWS_SHARED_CREDENTIALS_FILE name, and the server's address as its argument.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";

import * as IAM from "@aws-sdk/client-iam";
import * as Organizations from "@aws-sdk/client-organizations";
import * as S3 from "@aws-sdk/client-s3";
import * as STS from "@aws-sdk/client-sts";
import { fromIni, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const endpoint = process.argv[2];
const region = "us-east-1";

/** The clients of one caller. */
function as(credentials) {
  const config = { endpoint, region, credentials, maxAttempts: 1 };
  return {
    credentials,
    iam: new IAM.IAMClient(config),
    organizations: new Organizations.OrganizationsClient(config),
    s3: new S3.S3Client({ ...config, forcePathStyle: true }),
    sts: new STS.STSClient(config),
  };
}

/** The clients of from in a role, which the SDK assumes. */
function assume(from, RoleArn, params = {}) {
  return as(fromTemporaryCredentials({
    masterCredentials: from.credentials,
    params: { RoleArn, RoleSessionName: "js", ...params },
    clientConfig: { endpoint, region },
  }));
}

const keyOf = ({ AccessKey }) => ({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });

const trusting = (account, Condition = {}) => JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "sts:AssumeRole", Condition }],
});

const allowing = (Action, ...Resource) => JSON.stringify({
  Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }],
});

/** A refusal of that name (or class), with text in its message. */
async function refused(what, text, promise) {
  await assert.rejects(promise, (e) => {
    if (typeof what === "string") assert.equal(e.name, what);
    else assert.ok(e instanceof what, `${e} is no ${what.name}`);
    assert.ok(e.message.includes(text), `${e.message}\nwant ${text}`);
    return true;
  });
}

async function accounts() {
  const root = as(fromIni({ profile: "root" }));
  await root.organizations.send(new Organizations.CreateOrganizationCommand({ FeatureSet: "ALL" }));
  await refused(Organizations.AlreadyInOrganizationException, "", root.organizations.send(new Organizations.CreateOrganizationCommand({})));
  const UserName = "founder";
  await root.iam.send(new IAM.CreateUserCommand({ UserName }));
  await root.iam.send(new IAM.AttachUserPolicyCommand({ UserName, PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }));
  const founder = as(keyOf(await root.iam.send(new IAM.CreateAccessKeyCommand({ UserName }))));

  const account = async (name) => {
    const made = await root.organizations.send(new Organizations.CreateAccountCommand({ AccountName: name, Email: `${name}@example.com` }));
    const { CreateAccountStatus: status } = await root.organizations.send(
      new Organizations.DescribeCreateAccountStatusCommand({ CreateAccountRequestId: made.CreateAccountStatus.Id }));
    assert.equal(status.State, "SUCCEEDED");
    return { id: status.AccountId, admin: assume(founder, `arn:aws:iam::${status.AccountId}:role/OrganizationAccountAccessRole`) };
  };
  const [prod, dev] = [await account("prod"), await account("dev")];
  const names = [];
  for await (const page of Organizations.paginateListAccounts({ client: root.organizations, pageSize: 1 }, {})) {
    names.push(...page.Accounts.map((a) => a.Name));
  }
  assert.deepEqual(names.sort(), ["dev", "management", "prod"]);
  return { prod, dev };
}

async function people({ prod, dev }) {
  const role = `arn:aws:iam::${prod.id}:role/assumerole-s3-access`;
  const RoleName = "assumerole-s3-access", GroupName = "grp_s3_admin";
  const { Role } = await prod.admin.iam.send(new IAM.CreateRoleCommand({
    RoleName, AssumeRolePolicyDocument: trusting(dev.id), Tags: [{ Key: "Name", Value: RoleName }],
  }));
  assert.equal(Role.Arn, role);
  assert.ok(Role.CreateDate instanceof Date && Math.abs(Role.CreateDate - Date.now()) < 60_000, `${Role.CreateDate}`);
  await prod.admin.iam.send(new IAM.AttachRolePolicyCommand({ RoleName, PolicyArn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" }));
  await dev.admin.iam.send(new IAM.CreateGroupCommand({ GroupName }));
  await dev.admin.iam.send(new IAM.PutGroupPolicyCommand({ GroupName, PolicyName: "assume", PolicyDocument: allowing("sts:AssumeRole", role) }));
  const user = async (UserName) => {
    await dev.admin.iam.send(new IAM.CreateUserCommand({ UserName }));
    await IAM.waitUntilUserExists({ client: dev.admin.iam, maxWaitTime: 60 }, { UserName });
    return as(keyOf(await dev.admin.iam.send(new IAM.CreateAccessKeyCommand({ UserName }))));
  };
  const alice = await user("alice"), bob = await user("bob");
  await dev.admin.iam.send(new IAM.AddUserToGroupCommand({ GroupName, UserName: "alice" }));

  const session = assume(alice, role, { RoleSessionName: "alice" });
  const { Arn } = await session.sts.send(new STS.GetCallerIdentityCommand({}));
  assert.equal(Arn, `arn:aws:sts::${prod.id}:assumed-role/assumerole-s3-access/alice`);
  const nobody = `User: arn:aws:iam::${dev.id}:user/bob is not authorized to perform: sts:AssumeRole on resource: ${role}`;
  await refused("AccessDenied", nobody, assume(bob, role).s3.send(new S3.ListBucketsCommand({})));
  await refused("AccessDenied", "s3:ListAllMyBuckets", alice.s3.send(new S3.ListBucketsCommand({})));
  await refused(IAM.NoSuchEntityException, "The user with name nobody cannot be found.", dev.admin.iam.send(new IAM.GetUserCommand({ UserName: "nobody" })));
  await refused(IAM.EntityAlreadyExistsException, "", dev.admin.iam.send(new IAM.CreateUserCommand({ UserName: "ALICE" })));

  const external = `arn:aws:iam::${prod.id}:role/external`;
  await prod.admin.iam.send(new IAM.CreateRoleCommand({
    RoleName: "external", AssumeRolePolicyDocument: trusting(dev.id, { StringEquals: { "sts:ExternalId": "e-1" } }),
  }));
  await dev.admin.iam.send(new IAM.PutUserPolicyCommand({ UserName: "alice", PolicyName: "external", PolicyDocument: allowing("sts:AssumeRole", external) }));
  await refused("AccessDenied", external, assume(alice, external).sts.send(new STS.GetCallerIdentityCommand({})));
  await assume(alice, external, { ExternalId: "e-1" }).sts.send(new STS.GetCallerIdentityCommand({}));
  return session;
}

async function objects({ s3, credentials }) {
  const Bucket = "js-objects";
  await s3.send(new S3.CreateBucketCommand({ Bucket }));
  await S3.waitUntilBucketExists({ client: s3, maxWaitTime: 60 }, { Bucket });
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"]) {
    const Key = `a b/ü+${ChecksumAlgorithm}.txt`;
    await s3.send(new S3.PutObjectCommand({ Bucket, Key, Body: "hello", ChecksumAlgorithm, Metadata: { color: "green" } }));
    const got = await s3.send(new S3.GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
    assert.equal(await got.Body.transformToString(), "hello");
    assert.deepEqual(got.Metadata, { color: "green" });
  }

  // A stream goes up in chunks with the checksum behind them, and a large one in parts.
  const large = randomBytes((12 << 20) + 7);
  await new Upload({ client: s3, params: { Bucket, Key: "large", Body: Readable.from([large]) }, partSize: 5 << 20 }).done();
  const back = await (await s3.send(new S3.GetObjectCommand({ Bucket, Key: "large", ChecksumMode: "ENABLED" }))).Body.transformToByteArray();
  const sha = (bytes) => createHash("sha256").update(bytes).digest("hex");
  assert.equal(sha(back), sha(large));
  await s3.send(new S3.PutObjectCommand({ Bucket, Key: "streamed", Body: Readable.from([large.subarray(0, 300_000)]), ContentLength: 300_000 }));
  const head = await s3.send(new S3.HeadObjectCommand({ Bucket, Key: "streamed" }));
  assert.equal(head.ContentLength, 300_000);

  const keys = [];
  for await (const page of S3.paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket })) keys.push(...page.Contents.map((o) => o.Key));
  assert.deepEqual(keys, ["a b/ü+CRC32.txt", "a b/ü+CRC32C.txt", "a b/ü+SHA1.txt", "a b/ü+SHA256.txt", "large", "streamed"]);

  const link = await getSignedUrl(s3, new S3.GetObjectCommand({ Bucket, Key: "a b/ü+SHA1.txt" }), { expiresIn: 60 });
  const answer = await fetch(link);
  assert.deepEqual([answer.status, await answer.text()], [200, "hello"]);
  assert.equal((await fetch(link.replace("SHA1", "CRC32"))).status, 403);
  // The SDK puts the checksum of the body that it sees, none, into a link, and it binds.
  const put = await getSignedUrl(s3, new S3.PutObjectCommand({ Bucket, Key: "by link" }), { expiresIn: 60 });
  const bound = await fetch(put, { method: "PUT", body: "by link" });
  assert.deepEqual([bound.status, /<Code>(.*)<\/Code>/.exec(await bound.text())[1]], [400, "BadDigest"]);
  const plain = new S3.S3Client({ endpoint, region, credentials, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" });
  const free = await getSignedUrl(plain, new S3.PutObjectCommand({ Bucket, Key: "by link" }), { expiresIn: 60 });
  assert.equal((await fetch(free, { method: "PUT", body: "by link" })).status, 200);

  await refused(S3.NoSuchKey, "The specified key does not exist.", s3.send(new S3.GetObjectCommand({ Bucket, Key: "nothing" })));
  await refused(S3.NotFound, "", s3.send(new S3.HeadObjectCommand({ Bucket, Key: "nothing" })));
  await refused(S3.NoSuchBucket, "", s3.send(new S3.ListObjectsV2Command({ Bucket: "no-such-bucket-here" })));
  await refused("BucketNotEmpty", "", s3.send(new S3.DeleteBucketCommand({ Bucket })));
  const Objects = [...keys, "by link"].map((Key) => ({ Key }));
  const gone = await s3.send(new S3.DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  assert.equal(gone.Deleted.length, Objects.length);
  await s3.send(new S3.DeleteBucketCommand({ Bucket }));
  await S3.waitUntilBucketNotExists({ client: s3, maxWaitTime: 60 }, { Bucket });
}

await objects(await people(await accounts()));
