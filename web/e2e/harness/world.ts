/**
 * What a test finds on its server: the accounts prod and dev of one organization, and the people, roles and buckets
 * that it makes itself. All of it is made by AWS's SDK, so nothing is there that a user could not make.
 */
import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateAccountCommand,
  CreateOrganizationCommand,
  DescribeCreateAccountStatusCommand,
  OrganizationsClient,
} from "@aws-sdk/client-organizations";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Key, Server } from "./server";
import { Authenticator, seedOf } from "./totp";

export const administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess";

/** A statement of a policy, as far as tests write them. */
export interface Statement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Principal?: unknown;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export const document = (...Statement: Statement[]) => JSON.stringify({ Version: "2012-10-17", Statement });

export const allow = (Action: string | string[], Resource: string | string[] = "*"): Statement => ({
  Effect: "Allow",
  Action,
  Resource,
});

let drawn = 0;

/** Returns a name that no other test has: those of a worker share a server. */
export const unique = (name: string) => `${name}-${(++drawn).toString(36)}${Math.random().toString(36).slice(2, 6)}`;

/** Somebody who can sign in. */
export interface User {
  server: Server;
  account: Account;
  user: string;
  password: string;
  arn: string;
  totp?: Authenticator;
  totpSerial?: string;
}

export interface UserOptions {
  name?: string;
  path?: string;
  /** The statements of an inline policy. */
  may?: Statement[];
  administrator?: boolean;
  groups?: string[];
  /** With a virtual MFA device. */
  mfa?: boolean;
  resetRequired?: boolean;
  tags?: Record<string, string>;
}

export interface RoleOptions {
  name?: string;
  path?: string;
  description?: string;
  /** Account ids or ARNs. */
  trusts: string | string[];
  /** Of the trust policy's statement. */
  condition?: Statement["Condition"];
  may?: Statement[];
  maxSeconds?: number;
  tags?: Record<string, string>;
}

/** An account, and the clients of somebody who may do everything in it. */
export class Account {
  readonly iam: IAMClient;
  readonly s3: S3Client;
  readonly sts: STSClient;
  readonly organizations: OrganizationsClient;

  constructor(
    readonly server: Server,
    readonly id: string,
    readonly alias: string,
    credentials: Key,
  ) {
    const config = configOf(server, credentials);
    this.iam = new IAMClient(config);
    this.s3 = new S3Client({ ...config, forcePathStyle: true });
    this.sts = new STSClient(config);
    this.organizations = new OrganizationsClient(config);
  }

  async user(options: UserOptions = {}): Promise<User> {
    const user = options.name ?? unique("user");
    const made = await this.iam.send(
      new CreateUserCommand({ UserName: user, Path: options.path, Tags: tagsOf(options.tags) }),
    );
    const password = `${unique("Pass.word")}-9`;
    await this.iam.send(
      new CreateLoginProfileCommand({
        UserName: user,
        Password: password,
        PasswordResetRequired: options.resetRequired ?? false,
      }),
    );
    if (options.administrator) {
      await this.iam.send(new AttachUserPolicyCommand({ UserName: user, PolicyArn: administratorAccess }));
    }
    if (options.may) await this.allowUser(user, ...options.may);
    for (const group of options.groups ?? []) {
      await this.iam.send(new AddUserToGroupCommand({ GroupName: group, UserName: user }));
    }
    const device = options.mfa ? await this.mfa(user) : {};
    return { server: this.server, account: this, user, password, arn: made.User?.Arn ?? "", ...device };
  }

  async allowUser(user: string, ...may: Statement[]): Promise<void> {
    const PolicyDocument = document(...may);
    await this.iam.send(new PutUserPolicyCommand({ UserName: user, PolicyName: "may", PolicyDocument }));
  }

