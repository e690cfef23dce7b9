import { defineConfig } from "@playwright/test";
import tests from "./playwright.config";

/** The pictures of the guide: `make screenshots`. They are no tests, and make test does not take them. */
export default defineConfig(tests, {
  testDir: "screenshots",
  testMatch: /.*\.shots\.ts/,
  workers: 1,
  timeout: 300_000,
  reporter: [["list"]],
});
