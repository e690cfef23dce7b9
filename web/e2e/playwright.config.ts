import { defineConfig } from "@playwright/test";

// The SDK would say in every worker that its releases of 2027 want a newer Node: they are pinned.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** Debian's Chromium, and nothing that it asks of other machines by itself. */
export const chromium = {
  executablePath: process.env.REGENT_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Names of tests are this machine, as after a DNS answer that says so.
    "--host-resolver-rules=MAP *.example 127.0.0.1",
  ],
};

export default defineConfig({
  testDir: ".",
  outputDir: "../test-results",
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  // What passes only then is named at the end: a fault to be mended, of the test or of the console.
  retries: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["./harness/summary.ts"]],
  use: {
    launchOptions: chromium,
    viewport: { width: 1280, height: 800 },
    locale: "en-US",
    timezoneId: "UTC",
    contextOptions: { reducedMotion: "reduce" },
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    screenshot: "only-on-failure",
    trace: process.env.REGENT_TRACE ? "on" : "off",
  },
});
