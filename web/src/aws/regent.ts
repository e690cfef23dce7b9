/** Regent's own service: awsJson 1.1 like Organizations, typed by hand after internal/api/models/regent.json. */
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Connection } from "./connection";
import { now } from "./clock";

export type Decision = "allowed" | "explicitDeny" | "implicitDeny" | "unknown";

export type Layer =
  "rcp" | "scp" | "resource" | "trust" | "identity" | "boundary" | "session" | "organization" | "principal";

export interface ContextEntry {
  Key: string;
  Values: string[];
  Multivalued?: boolean;
}

/** A request that was made, by its id or an encoded message, or one that could be. */
export interface ExplainDecisionRequest {
  RequestId?: string;
  EncodedMessage?: string;
  Principal?: string;
  Action?: string;
  Resource?: string;
  Context?: ContextEntry[];
  /** By the policies of then unless told otherwise, as long as they are known. */
  Basis?: "THEN" | "NOW";
}

export interface Mismatch {
  Element: "action" | "resource" | "principal" | "condition";
  Negated?: boolean;
  Operator?: string;
  Key?: string;
  PolicyValues?: string[];
  RequestValues?: string[];
  Absent?: boolean;
}

export interface StatementExplanation {
  Visible: boolean;
  PolicyName?: string;
  PolicyArn?: string;
  Sid?: string;
  Index?: number;
  Effect?: "Allow" | "Deny";
  Line?: number;
  Column?: number;
  Mismatch?: Mismatch;
}

export interface LayerExplanation {
  Layer: Layer;
  /** Whether the asker may read it. */
  Visible: boolean;
  Text?: string;
  Level?: number;
  Outcome?: Decision;
  Required?: boolean;
  Matched?: StatementExplanation[];
  Closest?: StatementExplanation[];
}

export interface Fix {
  Layer: Layer;
  Level?: number;
  Text: string;
  Statement?: string;
  PolicyName?: string;
  PolicyArn?: string;
  Account?: string;
}

export interface ExplainDecisionResponse {
  RequestId?: string;
  EventTime?: Date;
  Operation?: string;
  Basis: "THEN" | "NOW";
  Decision: Decision;
  Reason: string;
  Message?: string;
  Principal?: string;
  Action: string;
  Resource: string;
  ResourceAccount?: string;
  Layers: LayerExplanation[];
  Fixes: Fix[];
  EncodedMessage?: string;
  EncodedMessageExpires?: Date;
}

export interface GetServerInfoResponse {
  Version: string;
  Region: string;
  Time: Date;
  Services: { Name: string; Operations: string[] }[];
  DenialsKept?: number;
  DenialsKeptDays?: number;
}

export interface ListSessionsRequest {
  ResourceArn?: string;
  Subject?: string;
  AccessKeyId?: string;
  MaxResults?: number;
  NextToken?: string;
}

export interface SessionSummary {
  AccessKeyId: string;
  Kind: "role" | "user" | "federated" | "console" | "assumed-root" | "delegated";
  PrincipalArn: string;
  SessionName?: string;
  SourceIdentity?: string;
  CallerAccount?: string;
  CallerArn?: string;
  ProviderArn?: string;
  Subject?: string;
  SourceAddress?: string;
  IssuedAt: Date;
  ExpiresAt: Date;
  LastUsedAt?: Date;
  MfaAuthenticated: boolean;
}

export interface ListSessionsResponse {
  Sessions: SessionSummary[];
  NextToken?: string;
}

export interface RevokeSessionsRequest {
  ResourceArn?: string;
  Subject?: string;
  AccessKeyId?: string;
}

export interface RevokeSessionsResponse {
  RevokedAt: Date;
  /** Whether some node may not have heard of it yet. */
  Pending: boolean;
}

export interface TrustEdge {
  Principal: string;
  PrincipalType: "USER" | "ROLE" | "SESSION" | "ACCOUNT" | "SERVICE" | "FEDERATED" | "EVERYONE";
  Through?: string;
  /** Of a user that needs policies of its own side: itself, groups of it, or several. */
  GrantedBy?: string[];
  RoleArn: string;
  Action: string;
  Status: "ALLOWED" | "BLOCKED" | "UNKNOWN";
  BlockedBy?: Layer;
  Decision?: Decision;
  Conditions: { Key: string; Value: string }[];
  Unknown: ("principal" | "trust" | "organization" | "conditions")[];
  AskAccount?: string;
}

