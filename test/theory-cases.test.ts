import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesIn, ROOT } from "./source-imports.ts";

const numbered = (letter: string, count: number, digits = 2): string[] =>
  Array.from({ length: count }, (_, i) => `${letter}${String(i + 1).padStart(digits, "0")}`);

/** The cases of the theory of streaming: W01–W33 for the windowed law, T01–T100 for everything else. */
const CASES: readonly string[] = [...numbered("W", 33), ...numbered("T", 100)];

/** Cases that no test shows yet. */
const PENDING: ReadonlySet<string> = new Set<string>(["T90"]);

/** "T12, T13 nothing differs": the cases that a title begins with. */
const TITLE = /["'`]((?:[TW]\d{2,3}, )*[TW]\d{2,3}) /g;

function shownCases(): Map<string, string[]> {
  const shown = new Map<string, string[]>();
  for (const folder of ["src", "test"]) {
    for (const file of filesIn(folder, /\.test\.tsx?$/)) {
      const text = readFileSync(join(ROOT, folder, file), "utf8");
      for (const [, ids = ""] of text.matchAll(TITLE))
        for (const id of ids.split(", ")) shown.set(id, [...(shown.get(id) ?? []), `${folder}/${file}`]);
    }
  }
  return shown;
}

test("every case of the theory is the title of a test", () => {
  const shown = shownCases();
  expect(CASES.filter((id) => !shown.has(id) && !PENDING.has(id))).toEqual([]);
  expect([...shown.keys()].filter((id) => !CASES.includes(id))).toEqual([]);
  // What is shown is no longer open.
  expect([...PENDING].filter((id) => shown.has(id))).toEqual([]);
});
