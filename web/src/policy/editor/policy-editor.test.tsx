import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState, type ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import PolicyEditor, { type PolicyEditorProps } from "./policy-editor";
import { newDocument } from "../model/statement";

const send = vi.fn();
const client = { send };
vi.mock("@/aws/access-analyzer", () => ({
  useAccessAnalyzer: () => client,
  ValidatePolicyCommand: class {
    constructor(readonly input: unknown) {}
  },
}));
vi.mock("@/aws/iam", () => ({
  useIam: () => client,
  SimulateCustomPolicyCommand: class {
    constructor(readonly input: unknown) {}
  },
}));
vi.mock("@/aws", async (original) => ({
  ...(await original<object>()),
  useSession: () => ({ session: { id: "s", accountId: "111122223333" }, all: [] }),
}));

const s3 = {
  prefix: "s3",
  name: "Amazon S3",
  actions: [
    { name: "GetObject", access: "Read", resources: [{ type: "object", required: true }], keys: ["s3:authType"] },
    { name: "ListBucket", access: "List", resources: [{ type: "bucket", required: true }], keys: ["s3:prefix"] },
    { name: "PutObject", access: "Write", resources: [{ type: "object", required: true }] },
  ],
  resources: [
    { name: "bucket", pattern: "arn:${Partition}:s3:::${BucketName}" },
    { name: "object", pattern: "arn:${Partition}:s3:::${BucketName}/${ObjectName}" },
  ],
  keys: [
    { name: "s3:prefix", type: "String" },
    { name: "s3:authType", type: "String" },
  ],
};
const files: Record<string, unknown> = {
  services: { services: [{ prefix: "s3", name: "Amazon S3" }] },
  s3,
  global: { keys: [{ name: "aws:SourceIp", type: "IPAddress", about: "network" }], operators: ["StringEquals", "StringLike", "IpAddress", "Bool", "Null"] },
};

beforeEach(() => {
  vi.stubGlobal("fetch", (url: string) => {
    const name = /catalog\/(.*)\.json$/.exec(url)?.[1] ?? "";
    return Promise.resolve(new Response(JSON.stringify(files[name]), { status: name in files ? 200 : 404 }));
  });
  send.mockReset();
  send.mockResolvedValue({ findings: [] });
});
afterEach(() => vi.unstubAllGlobals());

let text = "";

function Owner(props: Omit<PolicyEditorProps, "onChange">) {
  const [value, setValue] = useState(props.value);
  text = value;
  return <PolicyEditor {...props} value={value} onChange={setValue} />;
}

function show(value: string, props: Partial<PolicyEditorProps> = {}) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  return render(<Owner value={value} kind="identity" {...props} />, { wrapper });
}

it("ticks an action and names its resource, and leaves the other statement as it was written", async () => {
  const user = userEvent.setup();
  const other = '{"Effect" : "Deny",   "Action":["iam:*"], "Resource":"*"}';
  show(`{"Version": "2012-10-17", "Statement": [${other}, {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": []}]}`);
  await user.click(await screen.findByText("Read (0 of 1)"));
  await user.click(screen.getByRole("checkbox", { name: "GetObject" }));
  expect(text).toBe(
    `{"Version": "2012-10-17", "Statement": [${other}, {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": []}]}`,
  );
});
