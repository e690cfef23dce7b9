/** Takes the pictures of docs/guide/console.md: each page as it is in the guide's own story, light, dark and narrow. */
import {
  AttachPolicyCommand,
  CreateOrganizationalUnitCommand,
  CreatePolicyCommand,
  EnablePolicyTypeCommand,
  ListRootsCommand,
  MoveAccountCommand,
} from "@aws-sdk/client-organizations";
import { AttachRolePolicyCommand, PutGroupPolicyCommand } from "@aws-sdk/client-iam";
import type { Locator, Page } from "@playwright/test";
import { join } from "node:path";
import { allow, document, expect, open, sessionsOf, signIn, test, type World } from "../harness";

const images = join(import.meta.dirname, "../../../docs/images");

/** Takes a page in the light, in the dark, and as a phone shows it: what it is about in view, if that is far down. */
async function shoot(page: Page, name: string, about?: Locator): Promise<void> {
  const settled = async () => {
    await page.waitForLoadState("networkidle");
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    await about?.evaluate((element) => element.scrollIntoView({ block: "end" }));
  };
  await page.setViewportSize({ width: 1280, height: 800 });
  await settled();
  await page.screenshot({ path: join(images, `${name}.png`) });
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await settled();
  await page.screenshot({ path: join(images, `${name}-dark.png`) });
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 390, height: 844 });
  await settled();
  await page.screenshot({ path: join(images, `${name}-narrow.png`) });
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function story(world: World) {
  const { management, prod, dev } = world;
  const role = await prod.role({
    name: "s3-admin",
    description: "People of dev who look after prod's buckets",
    trusts: dev.id,
    condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    tags: { team: "storage" },
  });
  await prod.role({ name: "billing-reader", trusts: management.id, may: [allow("ce:Get*")] });
  await prod.iam.send(
    new AttachRolePolicyCommand({ RoleName: role.name, PolicyArn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" }),
  );
  await dev.group({ name: "grp_s3_admin" });
  await dev.iam.send(
    new PutGroupPolicyCommand({
      GroupName: "grp_s3_admin",
      PolicyName: "assume-s3-admin",
      PolicyDocument: document(allow("sts:AssumeRole", role.arn)),
    }),
  );
  const alice = await dev.user({
    name: "alice",
    groups: ["grp_s3_admin"],
    mfa: true,
    may: [allow(["iam:List*", "iam:Get*", "access-analyzer:ValidatePolicy"])],
  });
  await dev.user({ name: "bob", groups: ["grp_s3_admin"] });
  const admin = await prod.user({ name: "ada", administrator: true });
  const boss = await management.user({ name: "grace", administrator: true });
  await prod.bucket(
    { "2026/11/invoice-0001.txt": "Invoice 1", "2026/11/invoice-0002.txt": "Invoice 2", "readme.txt": "Hi" },
    "prod-invoices",
  );
  await prod.bucket({}, "prod-logs");

  const { organizations } = management;
  const RootId = (await organizations.send(new ListRootsCommand({}))).Roots?.[0]?.Id;
  await organizations.send(new EnablePolicyTypeCommand({ RootId, PolicyType: "SERVICE_CONTROL_POLICY" }));
  const unit = await organizations.send(new CreateOrganizationalUnitCommand({ ParentId: RootId, Name: "Workloads" }));
  const ou = unit.OrganizationalUnit?.Id;
  await organizations.send(new CreateOrganizationalUnitCommand({ ParentId: RootId, Name: "Sandbox" }));
  await organizations.send(
    new MoveAccountCommand({ AccountId: prod.id, SourceParentId: RootId, DestinationParentId: ou }),
  );
  const Content = document({ Sid: "KeepBuckets", Effect: "Deny", Action: "s3:DeleteBucket", Resource: "*" });
  const policy = await organizations.send(
    new CreatePolicyCommand({
      Name: "no-delete",
      Description: "Buckets stay",
      Type: "SERVICE_CONTROL_POLICY",
      Content,
    }),
  );
  await organizations.send(new AttachPolicyCommand({ PolicyId: policy.Policy?.PolicySummary?.Id, TargetId: ou }));
  return { alice, admin, boss, role };
}

test("the guide's pictures", async ({ page, startWorld, watch }) => {
  watch.allow(/./); // a page that says that it may not is meant
  const world = await startWorld();
  const { alice, admin, boss, role } = await story(world);

  await page.goto(`${world.server.url}/_regent/signin?account=dev`);
  await shoot(page, "sign-in");

  const own = await signIn(page, alice);
  await open(page, own, "/");
  await shoot(page, "home");
  await open(page, own, "/switchrole?account=prod&roleName=s3-admin&displayName=s3-admin+%40+prod&color=83d4e8");
  await shoot(page, "switch-role");
  await page.getByRole("main").getByRole("button", { name: "Switch role" }).click();
  await page.waitForURL((url) => !url.pathname.endsWith("/switchrole"));
  const switched = (await sessionsOf(page)).sessions.find((s) => s.kind === "role");
  if (!switched) throw new Error("no role session");
  await open(page, switched, "/s3");
  await expect(page.getByText("prod-invoices").first()).toBeVisible();
  await shoot(page, "s3-buckets");
  await open(page, switched, "/s3/prod-invoices");
  await expect(page.getByText("readme.txt").first()).toBeVisible();
  await shoot(page, "s3-objects");

  // Why: alice may not make users.
  await open(page, own, "/iam/groups/grp_s3_admin");
  await shoot(page, "group");
  await open(page, switched, "/iam/users");
  await page.getByRole("link", { name: "Why?" }).first().click();
  await expect(page.getByRole("heading", { name: "What each layer said" })).toBeVisible();
  await shoot(page, "why");

  const ada = await signIn(page, admin);
  for (const [path, name] of [
    ["/iam", "dashboard"],
    ["/iam/roles", "roles"],
    ["/iam/roles/s3-admin", "role"],
    ["/iam/roles/s3-admin?tab=trust", "role-trust"],
    ["/iam/roles/create", "create-role"],
    ["/iam/policies/create", "policy-editor"],
    ["/iam/users", "users"],
    ["/security-credentials", "security-credentials"],
  ] as const) {
    await open(page, ada, path);
    await shoot(page, name);
  }

  const asked = [
    ["principal", `arn:aws:iam::${world.prod.id}:role/billing-reader`],
    ["action", "ce:GetCostAndUsage"],
    ["action", "s3:GetObject"],
  ];
  await open(page, ada, `/access/simulator?${new URLSearchParams(asked)}`);
  await page.getByRole("button", { name: "Simulate" }).click();
  await page
    .getByRole("row", { name: /ce:GetCostAndUsage/ })
    .getByText("ce:")
    .click();
  const ladder = page.getByRole("list", { name: /^What each layer said/ });
  await shoot(page, "simulator", ladder);

  const grace = await signIn(page, boss);
  await open(page, grace, "/org");
  await page.getByRole("button", { name: "Open Workloads" }).click();
  await page.getByRole("button", { name: "Show prod" }).click();
  await page.getByRole("button", { name: "Ask" }).click();
  await expect(page.getByText(/denied by/).first()).toBeVisible();
  await shoot(page, "organization");

  await open(page, grace, `/access/graph?${new URLSearchParams({ ask: "who", to: role.arn })}`);
  const graph = page.getByRole("region", { name: /^Trust graph/ });
  await expect(graph.getByText("grp_s3_admin")).toBeVisible();
  await shoot(page, "graph", graph);
});
