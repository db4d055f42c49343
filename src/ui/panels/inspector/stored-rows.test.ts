import { expect, test } from "vitest";
import { createText } from "../../i18n/text.ts";
import { storedRows } from "./stored-rows.ts";

const text = createText("en");

test("exponents of an .espdl value, scale and zero point of a QDQ value, nothing for float", () => {
  expect(storedRows({ name: "a", dtype: "int8", exponents: [-5] }, text)).toEqual([
    ["Exponent", "−5"],
    ["Step", "0.03125"],
    ["Reach", "−4 … 3.969"],
  ]);
  const grid = { dtype: "uint8", scales: [0.5, 0.5], zeroPoints: [128, 128], channels: 1 } as const;
  expect(storedRows({ name: "b", dtype: "float32", grid }, text)).toEqual([
    ["Scale · zero point", "0.5 · 128 · uint8"],
    ["Step", "0.5"],
    ["Reach", "−64 … 63.5"],
  ]);
  expect(storedRows({ name: "c", dtype: "float32" }, text)).toEqual([]);
});
