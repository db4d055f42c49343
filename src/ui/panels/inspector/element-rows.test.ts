import { expect, test } from "vitest";
import { elementRows } from "./element-rows.ts";

const channel = { min: 0, max: 0, low: 0, high: 0 };

test("elements have their index on every axis, integers the reals of their channel", () => {
  const grid = {
    axis: 1,
    channels: [
      { ...channel, scale: 0.5, zeroPoint: 0 },
      { ...channel, scale: 2, zeroPoint: 1 },
    ],
  };
  const rows = elementRows(Int8Array.of(1, 2, 3, 4), [2, 2], grid);
  expect(rows.map((r) => r.index)).toEqual(["0, 0", "0, 1", "1, 0", "1, 1"]);
  expect(rows.map((r) => r.real)).toEqual([0.5, 2, 1.5, 6]);
  expect(elementRows([7n], [], undefined)).toEqual([{ flat: 0, index: "–", value: 7 }]);
});
