/**
 * Ten thousand roles in an account and a thousand accounts in an organization: lists are read in pages, say honestly how
 * much of it is there, and answer to a key at once. The figures are printed; the limits are those of a busy machine.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { CreateAccountCommand } from "@aws-sdk/client-organizations";
import type { Page } from "@playwright/test";
import { document, expect, open, program, type Server, signIn, test, type World } from "./harness";

/** Does something for each number below `count`, so many at a time. */
async function each(count: number, act: (n: number) => Promise<unknown>, atOnce = 16): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

const number = (n: number) => String(n).padStart(5, "0");

async function setQuota(server: Server, account: string, quota: string, value: number): Promise<void> {
  const { accessKeyId, secretAccessKey } = server.rootKey;
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: "us-east-1" };
  const args = ["quota", "set", account, quota, String(value), "--server", server.url];
  await promisify(execFile)(program, args, { env: { ...process.env, ...env } });
}

/** Types a text and returns how long the slowest of its keys took to show, in ms. */
async function slowestKey(page: Page, text: string): Promise<number> {
  await page.evaluate(() => {
    const w = window as unknown as { keys: number[] };
    w.keys = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (entry.name === "keydown" || entry.name === "input") w.keys.push(entry.duration);
    }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  });
  await page.keyboard.type(text, { delay: 60 });
  await page.waitForTimeout(300);
  const keys = await page.evaluate(() => (window as unknown as { keys: number[] }).keys);
  return Math.max(0, ...keys);
}

/** Returns how long an act took, in ms. */
async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return Math.round(performance.now() - began);
}

async function fill(world: World): Promise<void> {
  const { management, server } = world;
  await setQuota(server, management.id, "RolesPerAccount", 10_000);
  const AssumeRolePolicyDocument = document({
    Effect: "Allow",
    Principal: { AWS: management.id },
    Action: "sts:AssumeRole",
  });
  await each(9_990, (n) =>
    management.iam.send(new CreateRoleCommand({ RoleName: `role-${number(n)}`, AssumeRolePolicyDocument })),
  );
  // Few at once: each changes the organization, and changes of one thing wait for one another.
  const create = (n: number) => {
    const account = { AccountName: `account-${number(n)}`, Email: `account-${n}@example.com` };
    return management.organizations.send(new CreateAccountCommand(account));
  };
  await each(1_000, create, 3);
}

test("10,000 roles and 1,000 accounts are listed, found and gone through", async ({ page, startWorld }) => {
  test.setTimeout(600_000);
  const world = await startWorld();
  const filled = await timed(() => fill(world));
  const session = await signIn(page, await world.management.user({ administrator: true }));
  const figures: string[] = [`filled in ${Math.round(filled / 1000)} s`];
  const figure = (what: string, ms: number, most: number) => {
    figures.push(`${what} ${Math.round(ms)} ms`);
    expect.soft(ms, what).toBeLessThan(most);
  };

  await test.step("roles", async () => {
    const first = page.getByRole("link", { name: "role-00000", exact: true });
    figure(
      "first roles",
      await timed(async () => {
        await open(page, session, "/iam/roles");
        await expect(first).toBeVisible();
      }),
      15_000,
    );
    await expect(page.getByText("(1,000+)").first()).toBeVisible();
    const filter = page.getByRole("combobox", { name: "Find" });
    await filter.focus();
    figure("a key in the filter of 1,000 roles", await slowestKey(page, "role-0077"), 1_000);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("link", { name: "role-00770" })).toBeVisible();
    await page.getByRole("button", { name: "Clear filters" }).first().click();
    for (let read = 2; read <= 4; read++) {
      await page.getByRole("button", { name: "Read more rows" }).click();
      await expect(page.getByText(`(${read},000+)`).first()).toBeVisible();
    }
    await filter.focus();
    figure("a key in the filter of 4,000 roles", await slowestKey(page, "role-03333"), 2_000);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("link", { name: "role-03333" })).toBeVisible();
  });

  await test.step("the palette", async () => {
    await page.keyboard.press("Control+k");
    figure("a key in the palette", await slowestKey(page, "role-00042"), 1_000);
    await expect(page.getByRole("option", { name: /role-00042/ }).first()).toBeVisible();
    await page.keyboard.press("Escape");
  });

  await test.step("accounts", async () => {
    figure(
      "first accounts",
      await timed(async () => {
        await open(page, session, "/org?tab=accounts");
        await expect(page.getByRole("link", { name: "account-00000" }).first()).toBeVisible();
      }),
      30_000,
    );
    const filter = page.getByRole("combobox", { name: "Find" });
    await filter.focus();
    figure("a key in the filter of 1,000 accounts", await slowestKey(page, "account-00777"), 1_000);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("link", { name: "account-00777" }).first()).toBeVisible();
    figure(
      "the tree",
      await timed(async () => {
        await open(page, session, "/org");
        await expect(page.getByText("account-00000").first()).toBeVisible();
      }),
      30_000,
    );
  });
  process.stdout.write(`scale: ${figures.join(", ")}\n`);
});
