import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureChromium } from "./chromium.mjs";
import { ensurePackages } from "./packages.mjs";
import { runBin } from "./run.mjs";
import { countPlaywright, countVitest, sum } from "./test-counts.mjs";

ensurePackages();
const chromium = ensureChromium();

/** Steps that are not tests: each failure fails the whole run and is counted as one. */
const checks = [
  ["build", "vite", ["build", "--logLevel", "warn"]],
  ["types of core", "tsc", ["--noEmit", "-p", "tsconfig.core.json"]],
  ["types", "tsc", ["--noEmit", "-p", "tsconfig.json"]],
  ["lint", "biome", ["check", "--error-on-warnings", "."]],
  ["unused code", "knip", []],
];
const failedChecks = [];
for (const [name, bin, args] of checks) {
  console.log(`\n— ${name}`);
  if (runBin(bin, args) !== 0) failedChecks.push(name);
}

const folder = mkdtempSync(join(tmpdir(), "rill-test-"));
const report = (name) => {
  try {
    return JSON.parse(readFileSync(join(folder, name), "utf8"));
  } catch {
    return undefined;
  }
};

console.log("\n— unit tests");
const vitestCode = runBin("vitest", [
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${join(folder, "vitest.json")}`,
]);
console.log("\n— journeys");
const playwrightCode = runBin("playwright", ["test", "--reporter=list,json"], {
  PLAYWRIGHT_JSON_OUTPUT_FILE: join(folder, "playwright.json"),
  ...(chromium ? { RILL_CHROMIUM: chromium } : {}),
});

const counts = sum(
  countVitest(report("vitest.json"), vitestCode),
  countPlaywright(report("playwright.json"), playwrightCode),
  { passed: 0, failed: failedChecks.length, skipped: 0 },
);
rmSync(folder, { recursive: true, force: true });
for (const name of failedChecks) console.log(`check failed: ${name}`);
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed > 0 || vitestCode !== 0 || playwrightCode !== 0 ? 1 : 0;
