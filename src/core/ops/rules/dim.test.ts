import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dim } from "../../ir/graph.ts";
import {
  addDims,
  dimAtOne,
  divideExactly,
  floorDivide,
  multiplyDims,
  productOf,
  sameDim,
  subtractDims,
} from "./dim.ts";

const NAMES = ["T", "batch", "unk__1", "a b", "19000", "s0 + 3"];

/** An expression with its value for one choice of lengths. */
interface Twin {
  readonly dim: Dim;
  readonly value: number;
}

const leaf: fc.Arbitrary<Twin> = fc.oneof(
  fc.integer({ min: -9, max: 40 }).map((n) => ({ dim: n, value: n })),
  // "s0 + 3" is an expression; the others are opaque names.
  fc
    .constantFrom(...NAMES)
    .map((name) => ({ dim: name, value: name === "s0 + 3" ? 24 : 11 + name.length * 6 })),
);

const { twin } = fc.letrec<{ twin: Twin }>((tie) => ({
  twin: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc
      .tuple(tie("twin"), tie("twin"))
      .map(([a, b]) => ({ dim: addDims(a.dim, b.dim), value: a.value + b.value })),
    fc
      .tuple(tie("twin"), tie("twin"))
      .map(([a, b]) => ({ dim: subtractDims(a.dim, b.dim), value: a.value - b.value })),
    fc
      .tuple(tie("twin"), leaf)
      .map(([a, b]) => ({ dim: multiplyDims(a.dim, b.dim), value: a.value * b.value })),
    fc
      .tuple(tie("twin"), fc.integer({ min: 1, max: 7 }))
      .map(([a, k]) => ({ dim: floorDivide(a.dim, k), value: Math.floor(a.value / k) })),
  ),
}));

/** The value of an expression, by an independent reading of its text. */
function evaluate(dim: Dim): number {
  if (typeof dim === "number") return dim;
  const lengths: Record<string, number> = {};
  let text = NAMES.includes(dim ?? "") && dim !== "s0 + 3" ? `<${dim}>` : String(dim);
  text = text.replace(/<([^<>]*)>/g, (_, name: string) => String(11 + name.length * 6));
  for (const name of ["T", "batch", "unk__1"]) lengths[name] = 11 + name.length * 6;
  lengths.s0 = 21;
  text = text.replace(/[A-Za-z_]\w*/g, (name) => (name === "floor" ? "Math.floor" : String(lengths[name])));
  return Number(new Function(`return ${text}`)());
}

describe("dimensions", () => {
  test("every expression prints as what it computes", () => {
    fc.assert(
      fc.property(twin, ({ dim, value }) => {
        // Adding 0 makes one zero of both.
        expect(evaluate(dim) + 0).toBe(value + 0);
      }),
      { numRuns: 1000 },
    );
  });

  test("sums do not depend on order, and differences cancel", () => {
    fc.assert(
      fc.property(twin, twin, ({ dim: a }, { dim: b }) => {
        expect(addDims(a, b)).toEqual(addDims(b, a));
        expect(sameDim(subtractDims(addDims(a, b), b), a)).toBe(true);
        expect(sameDim(multiplyDims(a, b), multiplyDims(b, a))).toBe(true);
      }),
    );
  });

  test("lengths read as people write them", () => {
    expect(addDims("T", 19)).toBe("T+19");
    expect(subtractDims(addDims("T", 19), 19)).toBe("T");
    expect(multiplyDims("T", 2)).toBe("2*T");
    expect(floorDivide("T", 2)).toBe("floor(T/2)");
    expect(floorDivide(addDims("T", 3), 2)).toBe("floor((T+1)/2)+1");
    expect(floorDivide(floorDivide("T", 2), 2)).toBe("floor(T/4)");
    expect(productOf(["B", "T", 2])).toBe("2*B*T");
    expect(divideExactly("2*B*T", "T")).toBe("2*B");
    expect(divideExactly("T+1", 2)).toBeNull();
    expect(addDims("19000", 1)).toBe("<19000>+1");
    expect(subtractDims("<19000>+1", 1)).toBe("19000");
  });

  test("an extent for a batch of one", () => {
    expect(dimAtOne("batch")).toBe(1);
    expect(dimAtOne("161*batch_size")).toBe(161);
    expect(dimAtOne("floor((3*B+4)/2)+1")).toBe(4);
    expect(dimAtOne(7)).toBe(7);
  });
});
