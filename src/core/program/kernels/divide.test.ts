import { describe, expect, it } from "vitest";
import { type DType, elements, tensorOf } from "../../ir/tensor.ts";
import type { Rounding } from "../../quant/scheme.ts";
import { dividesByReciprocal } from "../division.ts";
import { runDivide } from "./elementwise.ts";

interface Operand {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

/** All exponents are 0. */
function divided(
  dtype: "int8" | "int16",
  operands: readonly [Operand, Operand],
  dims: readonly number[],
  rounding: Rounding = "half-up",
): number[] {
  const [a, b] = operands;
  const reciprocal = dividesByReciprocal(a.dims, b.dims, dtype);
  const recordOf = (name: string, of: readonly number[]) => ({
    name,
    dtype: dtype as DType,
    dims: of,
    exponents: [0],
  });
  const [y] = runDivide({
    kernel: {
      op: "Div",
      name: "div",
      attributes: {},
      form: { kind: "divide", log2: 0, reciprocal },
      inputs: ["a", "b"],
      outputs: ["y"],
    },
    form: { kind: "divide", log2: 0, reciprocal },
    inputs: operands.map((o) =>
      tensorOf(dtype === "int8" ? Int8Array.from(o.data) : Int16Array.from(o.data), o.dims),
    ),
    inputRecords: operands.map((o, i) => recordOf("ab".charAt(i), o.dims)),
    outputRecords: [recordOf("y", dims)],
    rounding,
  });
  return y ? Array.from(elements(y), Number) : [];
}

// Every expected number is what the modules of ESP-DL 3.3.9 gave for these operands.
describe("Div of integers", () => {
  const zeros: Operand = { dims: [3], data: [0, 0, 0] };

  it("gives 0 for 0/0 and saturates other divisions by zero", () => {
    const a: Operand = { dims: [3], data: [0, 5, -5] };
    expect(divided("int8", [a, zeros], [3])).toEqual([0, 127, -128]);
    expect(divided("int16", [a, zeros], [3])).toEqual([0, 32767, -32768]);
  });

  it("has the lowest integer for 0/0 in the table of a single 8-bit dividend only", () => {
    const zero: Operand = { dims: [1], data: [0] };
    expect(divided("int8", [zero, zero], [1])).toEqual([-128]);
    expect(divided("int8", [zero, zeros], [3])).toEqual([-128, -128, -128]);
    expect(divided("int8", [zeros, zero], [3])).toEqual([0, 0, 0]);
    expect(divided("int16", [zero, zero], [1])).toEqual([0]);
    expect(divided("int16", [zero, zeros], [3])).toEqual([0, 0, 0]);
  });

  // Odd multiples of a half, each also with the other sign.
  const halves = [-49, 49, -91, 91, -75, 75, -98, 98];
  const by = [14, 14, 30, 28];

  it.each(["int8", "int16"] as const)(
    "of %s multiplies by the reciprocal that a whole row shares",
    (dtype) => {
      const shared = [-4, 4, -7, 7, -3, 3, -4, 4];
      for (const rounding of ["half-up", "half-even"] as const)
        for (const ones of [[], [1], [1, 1]]) {
          const rows = [
            { dims: [4, 2, ...ones], data: halves },
            { dims: [4, 1, ...ones], data: by },
          ] as const;
          expect(divided(dtype, rows, [4, 2, ...ones], rounding)).toEqual(shared);
        }
    },
  );

  it.each(["int8", "int16"] as const)("of %s divides where divisors change within a row", (dtype) => {
    const whole = [
      { dims: [4, 2], data: halves },
      { dims: [4, 2], data: by.flatMap((b) => [b, b]) },
    ] as const;
    expect(divided(dtype, whole, [4, 2])).toEqual([-3, 4, -6, 7, -2, 3, -3, 4]);
    expect(divided(dtype, whole, [4, 2], "half-even")).toEqual([-4, 4, -6, 6, -2, 2, -4, 4]);
    const row = [
      { dims: [4, 1], data: [-49, -91, -75, -98] },
      { dims: [1, 3], data: [14, 30, 28] },
    ] as const;
    expect(divided(dtype, row, [4, 3])).toEqual([-3, -2, -2, -6, -3, -3, -5, -2, -3, -7, -3, -3]);
  });

  it("of a single element divides at 8 bits only", () => {
    const single = [
      { dims: [1], data: [-49] },
      { dims: [1], data: [14] },
    ] as const;
    expect(divided("int8", single, [1])).toEqual([-3]);
    expect(divided("int16", single, [1])).toEqual([-4]);
  });
});
