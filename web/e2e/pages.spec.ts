/**
 * What every page does, whatever it is about: it says what its user may not do, it keeps to what a server that is away
 * leaves of it, axe finds nothing in it, it fits 320 px, and names are text. The pages are those that the areas' own
 * routes name, so that nobody forgets to list one here.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AttachGroupPolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  IAMClient,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import { CreatePolicyCommand as CreateOrganizationsPolicyCommand } from "@aws-sdk/client-organizations";
import { PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import type { Page } from "@playwright/test";
import {
  allow,
  configOf,
  consolePath,
  document,
  expect,
  expectNoAxeViolations,
  expectNoSidewaysScroll,
  open,
  signIn,
  test as base,
  unique,
  type User,
} from "./harness";

/** What would load something, and run, if a page took it for markup. The account's name has room for 50 characters. */
const hostile = `"><img src=/xss-probe onerror=alert(1)>`;

/** The same as the paths of IAM's things may have it: without blanks. */
const hostilePath = `/"><img/src="/xss-probe"/onerror=alert(1)>/`;

/** The worst that keys and values of tags may have. */
const hostileTags = { "javascript:/=+-@_. ü": "data:text/html=/@+-_. ü" };

/** A user who may do everything, one who may do nothing, and things whose texts are hostile wherever AWS lets them be. */
interface Things {
  administrator: User;
  nobody: User;
  /** Who may do everything in the organization's management account, which alone has the organization's pages. */
  manager: User;
  /** What stands for the parameters of routes, by what is before them and their name. */
  names: Record<string, string>;
}

const test = base.extend<object, { things: Things }>({
  things: [
    async ({ world }, use) => {
      const { dev } = world;
      const group = await dev.group({ path: hostilePath, may: [allow("s3:*", `arn:aws:s3:::${hostile}/*`)] });
      const user = await dev.user({
        path: hostilePath,
        groups: [group],
        tags: hostileTags,
        may: [allow("s3:*", `arn:aws:s3:::${hostile}`)],
      });
      const role = await dev.role({
        path: hostilePath,
        trusts: [dev.id, world.prod.id],
        description: hostile,
        condition: { StringEquals: { "aws:PrincipalTag/team": hostile } },
        may: [{ ...allow(`s3:${hostile}`), Condition: { StringLike: { [`aws:RequestTag/${hostile}`]: hostile } } }],
        tags: hostileTags,
      });
      const { Policy } = await dev.iam.send(
        new CreatePolicyCommand({
          PolicyName: unique("policy"),
          Description: hostile,
          Tags: Object.entries(hostileTags).map(([Key, Value]) => ({ Key, Value })),
          PolicyDocument: document({ ...allow("s3:ListBucket"), Condition: { StringLike: { "s3:prefix": hostile } } }),
        }),
      );
      await dev.iam.send(new AttachGroupPolicyCommand({ GroupName: group, PolicyArn: Policy?.Arn }));
      const { OpenIDConnectProviderArn } = await dev.iam.send(
        new CreateOpenIDConnectProviderCommand({
          Url: `https://${unique("issuer")}.example`,
          ClientIDList: [hostile],
          ThumbprintList: ["0".repeat(40)],
        }),
      );
      const bucket = await dev.bucket({ [hostile]: hostile, [`folder ${hostile}/${hostile}`]: "x", "a.txt": "text" });
      const statement = { ...allow("s3:GetObject", `arn:aws:s3:::${bucket}/${hostile}`), Principal: { AWS: dev.id } };
      await dev.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: document(statement) }));
      const key = await dev.accessKey(user.user);
      const denied = await new IAMClient(configOf(world.server, key)).send(new ListUsersCommand()).then(
        () => "",
        (error: { $metadata?: { requestId?: string } }) => error.$metadata?.requestId ?? "",
      );
      const { management } = world;
      const { Policy: guardrail } = await management.organizations.send(
        new CreateOrganizationsPolicyCommand({
          Name: unique("guardrail"),
          Description: hostile,
          Type: "SERVICE_CONTROL_POLICY",
          Content: document(allow("*")),
        }),
      );
      await use({
        administrator: await dev.user({ administrator: true }),
        manager: await management.user({ administrator: true }),
        nobody: await dev.user(),
        names: {
          "accounts/:id": dev.id,
          "policies/:id": guardrail?.PolicySummary?.Id ?? "",
          "events/:id": denied,
          "users/:name": user.user,
          "access-keys/:key": key.accessKeyId,
          "groups/:name": group,
          "roles/:name": role.name,
          "policies/:arn": Policy?.Arn ?? "",
          "providers/:arn": OpenIDConnectProviderArn ?? "",
          "s3/:bucket": bucket,
          ":bucket/*": `folder ${hostile}/`,
        },
      });
    },
    { scope: "worker" },
  ],
});

