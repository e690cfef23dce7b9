import { expect, test, vi } from "vitest";
import { Connection } from "./connection";
import { IAMClient, ListUsersCommand } from "./iam";
import { RegentClient } from "./regent";
import { SessionsError, type Credentials } from "./sessions";

const endpoint = "http://localhost:3000";

const denied = (message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`;
const users = `<ListUsersResponse><ListUsersResult><Users><member><UserName>bob</UserName></member></Users><IsTruncated>false</IsTruncated></ListUsersResult></ListUsersResponse>`;

interface Sent {
  key: string;
  headers: Headers;
  url: string;
  body: string;
}

/** What answers next, and what was asked. */
let answers: [status: number, body: string][] = [];
let sent: Sent[] = [];

/** Answers requests with these, one after another, and keeps what was sent. */
function serve(...next: [status: number, body: string][]): void {
  answers = next;
  sent = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const [status, body] = answer(request.url, request.headers, await request.text());
    return new Response(body, { status, headers: { "x-amzn-requestid": "r-1" } });
  });
}

function answer(url: string, headers: Headers, body: string): [status: number, body: string] {
  const key = /Credential=([^/]+)/.exec(headers.get("authorization") ?? "")?.[1] ?? "";
  sent.push({ key, headers, url, body });
  return answers.shift() ?? [500, ""];
}

interface Sdk {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** The SDK has another handler outside of browsers: this one stands for both. */
class TestConnection extends Connection {
  override config() {
    const handle = async (r: Sdk) => {
      const [statusCode, body] = answer(
        `${r.protocol}//${r.hostname}:${r.port}${r.path}`,
        new Headers(r.headers),
        r.body,
      );
      return { response: { statusCode, headers: { "x-amzn-requestid": "r-1" }, body: new Response(body).body } };
    };
    return { ...super.config(), maxAttempts: 1, requestHandler: { handle } };
  }
}

interface Options {
  again?: boolean;
  ended?: (error: SessionsError) => void;
  ask?: () => Promise<Credentials>;
}

function connect(options: Options = {}) {
  let asked = 0;
  const again = vi.fn(async () => options.again ?? false);
  const give = async () => ({
    accessKeyId: `ASIA${++asked}`,
    secretAccessKey: "s",
    sessionToken: "t",
    expiration: new Date(Date.now() + 1_800_000).toISOString(),
  });
  const ask = options.ask ?? give;
  const connection = new TestConnection("k3f9abcd", "us-east-1", again, options.ended ?? (() => {}), endpoint, ask);
  return { connection, again };
}

test("a client signs for the page's own origin, and is made once", async () => {
  serve([200, users]);
  const { connection } = connect();
  const iam = connection.client(IAMClient);
  expect(connection.client(IAMClient)).toBe(iam);
  const page = await iam.send(new ListUsersCommand({}));
  expect(page.Users?.[0]?.UserName).toBe("bob");
  expect(new URL(sent[0]?.url ?? "").origin).toBe(endpoint);
  expect(sent[0]?.key).toBe("ASIA1");
});

// Rules: TH-90
test("where the server asks who is there, the call is repeated with credentials got after the answer", async () => {
  serve([403, denied("Reauthentication required: a password is wanted.")], [200, users]);
  const { connection, again } = connect({ again: true });
  const page = await connection.client(IAMClient).send(new ListUsersCommand({}));
  expect(page.Users).toHaveLength(1);
  expect(again).toHaveBeenCalledTimes(1);
  expect(sent.map((s) => s.key)).toEqual(["ASIA1", "ASIA2"]);
});

// Rules: TH-90
test("where the user does not answer, nothing is repeated", async () => {
  serve([403, denied("Reauthentication required: a password is wanted.")], [200, users]);
  const { connection } = connect({ again: false });
  await expect(connection.client(IAMClient).send(new ListUsersCommand({}))).rejects.toThrow(
    "Reauthentication required",
  );
  expect(sent).toHaveLength(1);
});

test("a refusal is repeated for nobody", async () => {
  serve([403, denied("Access Denied")], [200, users]);
  const { connection, again } = connect({ again: true });
  await expect(connection.client(IAMClient).send(new ListUsersCommand({}))).rejects.toThrow("Access Denied");
  expect(sent).toHaveLength(1);
  expect(again).not.toHaveBeenCalled();
});

test("credentials that the server no longer takes are asked for anew, once", async () => {
  const expired = denied("x").replace("AccessDenied", "ExpiredToken");
  serve([403, expired], [403, expired], [200, users]);
  const { connection } = connect();
  await expect(connection.client(IAMClient).send(new ListUsersCommand({}))).rejects.toThrow();
  expect(sent.map((s) => s.key)).toEqual(["ASIA1", "ASIA2"]);
});

test("a session that has ended is told to the shell", async () => {
  serve();
  const ended = vi.fn();
  const error = new SessionsError(401, "SignedOut", "");
  const { connection } = connect({ ended, ask: () => Promise.reject(error) });
  await expect(connection.client(IAMClient).send(new ListUsersCommand({}))).rejects.toBe(error);
  expect(ended).toHaveBeenCalledWith(error);
});

test("Regent's own service is called like any other: signed, with its target", async () => {
  serve([200, JSON.stringify({ Version: "1", Region: "us-east-1", Time: 1_790_000_000, Services: [] })]);
  const { connection } = connect();
  const info = await new RegentClient(connection).getServerInfo();
  expect(info.Time).toEqual(new Date(1_790_000_000_000));
  const [request] = sent;
  expect(request?.headers.get("x-amz-target")).toBe("Regent_20260101.GetServerInfo");
  expect(request?.headers.get("content-type")).toBe("application/x-amz-json-1.1");
  expect(request?.headers.get("authorization")).toMatch(
    /\/us-east-1\/regent\/aws4_request, SignedHeaders=[^,]*host[^,]*x-amz-security-token/,
  );
  expect(request?.body).toBe("{}");
});

test("an error of Regent's service has its code, message and request id", async () => {
  serve([400, JSON.stringify({ __type: "DenialNotFoundException", Message: "gone" })]);
  const { connection } = connect();
  await expect(new RegentClient(connection).explainDecision({ RequestId: "x" })).rejects.toMatchObject({
    name: "DenialNotFoundException",
    message: "gone",
    $metadata: { requestId: "r-1", httpStatusCode: 400 },
  });
});
