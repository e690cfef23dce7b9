/** One line at the end that says how it went and where the time went, as the list above it is long; and what passed only when tried again. */
import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";

export default class Summary implements Reporter {
  private readonly tests = new Set<TestCase>();
  private readonly files = new Map<string, number>();

  onTestEnd(test: TestCase, result: TestResult) {
    this.tests.add(test);
    const file = fileOf(test);
    this.files.set(file, (this.files.get(file) ?? 0) + result.duration);
  }

  onEnd(result: FullResult) {
    const seconds = (ms: number) => `${(ms / 1000).toFixed(0)}s`;
    const slowest = [...this.files].sort((a, b) => b[1] - a[1]).slice(0, 5);
    const by = (outcome: ReturnType<TestCase["outcome"]>) => [...this.tests].filter((t) => t.outcome() === outcome);
    const again = by("flaky");
    for (const test of again) {
      process.stdout.write(`e2e: passed only when tried again: ${fileOf(test)}:${test.location.line} ${test.title}\n`);
    }
    process.stdout.write(
      `e2e: ${result.status}: ${by("expected").length + again.length} passed, ${again.length} of them when tried again, ` +
        `${by("unexpected").length} failed, ${by("skipped").length} skipped in ${seconds(result.duration)}; ` +
        `most time: ${slowest.map(([file, ms]) => `${file} ${seconds(ms)}`).join(", ")}\n`,
    );
  }

  printsToStdio() {
    return true;
  }
}

function fileOf(test: TestCase): string {
  return test.location.file.replace(/^.*\/e2e\//, "");
}