/** The routes of each area, as they stand in web/src/pages. */
const pages = join(import.meta.dirname, "../src/pages");
const areas = readdirSync(pages).map((area) => {
  const text = readFileSync(join(pages, area, "routes.tsx"), "utf8");
  const routes = [...text.matchAll(/\bpath: "([^"]*)"/g)].map((m) => m[1] ?? "");
  if (/\bindex: true\b/.test(text)) routes.push("");
  return { area, routes };
});

/** The addresses below the session that are pages. */
const known = areas
  .flatMap((area) => area.routes)
  .map((route) => new RegExp(`^/${route.replaceAll(/:\w+/g, "[^/]+").replaceAll("/*", "(/.*)?")}$`));

/** Returns where the page's links lead to within the console that is no page. */
async function deadLinks(page: Page): Promise<string[]> {
  const links = await page.locator("a[href]").evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
  return links
    .map((href) => new URL(href))
    .filter((url) => url.pathname.startsWith(consolePath))
    .map((url) => url.pathname.replace(/^\/_regent\/console\/~[^/]+/, "") || "/")
    .filter((path) => !known.some((route) => route.test(path)));
}

/** Forms: they ask nothing before they are filled in, so nothing is refused when they open. */
const forms = /^(switchrole|iam\/roles\/create|iam\/users\/create|access\/(simulator|graph)|events\/why)$/;

/** Returns the address that a route has for something that is there. */
function addressOf(route: string, things: Things): string {
  const parts = route.split("/");
  const filled = parts.map((part, i) => {
    if (!part.startsWith(":") && part !== "*") return part;
    const name = `${parts[i - 1]}/${part}`;
    const value = things.names[name];
    if (value === undefined) throw new Error(`say in pages.spec.ts what ${name} stands for`);
    return part === "*" ? value.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(value);
  });
  return `/${filled.join("/")}`;
}

/** Signs in, goes to each page of an area in turn, and does there what `look` says. */
async function visit(
  page: Page,
  who: User,
  things: Things,
  { routes }: (typeof areas)[number],
  look: (route: string) => Promise<void>,
): Promise<void> {
  const session = await signIn(page, who);
  for (const route of routes) {
    await test.step(`/${route}`, async () => {
      await open(page, session, addressOf(route, things));
      await page.waitForLoadState("networkidle");
      await look(route);
    });
  }
}

/** Looks at a page as it opens, and then at each of its tabs. */
async function eachTab(page: Page, look: (tab: string) => Promise<void>): Promise<void> {
  await look("");
  const tabs = page.getByRole("main").getByRole("tab");
  for (let i = 0; i < (await tabs.count()); i++) {
    const tab = tabs.nth(i);
    if ((await tab.getAttribute("aria-selected")) === "true") continue;
    const name = (await tab.textContent()) ?? "";
    await tab.click();
    await expect(tab, name).toHaveAttribute("aria-selected", "true");
    await page.waitForLoadState("networkidle");
    await look(name);
  }
}

for (const area of areas) {
  test.describe(area.area, () => {
    test.beforeEach(({}, info) => info.setTimeout(30_000 + 60_000 * area.routes.length));

    test("who may do nothing is told what they may not, on a screen of 320 px", async ({ page, things }) => {
      await page.setViewportSize({ width: 320, height: 640 });
      await visit(page, things.nobody, things, area, async (route) => {
        if (!forms.test(route)) {
          await expect(page.getByText(/You may not [a-z0-9-]+:[A-Z]\w+/).first(), route).toBeVisible();
        }
        await expectNoSidewaysScroll(page);
        await expectNoAxeViolations(page);
      });
    });

    // Rules: TH-88
    test("who may do everything sees it, and names are text", async ({ page, things }) => {
      await visit(page, area.area === "org" ? things.manager : things.administrator, things, area, async (route) => {
        await expect(page.locator("a[aria-current=page]").first(), route).toBeVisible();
        await eachTab(page, async (tab) => {
          await expect(page.getByText(/You may not [a-z0-9-]+:[A-Z]\w+/), `${route} ${tab}`).toHaveCount(0);
          expect(await deadLinks(page), `${route} ${tab} has links that lead nowhere`).toEqual([]);
          await expectNoAxeViolations(page);
          await page.setViewportSize({ width: 320, height: 640 });
          await expectNoSidewaysScroll(page);
          await page.setViewportSize({ width: 1280, height: 800 });
        });
      });
    });

    test("a server that cannot be reached leaves a page that says so", async ({ page, things, world, watch }) => {
      watch.allow(/net::ERR_CONNECTION_REFUSED/);
      const api = (url: URL) => url.href.startsWith(world.server.url) && !url.pathname.startsWith("/_regent/");
      await page.route(api, (route) => route.abort("connectionrefused"));
      await visit(page, area.area === "org" ? things.manager : things.administrator, things, area, async (route) => {
        if (forms.test(route)) return;
        await expect(page.getByText("The server cannot be reached").first(), route).toBeVisible();
      });
    });
  });
}
