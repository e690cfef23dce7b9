/** What is dangerous asks who is there, and is done once the user has answered. */
import { allow, expect, expectNoAxeViolations, open, signIn, test } from "./harness";

// Rules: TH-90
test("an access key is made only after the password is given again", async ({ page, startWorld }) => {
  const world = await startWorld("--dev");
  const alice = await world.dev.user({ may: [allow("iam:*")] });
  const session = await signIn(page, alice);
  await open(page, session, "/security-credentials");
  await world.dev.server.advance("11m");
  await page.getByRole("button", { name: "Create access key" }).first().click();
  const creating = page.getByRole("dialog", { name: "Create an access key" });
  await creating.getByRole("radio").first().check();
  await creating.getByRole("button", { name: /^Create/ }).click();

  const asked = page.getByRole("dialog", { name: "Confirm that it is you" });
  const password = asked.getByLabel("Password");
  await expect(password).toBeFocused();
  await expectNoAxeViolations(page, { modes: ["light"] });
  await password.fill("not this one");
  await asked.getByRole("button", { name: "Confirm" }).click();
  await expect(asked.getByText("That is not right. Try again.").first()).toBeVisible();
  await expect(password).toHaveValue("");

  await password.fill(alice.password);
  await asked.getByRole("button", { name: "Confirm" }).click();
  await expect(asked).toBeHidden();
  await expect(page.getByText(/AKIA[A-Z0-9]{12,}/).first()).toBeVisible();
});
