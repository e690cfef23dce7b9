/** One line at the end that says how it went and where the time went: the list above it is long. */
import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";

export default class Summary implements Reporter {
  private readonly count = { passed: 0, failed: 0, skipped: 0 };
  private readonly files = new Map<string, number>();

  onTestEnd(test: TestCase, result: TestResult) {
    if (result.status === "passed") this.count.passed++;
    else if (result.status === "skipped") this.count.skipped++;
    else this.count.failed++;
    const file = test.location.file.replace(/^.*\/e2e\//, "");
    this.files.set(file, (this.files.get(file) ?? 0) + result.duration);
  }

  onEnd(result: FullResult) {
    const seconds = (ms: number) => `${(ms / 1000).toFixed(0)}s`;
    const slowest = [...this.files].sort((a, b) => b[1] - a[1]).slice(0, 5);
    const { passed, failed, skipped } = this.count;
    process.stdout.write(
      `e2e: ${result.status}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds(result.duration)}; ` +
        `most time: ${slowest.map(([file, ms]) => `${file} ${seconds(ms)}`).join(", ")}\n`,
    );
  }

  printsToStdio() {
    return true;
  }
}
