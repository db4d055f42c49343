import { expect, test } from "vitest";
import { innerScope, isScoped, ownersOf, pathOf, plainName, scopedName } from "./scoped-name.ts";

test("a name keeps where it lives, and the name that the file has", () => {
  const outer = innerScope("if_out", "then_branch");
  const loop = scopedName(outer, "loop_out");
  const value = scopedName(innerScope(loop, "body"), "x/y");
  expect(plainName(value)).toBe("x/y");
  expect(plainName("a/b")).toBe("a/b");
  expect([isScoped(value), isScoped("a/b")]).toEqual([true, false]);
  expect(ownersOf(value)).toEqual(["if_out", loop]);
  expect(ownersOf("a")).toEqual([]);
  expect(pathOf(value)).toEqual(["if_out", "then_branch", "loop_out", "body", "x/y"]);
  expect(scopedName("", "a")).toBe("a");
  // An absent optional input stays absent.
  expect(scopedName(outer, "")).toBe("");
});
