import { describe, expect, it } from "vitest";
import { roundFloat32 } from "../quant/esp/rounding.ts";
import type { FloatFunction } from "./float-function.ts";
import { runtimeFunction } from "./runtime-function.ts";

/** Input, its exponent, the output's exponent, output. */
type Row = readonly [x: number, from: number, to: number, y: number];

/**
 * What ESP-DL 3.3.9 gives at 16 bits, ties up: its modules, compiled as it compiles them (-O3 -ffast-math, products and sums fused), over
 * all 65536 inputs. At each of these the function of ONNX, rounded
 * once, is one off.
 */
const RUNTIME: readonly (readonly [FloatFunction, readonly Row[]])[] = [
  [
    { op: "Sigmoid" },
    [
      [-30926, -15, -15, 9179],
      [358, -15, -15, 16473],
      [17967, -15, -15, 20767],
      [13762, -13, -12, 3452],
      [768, -11, -15, 19420],
    ],
  ],
  [
    { op: "Tanh" },
    [
      [-31500, -15, -15, -24407],
      [-1172, -15, -15, -1171],
      [3983, -15, -15, 3964],
      [9945, -15, -15, 9651],
    ],
  ],
  [
    { op: "Swish" },
    [
      [-14270, -15, -15, -5605],
      [28243, -15, -15, 19857],
      [16668, -13, -12, 7371],
      [-14632, -12, -15, -3198],
    ],
  ],
  [
    { op: "Elu" },
    [
      [-29388, -15, -15, -19403],
      [-1137, -15, -15, -1117],
      [-5458, -13, -15, -15937],
    ],
  ],
  [
    { op: "Elu", alpha: Math.fround(0.7) },
    [
      [-30594, -15, -15, -13921],
      [-13731, -15, -12, -981],
      [-538, -13, -13, -365],
    ],
  ],
  [
    { op: "HardSwish" },
    [
      [-32588, -15, -15, -10892],
      [-30353, -15, -15, -10490],
      [-28753, -15, -15, -10171],
    ],
  ],
  [
    { op: "HardSigmoid" },
    [
      [-20475, -13, -12, 0],
      [-20335, -13, -12, 14],
      [-20125, -13, -12, 35],
    ],
  ],
];

describe("functions without a table", () => {
  const round = roundFloat32("half-up");
  for (const [f, rows] of RUNTIME)
    it(`${f.op}${f.alpha === undefined ? "" : " with a slope"} rounds where the runtime does`, () => {
      const at = runtimeFunction(f);
      const got = rows.map(([x, from, to]) => round(at(x * 2 ** from) * 2 ** -to));
      expect(got).toEqual(rows.map(([, , , y]) => y));
    });
});
