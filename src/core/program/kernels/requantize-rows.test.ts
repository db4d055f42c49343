import { describe, expect, it } from "vitest";
import { requantizeRows } from "./requantize-rows.ts";

const HIGHEST = 2 ** 31 - 1;
const LOWEST = -(2 ** 31);

/** Of rows x · w for one x each, with the bias of every column and a shift of 25. */
function requantized(
  { relu = false, dtype = "int8" }: { readonly relu?: boolean; readonly dtype?: "int8" | "int16" },
  biases: readonly number[],
  sums: readonly (readonly number[])[],
): number[] {
  const of = { outputs: biases.length, shifts: [25], relu, record: { dtype }, rounding: "half-up" } as const;
  return Array.from(requantizeRows(Float64Array.from(sums.flat()), Float64Array.from(biases), of));
}

// Every expected number of 8 bits is what Conv and Gemm of ESP-DL 3.3.9, compiled without vector unit, gave for these biases.
describe("a bias at the end of 32 bits", () => {
  const biases = [HIGHEST, LOWEST, HIGHEST, LOWEST];
  const rows = [
    [0, 0, 0, 0],
    [127, -128, 1, -1],
    [-127, 128, -1, 1],
  ];

  it("wraps where the sum goes beyond", () => {
    expect(requantized({}, biases, rows)).toEqual([64, -64, 64, -64, -64, 64, -64, 64, 64, -64, 64, -64]);
  });

  it("wraps before the Relu", () => {
    expect(requantized({ relu: true }, biases, rows)).toEqual([64, 0, 64, 0, 0, 64, 0, 64, 64, 0, 64, 0]);
  });

  it("goes on in the 64 bits of 16-bit operands", () => {
    expect(requantized({ dtype: "int16" }, [HIGHEST], [[2 ** 27]])).toEqual([68]);
  });
});
