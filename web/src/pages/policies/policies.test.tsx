import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { denied, renderRoutes, type Answers } from "@/test/render";
import { catalogFetch } from "@/policy/test-catalog";
import { wantedOf } from "./action-filter";
import { routes } from "./routes";

beforeEach(() => vi.stubGlobal("fetch", catalogFetch));
afterEach(() => vi.unstubAllGlobals());

const own = "arn:aws:iam::111122223333:policy/reports";
const aws = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
const text = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}';

const policies = [
  { PolicyName: "reports", Arn: own, Path: "/", DefaultVersionId: "v5", AttachmentCount: 1 },
  { PolicyName: "AmazonS3FullAccess", Arn: aws, Path: "/", DefaultVersionId: "v2", AttachmentCount: 0 },
  { PolicyName: "PowerUserAccess", Arn: "arn:aws:iam::aws:policy/PowerUserAccess", DefaultVersionId: "v1" },
];
const versions = [5, 4, 3, 2, 1].map((n) => ({
  VersionId: `v${n}`,
  IsDefaultVersion: n === 5,
  CreateDate: new Date(n * 86_400_000),
}));

const answers: Answers = {
  ListPolicies: () => ({ Policies: policies }),
  GetPolicy: ({ PolicyArn }: { PolicyArn: string }) => ({ Policy: policies.find((p) => p.Arn === PolicyArn) }),
  GetPolicyVersion: () => ({ PolicyVersion: { Document: encodeURIComponent(text) } }),
  ListPolicyVersions: () => ({ Versions: versions }),
  ListEntitiesForPolicy: ({ PolicyUsageFilter }: { PolicyUsageFilter: string }) =>
    PolicyUsageFilter === "PermissionsPolicy" ? { PolicyGroups: [{ GroupName: "analysts" }] } : {},
  ListPolicyTags: () => ({ Tags: [] }),
  GetAccountAuthorizationDetails: () => ({
    Policies: [{ Arn: own, PolicyVersionList: [{ IsDefaultVersion: true, Document: encodeURIComponent(text) }] }],
  }),
  ValidatePolicy: () => ({ findings: [] }),
};

const at = (arn: string, rest = "") => `/iam/policies/${encodeURIComponent(arn)}${rest}`;

/** The policies that the table shows. */
const shown = () =>
  screen
    .getAllByRole("link")
    .map((l) => l.textContent)
    .filter((t) => policies.some((p) => p.PolicyName === t));

test("policies are listed by name, those of a kind alone when asked", { timeout: 30_000 }, async () => {
  const { router } = renderRoutes(routes, { at: "/iam/policies", answers });
  await screen.findByText("reports");
  expect(shown()).toEqual(["AmazonS3FullAccess", "PowerUserAccess", "reports"]);
  await userEvent.setup({ delay: null }).click(screen.getByText("Customer managed", { selector: "button *" }));
  await waitFor(() => expect(shown()).toEqual(["reports"]));
  expect(router.state.location.search).toBe("?scope=customer");
});

test("policies are found by what they allow, whoever manages them", { timeout: 30_000 }, async () => {
  const first = renderRoutes(routes, { at: "/iam/policies?action=s3:PutObject", answers });
  await screen.findByText("AmazonS3FullAccess");
  expect(shown()).toEqual(["AmazonS3FullAccess", "PowerUserAccess"]);
  first.unmount();
  renderRoutes(routes, { at: "/iam/policies?action=sqs&scope=customer", answers });
  await screen.findByText("reports");
  expect(shown()).toEqual(["reports"]);
});

test("what customer managed policies allow may be hidden: it is said", { timeout: 30_000 }, async () => {
  const hidden = {
    ...answers,
    GetAccountAuthorizationDetails: () => {
      throw denied("iam:GetAccountAuthorizationDetails", "*");
    },
  };
  renderRoutes(routes, { at: "/iam/policies?action=s3", answers: hidden });
  await screen.findByText("It is not known what customer managed policies allow, so they are left out.");
  expect(shown()).toEqual(["AmazonS3FullAccess", "PowerUserAccess"]);
});

test("a policy whose document is denied still shows what else may be read", { timeout: 30_000 }, async () => {
  const some = {
    ...answers,
    GetPolicyVersion: () => {
      throw denied("iam:GetPolicyVersion", own);
    },
  };
  renderRoutes(routes, { at: at(own), answers: some });
  await screen.findByText(`You may not iam:GetPolicyVersion on ${own}`);
  expect(screen.getAllByText("Customer managed").length).toBeGreaterThan(0);
});

