import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { inMode } from "./browser";

/** What of the page is looked at: the whole, or what a dialog's selector names. */
export interface AxeOptions {
  include?: string;
  modes?: ("light" | "dark")[];
  /** Rules that a test breaks on purpose. */
  without?: string[];
}

/** Fails for anything that axe finds, in light and in dark, and for a page that scrolls sideways. */
export async function expectNoAxeViolations(page: Page, options: AxeOptions = {}): Promise<void> {
  for (const mode of options.modes ?? ["light", "dark"]) {
    await inMode(page, mode);
    let axe = new AxeBuilder({ page });
    if (options.include) axe = axe.include(options.include);
    if (options.without) axe = axe.disableRules(options.without);
    const { violations } = await axe.analyze();
    const found = violations.flatMap(({ id, help, nodes }) =>
      nodes.map((n) => `${id} (${help}): ${n.target} ${n.html.slice(0, 300)}\n  ${n.failureSummary}`),
    );
    expect(found, `axe, ${mode}, ${page.url()}`).toEqual([]);
  }
  await inMode(page, "light");
}

/** Fails when the page is wider than the window and stays so: Cloudscape lays out anew some frames after a resize. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), {
      message: `${page.url()} is wider than its window`,
    })
    .toBeLessThanOrEqual(0);
}
