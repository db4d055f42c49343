import fc from "fast-check";
import { expect, it } from "vitest";
import { inPieces, joined } from "./pieces.ts";

it("an answer crosses in pieces as it was, none of them long", () => {
  const list = fc.nat(7000).map((n) => Array.from({ length: n }, (_, i) => ({ i })));
  const answers = fc.record({
    list,
    map: list.map((items) => new Map(items.map((item) => [`v${item.i}`, item]))),
    few: fc.array(fc.nat()),
    bytes: fc.uint8Array(),
    text: fc.string(),
  });
  fc.assert(
    fc.property(answers, (answer) => {
      const { head, pieces } = structuredClone(inPieces(answer));
      expect(pieces.every(({ items }) => items.length <= 2000)).toBe(true);
      expect(joined(head, pieces)).toEqual(answer);
    }),
    { numRuns: 30 },
  );
});

it("whatever is no record stays whole", () => {
  const long = new Array(3000).fill(1);
  for (const output of [undefined, 3, long, new Float32Array(9000)])
    expect(inPieces(output)).toEqual({ head: output, pieces: [] });
});
