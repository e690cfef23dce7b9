import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { denied, renderRoutes, serviceError } from "@/test/render";
import { indexOf, stopping, verdicts, withoutPrincipals } from "./effective";
import { routes } from "./routes";

const organization = { Id: "o-1", MasterAccountId: "111122223333", FeatureSet: "ALL" };
const root = { Id: "r-1", Name: "Root", Arn: "arn:aws:organizations::111122223333:root/o-1/r-1", PolicyTypes: [] };

const tree = {
  DescribeOrganization: () => ({ Organization: organization }),
  ListRoots: () => ({ Roots: [root] }),
  ListOrganizationalUnitsForParent: ({ ParentId }: { ParentId: string }) => ({
    OrganizationalUnits: ParentId === "r-1" ? [{ Id: "ou-1", Name: "Workloads" }] : [],
  }),
  ListAccountsForParent: ({ ParentId }: { ParentId: string }) => ({
    Accounts:
      ParentId === "ou-1" ? [{ Id: "222233334444", Name: "prod" }] : [{ Id: "111122223333", Name: "management" }],
  }),
  ListPoliciesForTarget: () => ({ Policies: [{ Id: "p-full", Name: "FullAWSAccess", AwsManaged: true }] }),
  ListTagsForResource: () => ({ Tags: [] }),
  ListParents: () => ({ Parents: [{ Id: "r-1", Type: "ROOT" }] }),
};

test("what lies in a unit is read when it is opened", async () => {
  const user = userEvent.setup();
  renderRoutes(routes, { at: "/org", answers: tree });
  await screen.findByText("Workloads");
  expect(screen.queryByText("prod")).toBeNull();
  await user.click(screen.getByLabelText("Open Workloads"));
  await screen.findByText("prod");
});

test("an account without an organization can make one", async () => {
  const answers = {
    DescribeOrganization: () => {
      throw serviceError("AWSOrganizationsNotInUseException", "not in use", 400);
    },
    ListHandshakesForAccount: () => ({ Handshakes: [] }),
  };
  renderRoutes(routes, { at: "/org", answers });
  await screen.findByRole("button", { name: "Create organization" });
});

const elsewhere = { ...organization, MasterAccountId: "999988887777" };

test("a member is told which account manages the organization", async () => {
  const answers = {
    DescribeOrganization: () => ({ Organization: elsewhere }),
    ListRoots: () => {
      throw denied("organizations:ListRoots", "*");
    },
    ListHandshakesForAccount: () => ({ Handshakes: [] }),
  };
  renderRoutes(routes, { at: "/org", answers });
  await screen.findByText(/Account 9999-8888-7777 manages this organization/);
  expect(screen.getAllByText(/organizations:ListRoots/).length).toBeGreaterThan(0);
});

test("who may not read the tree in the account that manages it is told what is missing, not to go there", async () => {
  const answers = {
    ...tree,
    ListRoots: () => {
      throw denied("organizations:ListRoots", "*");
    },
  };
  renderRoutes(routes, { at: "/org", answers });
  await screen.findAllByText(/organizations:ListRoots/);
  expect(screen.queryByText(/manages this organization/)).toBeNull();
  expect(screen.queryByText("Leave organization")).toBeNull();
});

test("units and accounts are found, with where they are", async () => {
  const user = userEvent.setup();
  const ListAccounts = () => ({ Accounts: [{ Id: "222233334444", Name: "prod", Email: "ops@example.com" }] });
  renderRoutes(routes, { at: "/org", answers: { ...tree, ListAccounts } });
  const find = await screen.findByLabelText("Find units and accounts");
  await user.type(find, "2222-3333");
  await screen.findByText("ops@example.com", { exact: false });
  await user.clear(find);
  await user.type(find, "workl");
  const [unit] = await screen.findAllByLabelText("Show Workloads");
  expect(unit?.closest("li")?.textContent).toContain("Root");
});

test("a member that has left is told so, and what it is now", async () => {
  const user = userEvent.setup();
  let left = false;
  const { notices } = renderRoutes(routes, {
    at: "/org",
    answers: {
      DescribeOrganization: () => {
        if (left) throw serviceError("AWSOrganizationsNotInUseException", "not in use", 400);
        return { Organization: elsewhere };
      },
      ListRoots: () => {
        throw denied("organizations:ListRoots", "*");
      },
      ListHandshakesForAccount: () => ({ Handshakes: [] }),
      LeaveOrganization: () => {
        left = true;
        return {};
      },
    },
  });
  await screen.findByText(/manages this organization/);
  await user.click(screen.getByText("Leave organization"));
  await user.type(screen.getByPlaceholderText("o-1"), "o-1{Enter}");
  await screen.findByText("This account is in no organization");
  expect(notices.success).toHaveBeenCalledWith("The account has left the organization.");
});

test("a level stops what one of its policies denies, or none allows", async () => {
  const level = (id: string) => ({
    node: { kind: "ou" as const, id, name: id, arn: "" },
    policies: id === "empty" ? [] : [{ Id: `p-${id}`, Name: id }],
  });
  const organizations = {
    send: async () => ({ Policy: { Content: "{}" } }),
  } as never;
  const decisions = ["allowed", "explicitDeny"];
  const iam = {
    send: async () => ({
      EvaluationResults: [
        {
          EvalDecision: decisions.shift(),
          MatchedStatements: [{ SourcePolicyId: "PolicyInputList.1", StartPosition: { Line: 3 } }],
        },
      ],
    }),
  } as never;
  const all = await verdicts(organizations, iam, [level("a"), level("b"), level("empty")], "SERVICE_CONTROL_POLICY", {
    action: "s3:DeleteBucket",
    resource: "*",
  });
  expect(all.map((v) => v.outcome)).toEqual(["allows", "denies", "silent"]);
  expect(stopping(all)?.by).toEqual([{ id: "p-b", name: "b", line: 3 }]);
});

test("a resource control policy is asked without its principals", () => {
  const policy = JSON.stringify({ Statement: { Effect: "Deny", Principal: "*", Action: "s3:*" } });
  expect(JSON.parse(withoutPrincipals(policy))).toEqual({ Statement: [{ Effect: "Deny", Action: "s3:*" }] });
});

test("the simulator counts policies from one", () => {
  expect(indexOf("PolicyInputList.3")).toBe(2);
  expect(indexOf(undefined)).toBe(-1);
});
