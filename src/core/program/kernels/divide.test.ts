import { describe, expect, it } from "vitest";
import { type DType, elements, tensorOf } from "../../ir/tensor.ts";
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
): number[] {
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
      form: { kind: "divide", log2: 0 },
      inputs: ["a", "b"],
      outputs: ["y"],
    },
    form: { kind: "divide", log2: 0 },
    inputs: operands.map((o) =>
      tensorOf(dtype === "int8" ? Int8Array.from(o.data) : Int16Array.from(o.data), o.dims),
    ),
    inputRecords: operands.map((o, i) => recordOf("ab".charAt(i), o.dims)),
    outputRecords: [recordOf("y", dims)],
    rounding: "half-up",
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
});
