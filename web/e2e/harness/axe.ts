import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { inMode } from "./browser";

/** What of the page is looked at: the whole, or what a dialog's selector names. */
export interface AxeOptions {
  include?: string;
  modes?: ("light" | "dark")[];
}

/** Fails for anything that axe finds, in light and in dark, and for a page that scrolls sideways. */
export async function expectNoAxeViolations(page: Page, options: AxeOptions = {}): Promise<void> {
  for (const mode of options.modes ?? ["light", "dark"]) {
    await inMode(page, mode);
    let axe = new AxeBuilder({ page });
    if (options.include) axe = axe.include(options.include);
    const { violations } = await axe.analyze();
    const found = violations.flatMap(({ id, help, nodes }) =>
      nodes.map((n) => `${id} (${help}): ${n.target} ${n.html.slice(0, 300)}\n  ${n.failureSummary}`),
    );
    expect(found, `axe, ${mode}, ${page.url()}`).toEqual([]);
  }
  await inMode(page, "light");
}

/** Fails when the page is wider than the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const { whole, seen } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { whole: scrollWidth, seen: clientWidth };
  });
  expect(whole, `${page.url()} is wider than its window of ${seen}`).toBeLessThanOrEqual(seen);
}
