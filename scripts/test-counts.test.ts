import { expect, test } from "vitest";
import { countPlaywright, countVitest, sum } from "./test-counts.mjs";

test("a runner without a report, and an exit code that no test explains, count as a failure", () => {
  expect(countVitest(undefined, 0).failed).toBe(1);
  expect(countPlaywright(undefined, 1).failed).toBe(1);
  const clean = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 1, testResults: [] };
  expect(countVitest(clean, 1)).toEqual({ passed: 3, failed: 1, skipped: 1 });
  expect(countVitest(clean, 0)).toEqual({ passed: 3, failed: 0, skipped: 1 });
});

test("a test file that does not load counts as one failure", () => {
  const report = {
    numPassedTests: 1,
    numFailedTests: 1,
    numPendingTests: 0,
    testResults: [
      { status: "failed", assertionResults: [] },
      { status: "failed", assertionResults: [{ status: "failed" }] },
    ],
  };
  expect(countVitest(report, 1).failed).toBe(2);
});

test("both runners add up", () => {
  const journeys = countPlaywright({ stats: { expected: 4, unexpected: 1, flaky: 0, skipped: 2 } }, 1);
  expect(sum(journeys, { passed: 1, failed: 0, skipped: 0 })).toEqual({ passed: 5, failed: 1, skipped: 2 });
});