export interface ListTrustEdgesRequest {
  RoleArn: string;
  /** Of requests without a one-time code. */
  WithoutMfa?: boolean;
  Marker?: string;
  MaxItems?: number;
}

export interface ListTrustEdgesResponse {
  Edges: TrustEdge[];
  Marker?: string;
}

export interface FindAccessPathsRequest {
  Principal: string;
  /** The role that paths lead to; any unless said. */
  RoleArn?: string;
  MaxDepth?: number;
  /** Of requests without a one-time code. */
  WithoutMfa?: boolean;
  Marker?: string;
  MaxItems?: number;
}

export interface FindAccessPathsResponse {
  Paths: { Edges: TrustEdge[] }[];
  Marker?: string;
}

/** An error of the service, in the form of the SDK's. */
export class RegentError extends Error {
  readonly $metadata: { requestId: string; httpStatusCode: number };

  constructor(code: string, message: string, requestId: string, status: number) {
    super(message);
    this.name = code;
    this.$metadata = { requestId, httpStatusCode: status };
  }
}

/** Members that the wire has as seconds since 1970. */
const times = new Set([
  "EventTime",
  "EncodedMessageExpires",
  "Time",
  "IssuedAt",
  "ExpiresAt",
  "LastUsedAt",
  "RevokedAt",
]);

export class RegentClient {
  constructor(private readonly connection: Connection) {}

  explainDecision = (input: ExplainDecisionRequest) => this.call<ExplainDecisionResponse>("ExplainDecision", input);
  getServerInfo = () => this.call<GetServerInfoResponse>("GetServerInfo", {});
  listSessions = (input: ListSessionsRequest) => this.call<ListSessionsResponse>("ListSessions", input);
  revokeSessions = (input: RevokeSessionsRequest) => this.call<RevokeSessionsResponse>("RevokeSessions", input);
  listTrustEdges = (input: ListTrustEdgesRequest) => this.call<ListTrustEdgesResponse>("ListTrustEdges", input);
  findAccessPaths = (input: FindAccessPathsRequest) => this.call<FindAccessPathsResponse>("FindAccessPaths", input);

  private call<T>(operation: string, input: object): Promise<T> {
    return this.connection.guard(() => this.send<T>(operation, input));
  }

  private async send<T>(operation: string, input: object): Promise<T> {
    const { endpoint, region, credentials } = this.connection;
    const url = new URL(endpoint);
    const signer = new SignatureV4({ credentials, region, service: "regent", sha256: Sha256 });
    const signed = await signer.sign(
      {
        method: "POST",
        protocol: url.protocol,
        hostname: url.hostname,
        port: url.port === "" ? undefined : Number(url.port),
        path: "/",
        query: {},
        headers: {
          host: url.host,
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `Regent_20260101.${operation}`,
        },
        body: JSON.stringify(input),
      },
      { signingDate: new Date(now()) },
    );
    const { host: _, ...headers } = signed.headers; // the browser writes it, and refuses to be told
    const response = await fetch(`${url.origin}/`, {
      method: "POST",
      headers,
      body: signed.body as string,
      cache: "no-store",
      credentials: "omit",
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text, revive) as T;
    throw failure(response, text);
  }
}

function revive(key: string, value: unknown): unknown {
  return times.has(key) && typeof value === "number" ? new Date(value * 1000) : value;
}

function failure(response: Response, text: string): RegentError {
  let answer: { __type?: string; message?: string; Message?: string } = {};
  try {
    answer = JSON.parse(text);
  } catch {
    // Not the service's: a proxy's page. The status says enough.
  }
  const code = answer.__type?.split("#").pop() ?? `Http${response.status}`;
  const requestId = response.headers.get("x-amzn-requestid") ?? "";
  return new RegentError(code, answer.message ?? answer.Message ?? "", requestId, response.status);
}