  /** Gives a user a virtual MFA device. `now` is the server's clock, where it is another. */
  async mfa(user: string, now?: () => number): Promise<{ totp: Authenticator; totpSerial: string }> {
    const { VirtualMFADevice: device } = await this.iam.send(
      new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: unique(user) }),
    );
    const totp = new Authenticator(seedOf(new TextDecoder().decode(device?.Base32StringSeed)), now);
    const [AuthenticationCode1, AuthenticationCode2] = await totp.pair();
    const { SerialNumber } = device ?? {};
    await this.iam.send(
      new EnableMFADeviceCommand({ UserName: user, SerialNumber, AuthenticationCode1, AuthenticationCode2 }),
    );
    return { totp, totpSerial: device?.SerialNumber ?? "" };
  }

  async accessKey(user: string): Promise<Key> {
    const { AccessKey: key } = await this.iam.send(new CreateAccessKeyCommand({ UserName: user }));
    return { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
  }

  /** Makes a group and returns its name. */
  async group(options: { name?: string; path?: string; may?: Statement[] } = {}): Promise<string> {
    const name = options.name ?? unique("group");
    await this.iam.send(new CreateGroupCommand({ GroupName: name, Path: options.path }));
    if (options.may) {
      const PolicyDocument = document(...options.may);
      await this.iam.send(new PutGroupPolicyCommand({ GroupName: name, PolicyName: "may", PolicyDocument }));
    }
    return name;
  }

  async role(options: RoleOptions): Promise<{ name: string; arn: string }> {
    const name = options.name ?? unique("role");
    const trusts = [options.trusts].flat().map((who) => (/^\d{12}$/.test(who) ? `arn:aws:iam::${who}:root` : who));
    const trust: Statement = { Effect: "Allow", Principal: { AWS: trusts }, Action: "sts:AssumeRole" };
    if (options.condition) trust.Condition = options.condition;
    const { Role: role } = await this.iam.send(
      new CreateRoleCommand({
        RoleName: name,
        Path: options.path,
        Description: options.description,
        MaxSessionDuration: options.maxSeconds,
        AssumeRolePolicyDocument: document(trust),
        Tags: tagsOf(options.tags),
      }),
    );
    if (options.may) {
      const PolicyDocument = document(...options.may);
      await this.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "may", PolicyDocument }));
    }
    return { name, arn: role?.Arn ?? "" };
  }

  /** Makes a bucket with objects, and returns its name. */
  async bucket(objects: Record<string, string | Buffer> = {}, name = unique("bucket")): Promise<string> {
    await this.s3.send(new CreateBucketCommand({ Bucket: name }));
    for (const [key, body] of Object.entries(objects)) await this.put(name, key, body);
    return name;
  }

  async put(bucket: string, key: string, body: string | Buffer, type?: string): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: type }));
  }
}

/** The three accounts of a server. */
export interface World {
  server: Server;
  management: Account;
  prod: Account;
  dev: Account;
}

/** Makes the organization with the accounts prod and dev, which have these aliases. */
export async function makeWorld(server: Server): Promise<World> {
  const management = new Account(server, server.managementAccount, "", server.rootKey);
  await management.organizations.send(new CreateOrganizationCommand({ FeatureSet: "ALL" }));
  // A root may assume no role, and CreateAccount leaves one in the new account for the management account's people.
  const seeder = await management.user({ name: "seeder", administrator: true });
  const key = await management.accessKey(seeder.user);
  return { server, management, prod: await member(management, key, "prod"), dev: await member(management, key, "dev") };
}

/**
 * Makes an account of the organization, with an alias, which is its name unless said. The key is of somebody in the
 * management account who may assume roles.
 */
export async function member(management: Account, key: Key, alias: string, name = alias): Promise<Account> {
  const { server, organizations } = management;
  let { CreateAccountStatus: status } = await organizations.send(
    new CreateAccountCommand({ AccountName: name, Email: `root@${alias}.invalid` }),
  );
  while (status?.State === "IN_PROGRESS") {
    await sleep(50);
    const asked = { CreateAccountRequestId: status.Id };
    ({ CreateAccountStatus: status } = await organizations.send(new DescribeCreateAccountStatusCommand(asked)));
  }
  const id = status?.AccountId;
  if (!id) throw new Error(`account ${name} was not made: ${status?.FailureReason}`);
  const role = `arn:aws:iam::${id}:role/OrganizationAccountAccessRole`;
  const account = new Account(server, id, alias, await assume(server, key, role, 3600));
  await account.iam.send(new CreateAccountAliasCommand({ AccountAlias: alias }));
  return account;
}

export async function assume(server: Server, key: Key, role: string, seconds = 900): Promise<Key> {
  const { Credentials: c } = await new STSClient(configOf(server, key)).send(
    new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "e2e", DurationSeconds: seconds }),
  );
  return {
    accessKeyId: c?.AccessKeyId ?? "",
    secretAccessKey: c?.SecretAccessKey ?? "",
    sessionToken: c?.SessionToken,
  };
}

/** What a client of the SDK is made with. */
export const configOf = (server: Server, credentials: Key) => ({
  endpoint: server.url,
  region: "us-east-1",
  credentials,
  maxAttempts: 1,
  ...(server.certificate && { requestHandler: { httpsAgent: new Agent({ ca: server.certificate.pem }) } }),
});

const tagsOf = (tags: Record<string, string> = {}) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
