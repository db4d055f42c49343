import fc from "fast-check";
import { expect, test } from "vitest";
import { FOCUS_MARGIN_PX, FOCUS_SCALE, focusView } from "./focus-view.ts";
import { boxOf } from "./picture.ts";
import { pictureFor, summaryOf } from "./test-picture.ts";
import { isVisible, sameView } from "./viewport.ts";

const CHAIN = summaryOf(
  Array.from({ length: 60 }, (_, i) => ["Relu", [i === 0 ? "x" : `v${i - 1}`], `v${i}`] as const),
);
const picture = pictureFor(CHAIN);
const size = { width: 900, height: 700 };
const views = fc.record({
  scale: fc.double({ min: 0.05, max: 4, noNaN: true }),
  panX: fc.double({ min: -2000, max: 2000, noNaN: true }),
  panY: fc.double({ min: -2000, max: 2000, noNaN: true }),
});
const box = fc.nat(picture.scene.nodes.length - 1);

test("all boxes come into sight, no larger than one alone would be, and asking again changes nothing", () => {
  fc.assert(
    fc.property(views, fc.uniqueArray(box, { minLength: 1, maxLength: 5 }), (view, nodes) => {
      const target = focusView(picture, nodes, { view, size });
      const alone = focusView(picture, nodes.slice(0, 1), { view, size });
      if (!target || !alone) throw new Error("no view");
      // Half a pixel for rounding: a box may fill the view to its margin.
      for (const v of nodes)
        expect(isVisible(target, boxOf(picture, v), size, FOCUS_MARGIN_PX - 0.5)).toBe(true);
      expect(target.scale).toBeLessThanOrEqual(alone.scale);
      expect(alone.scale).toBe(Math.max(view.scale, FOCUS_SCALE));
      const again = focusView(picture, nodes, { view: target, size });
      expect(again && sameView(again, target)).toBe(true);
    }),
  );
});

test("boxes side by side stay as large as one, boxes far apart do not", () => {
  const view = { scale: 1, panX: 0, panY: 0 };
  expect(focusView(picture, [3, 4], { view, size })?.scale).toBe(1);
  expect(focusView(picture, [3, 50], { view, size })?.scale).toBeLessThan(0.5);
  expect(focusView(picture, [], { view, size })).toBeUndefined();
});
