import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { en } from "../src/ui/i18n/messages.ts";
import { filesIn, ROOT } from "./source-imports.ts";

it("every word of the page is said somewhere, by its key or by a key that is put together", () => {
  const code = filesIn("src", /\.tsx?$/)
    .filter((file) => !file.startsWith("ui/i18n/words/") && !/\.test\.tsx?$/.test(file))
    .map((file) => readFileSync(join(ROOT, "src", file), "utf8"))
    .join("\n");
  const joined = [...code.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map((match) => match[1] ?? "");
  const unsaid = Object.keys(en).filter(
    (key) => !code.includes(`"${key}"`) && !joined.some((start) => key.startsWith(start)),
  );
  expect(joined.length).toBeGreaterThan(10);
  expect(unsaid).toEqual([]);
});
