import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { keyTable } from "./key-table.ts";

it("the page of keys in the docs is the list of commands (npm run keys writes it)", () => {
  expect(readFileSync(new URL("../docs/keys.md", import.meta.url), "utf8")).toBe(keyTable());
});