test("AWS's policies can be read and copied, and not be changed", { timeout: 30_000 }, async () => {
  renderRoutes(routes, { at: at(aws), answers });
  await screen.findByText("Copy to a new policy");
  await screen.findByText(/sqs/);
  expect(screen.queryByText("Edit")).toBeNull();
  expect(screen.queryByText("Delete")).toBeNull();
  expect(screen.queryByText("Tags")).toBeNull();
});

test("a policy with five versions is saved when one of them has gone", { timeout: 60_000 }, async () => {
  const did: unknown[] = [];
  const user = userEvent.setup({ delay: null });
  const { router } = renderRoutes(routes, {
    at: at(own, "/edit"),
    answers: {
      ...answers,
      DeletePolicyVersion: (input: unknown) => did.push(input) && {},
      CreatePolicyVersion: (input: unknown) => did.push(input) && { PolicyVersion: { VersionId: "v6" } },
    },
  });
  await user.click(await screen.findByLabelText("Deny"));
  await user.click(screen.getByText("Save as new version"));
  const dialog = within(await screen.findByRole("dialog"));
  await dialog.findByText("There are 5 versions already");
  // What changes is seen before it is saved.
  expect(dialog.getAllByText(/"Effect": "Deny"/).length).toBeGreaterThan(0);
  await user.click(dialog.getByLabelText("v2"));
  await user.click(dialog.getByText("Save as new version"));
  await waitFor(() => expect(router.state.location.pathname).toContain("policy%2Freports"));
  expect(did).toEqual([
    { PolicyArn: own, VersionId: "v2" },
    { PolicyArn: own, PolicyDocument: text.replace("Allow", "Deny"), SetAsDefault: true },
  ]);
});

test("a policy goes from all who have it, then its versions, then itself", { timeout: 60_000 }, async () => {
  const did: string[] = [];
  const note =
    (name: string) =>
    ({ GroupName, VersionId }: { GroupName?: string; VersionId?: string }) =>
      did.push([name, GroupName ?? VersionId ?? ""].join(" ").trim()) && {};
  const user = userEvent.setup({ delay: null });
  const { router } = renderRoutes(routes, {
    at: at(own),
    answers: {
      ...answers,
      DetachGroupPolicy: note("detach"),
      DeletePolicyVersion: note("version"),
      DeletePolicy: note("delete"),
    },
  });
  await screen.findByText(/sqs/);
  await user.click(screen.getByText("Delete"));
  const dialog = within(await screen.findByRole("dialog"));
  await dialog.findByText("Detach from Group analysts");
  await user.type(dialog.getByPlaceholderText("reports"), "reports{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toMatch(/\/iam\/policies$/));
  expect(did).toEqual(["detach analysts", "version v4", "version v3", "version v2", "version v1", "delete"]);
});

test("a boundary is not deleted: those whom it bounds could do more without it", { timeout: 30_000 }, async () => {
  const bounded = {
    ...answers,
    ListEntitiesForPolicy: ({ PolicyUsageFilter }: { PolicyUsageFilter: string }) =>
      PolicyUsageFilter === "PermissionsBoundary" ? { PolicyUsers: [{ UserName: "bob" }] } : {},
  };
  renderRoutes(routes, { at: at(own), answers: bounded });
  await screen.findByText(/sqs/);
  await userEvent.setup({ delay: null }).click(screen.getByText("Delete"));
  await screen.findByText("reports is a boundary");
  expect(screen.getByText("User bob")).toBeTruthy();
});

test.each([
  ["s3:PutObject", { prefix: "s3", pattern: "s3:PutObject" }],
  [" S3 ", { prefix: "s3", pattern: "s3:*" }],
  ["S3:put*", { prefix: "s3", pattern: "s3:put*" }],
  ["s3:", { prefix: "s3", pattern: "s3:*" }],
])("%s is looked for", (typed, wanted) => {
  expect(wantedOf(typed)).toEqual(wanted);
});

test("what is no action is not looked for", () => {
  for (const wrong of ["", "s3:Put Object", "s3:a:b", "*", "every thing"]) expect(wantedOf(wrong)).toBeUndefined();
});
