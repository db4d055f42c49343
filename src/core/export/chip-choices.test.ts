import { expect, test } from "vitest";
import type { Finding } from "../base/problem.ts";
import { raiseTable } from "./chip-choices.ts";

const raise = (value: string, to: number): Finding => ({
  severity: "info",
  problem: { code: "quant.exponentRaised", node: "conv", value, reason: "negativeShift", from: -9, to },
});

test("channels to which the same happened share a row", () => {
  const { rows } = raiseTable([
    raise("w", -7),
    raise("w", -7),
    raise("w", -6),
    raise("w", -7),
    raise("v", -7),
  ]);
  expect(rows.map((row) => row.slice(0, 3))).toEqual([
    ["conv", "w", "-9 → -7 in 3 channels"],
    ["conv", "w", "-9 → -6"],
    ["conv", "v", "-9 → -7"],
  ]);
});
