import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { keptFiles, serviceWorker } from "./offline.ts";

it("keeps every file of the build but the worker, and changes exactly when one of them does", () => {
  const folder = mkdtempSync(join(tmpdir(), "rill-kept-"));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "page");
  writeFileSync(join(folder, "assets", "a.js"), "code");
  writeFileSync(join(folder, "sw.js"), "the worker before");
  const before = keptFiles(folder);
  expect(before.map((f) => f.path)).toEqual(["assets/a.js", "index.html"]);
  writeFileSync(join(folder, "sw.js"), "another worker");
  expect(keptFiles(folder)).toEqual(before);
  writeFileSync(join(folder, "assets", "a.js"), "newer code");
  const after = keptFiles(folder);
  expect(after.map((f) => f.hash === before.find((b) => b.path === f.path)?.hash)).toEqual([false, true]);
  expect(serviceWorker("const FILES = /* FILES */ [];", after)).toBe(
    `const FILES = ${JSON.stringify(after)};`,
  );
  expect(() => serviceWorker("nothing", after)).toThrow("no place");
});
