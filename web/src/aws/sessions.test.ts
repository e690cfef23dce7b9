import { expect, test, vi } from "vitest";
import { getSessions, signInAddress, SessionsError, switchRole } from "./sessions";

function serve(...answers: Response[]) {
  const sent: { url: string; init: RequestInit }[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    sent.push({ url, init });
    return answers.shift() ?? new Response("", { status: 500 });
  });
  return sent;
}

const header = (init: RequestInit | undefined, name: string) => new Headers(init?.headers).get(name);
const role = { session: "k3f9abcd", account: "111122223333", roleName: "r", displayName: "", color: "" };

test("every call says that a page made it; on loopback by the origin's own secret", async () => {
  const sent = serve(new Response("{}"), new Response("{}"));
  await getSessions();
  localStorage.setItem("regent-console", "secret-1");
  await getSessions();
  expect(sent.map((s) => header(s.init, "X-Regent-Console"))).toEqual(["1", "secret-1"]);
});

// Rules: TH-83
test("a secret that the server hands out is the one of the next call", async () => {
  localStorage.setItem("regent-console", "secret-1");
  const sent = serve(new Response("{}", { headers: { "X-Regent-Console": "secret-2" } }), new Response("{}"));
  await switchRole(role);
  await getSessions();
  expect(header(sent[1]?.init, "X-Regent-Console")).toBe("secret-2");
});

test("an error has its code, what the user's own side says, and how long to wait", async () => {
  const body = JSON.stringify({
    error: { code: "SwitchRoleRefused", message: "Invalid" },
    why: ["no policy allows it"],
  });
  serve(new Response(body, { status: 403, headers: { "Retry-After": "30" } }));
  const error = await switchRole(role).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(SessionsError);
  expect(error).toMatchObject({ status: 403, code: "SwitchRoleRefused", why: ["no policy allows it"], retryAfter: 30 });
});

test("what is no answer of ours is an error too", async () => {
  serve(new Response("<html>Bad gateway</html>", { status: 502 }));
  await expect(getSessions()).rejects.toMatchObject({ status: 502, code: "Http502" });
});

test("where another tab was faster the call is made once more", async () => {
  const superseded = () => new Response(JSON.stringify({ error: { code: "Superseded" } }), { status: 409 });
  const sent = serve(superseded(), new Response(JSON.stringify({ session: {} })));
  await switchRole(role);
  expect(sent).toHaveLength(2);
  const again = serve(superseded(), superseded(), new Response("{}"));
  await expect(switchRole(role)).rejects.toMatchObject({ code: "Superseded" });
  expect(again).toHaveLength(2);
});

test("the sign-in page is asked to lead back", () => {
  expect(signInAddress("/_regent/console/iam?x=1&y", "dev")).toBe(
    "/_regent/signin?return=%2F_regent%2Fconsole%2Fiam%3Fx%3D1%26y&account=dev",
  );
});
