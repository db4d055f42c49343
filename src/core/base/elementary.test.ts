import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cos, exp, log, log2, log10, pow, sin } from "./elementary.ts";

const view = new DataView(new ArrayBuffer(8));

/** Position of a double on the number line, in units of the last place. */
function ordinal(x: number): bigint {
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}

function ulps(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.POSITIVE_INFINITY;
  const d = ordinal(a) - ordinal(b);
  return Number(d < 0n ? -d : d);
}

const anywhere = fc.double();
const moderate = fc.double({ min: -50, max: 50, noNaN: true });
const positive = fc.double({ min: 0, noNaN: true });
const runs = { numRuns: 20_000 };

// 2 ulp: one for the function, one for the engine's own (V8's Math.* is within 1 ulp of the truth, its pow within 2).
describe("agrees with the engine's own to the last bits", () => {
  test.each([
    ["exp", exp, Math.exp, fc.oneof(anywhere, moderate, fc.double({ min: -746, max: 710, noNaN: true })), 2],
    ["log", log, Math.log, fc.oneof(anywhere, positive, fc.double({ min: 0.5, max: 2, noNaN: true })), 2],
    ["log2", log2, Math.log2, fc.oneof(positive, fc.double({ min: 0.5, max: 2, noNaN: true })), 2],
    ["log10", log10, Math.log10, fc.oneof(positive, fc.double({ min: 0.5, max: 2, noNaN: true })), 2],
    ["sin", sin, Math.sin, fc.oneof(anywhere, moderate), 2],
    ["cos", cos, Math.cos, fc.oneof(anywhere, moderate), 2],
  ] as const)("%s", (_name, ours, theirs, numbers, limit) => {
    fc.assert(
      fc.property(numbers, (x) => {
        expect(ulps(ours(x), theirs(x))).toBeLessThanOrEqual(limit);
      }),
      runs,
    );
  });

  test("pow", () => {
    const pair = fc.oneof(
      fc.tuple(anywhere, anywhere),
      fc.tuple(positive, fc.double({ min: -40, max: 40, noNaN: true })),
      fc.tuple(moderate, fc.integer({ min: -30, max: 30 })),
    );
    fc.assert(
      fc.property(pair, ([x, y]) => {
        expect(ulps(pow(x, y), x ** y)).toBeLessThanOrEqual(3);
      }),
      runs,
    );
  });
});

test("special values are those of Math", () => {
  const special = [0, -0, 1, -1, 0.5, -2, 3, 2 ** 53, Number.MIN_VALUE, Number.MAX_VALUE];
  const all = [...special, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
  for (const x of all) {
    for (const [ours, theirs] of [
      [exp, Math.exp],
      [log, Math.log],
      [log2, Math.log2],
      [log10, Math.log10],
      [sin, Math.sin],
      [cos, Math.cos],
    ] as const) {
      expect(ulps(ours(x), theirs(x)), `${theirs.name}(${x})`).toBeLessThanOrEqual(1);
    }
    for (const y of all) expect(ulps(pow(x, y), x ** y), `${x} ** ${y}`).toBeLessThanOrEqual(1);
  }
});

test("exact where the result is exact", () => {
  for (let k = -1074; k <= 1023; k++) expect(log2(2 ** k)).toBe(k);
  for (let k = 0; k <= 22; k++) {
    expect(log10(Number(`1e${k}`))).toBe(k);
    expect(pow(10, k)).toBe(Number(`1e${k}`));
  }
  for (let a = 1; a < 200; a++) expect(pow(a, 2)).toBe(a * a);
  expect(exp(0)).toBe(1);
  expect(log(1)).toBe(0);
});

// From 60-digit arithmetic: hard cases of argument reduction.
test("sine next to multiples of π", () => {
  expect(sin(Math.PI)).toBe(1.2246467991473532e-16);
  expect(cos(Math.PI / 2)).toBe(6.123233995736766e-17);
  expect(sin(1e22)).toBe(-0.8522008497671888);
  expect(cos(2 ** 1000 * 1.5)).toBeCloseTo(Math.cos(2 ** 1000 * 1.5), 15);
});

// The bits themselves are the contract: packages are compared byte for byte between engines.
test("a fixed set of bits", () => {
  let hash = 0n;
  for (let i = 1; i <= 500; i++) {
    const x = i * 0.37;
    for (const y of [exp(x / 20), log(x), log2(x), log10(x), pow(x, 1.7), sin(x), cos(x * 1e5)]) {
      hash = BigInt.asUintN(64, hash * 1099511628211n + ordinal(y));
    }
  }
  expect(hash.toString(16)).toMatchInlineSnapshot(`"edbdabbca32dc53e"`);
});
