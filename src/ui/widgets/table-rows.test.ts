import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sortedRows, visibleRange } from "./table-rows.ts";

describe("sortedRows", () => {
  it("sorts both ways, infinities at their ends, and keeps ties in order", () => {
    const rows = [
      { id: "a", v: 2 },
      { id: "b", v: Number.POSITIVE_INFINITY },
      { id: "c", v: 2 },
      { id: "d", v: -1 },
    ];
    const ids = (descending: boolean) =>
      sortedRows(rows, (r) => r.v, { column: "v", descending }).map((r) => r.id);
    expect(ids(false)).toEqual(["d", "a", "c", "b"]);
    expect(ids(true)).toEqual(["b", "a", "c", "d"]);
  });
});

describe("visibleRange", () => {
  it("covers what is in view, and its parts add up to the whole height", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30_000 }),
        fc.nat(800_000),
        fc.integer({ min: 50, max: 900 }),
        (n, t, h) => {
          const top = Math.min(t, Math.max(0, n * 30 - h));
          const { from, to, before, after } = visibleRange(n, { top, height: h }, 30);
          expect(before + (to - from) * 30 + after).toBe(n * 30);
          expect(from * 30).toBeLessThanOrEqual(top);
          expect(Math.min(n * 30, top + h)).toBeLessThanOrEqual(to * 30);
        },
      ),
    );
  });
});
