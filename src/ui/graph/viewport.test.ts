import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  between,
  fitRect,
  isVisible,
  keepAnchor,
  resize,
  toScreen,
  toWorld,
  type View,
  visibleWorld,
  zoomAt,
} from "./viewport.ts";

const px = fc.double({ min: -5000, max: 5000, noNaN: true });
const views: fc.Arbitrary<View> = fc.record({
  scale: fc.double({ min: 0.02, max: 3, noNaN: true }),
  panX: px,
  panY: px,
});
const points = fc.record({ x: px, y: px });
const size = { width: 1200, height: 800 };

describe("viewport", () => {
  test("screen to world and back", () => {
    fc.assert(
      fc.property(views, points, (view, point) => {
        const back = toScreen(view, toWorld(view, point));
        expect(back.x).toBeCloseTo(point.x, 5);
        expect(back.y).toBeCloseTo(point.y, 5);
      }),
    );
  });

  test("zooming keeps what is under the pointer, and undoes itself", () => {
    fc.assert(
      fc.property(views, points, fc.double({ min: 0.8, max: 1.2, noNaN: true }), (view, at, factor) => {
        const zoomed = zoomAt(view, factor, at);
        const [before, after] = [toWorld(view, at), toWorld(zoomed, at)];
        expect(after.x).toBeCloseTo(before.x, 4);
        expect(after.y).toBeCloseTo(before.y, 4);
        expect(zoomAt(zoomed, 1 / factor, at).panX).toBeCloseTo(view.panX, 4);
      }),
    );
  });

  test("fitting shows the whole rectangle in the middle", () => {
    fc.assert(
      fc.property(
        points,
        fc.integer({ min: 1, max: 50_000 }),
        fc.integer({ min: 1, max: 50_000 }),
        ({ x, y }, w, h) => {
          const rect = { left: x, top: y, right: x + w, bottom: y + h };
          const view = fitRect(rect, size);
          expect(isVisible(view, rect, size)).toBe(true);
          expect(toScreen(view, { x: x + w / 2, y: y + h / 2 }).x).toBeCloseTo(600, 3);
        },
      ),
    );
  });

  test("an anchor that a new layout moved stays on its place of the screen", () => {
    const view = { scale: 0.5, panX: 10, panY: 20 };
    const [before, after] = [
      { x: 100, y: 300 },
      { x: 900, y: 50 },
    ];
    expect(toScreen(keepAnchor(view, before, after), after)).toEqual(toScreen(view, before));
  });

  test("a resized viewport keeps its middle", () => {
    const view = { scale: 2, panX: 3, panY: 4 };
    const after = { width: 600, height: 900 };
    expect(toWorld(resize(view, size, after), { x: 300, y: 450 })).toEqual(toWorld(view, { x: 600, y: 400 }));
  });

  test("a glide begins and ends at its views and zooms steadily", () => {
    fc.assert(
      fc.property(views, views, (from, to) => {
        expect(between(from, to, size, 0).panX).toBeCloseTo(from.panX, 2);
        expect(between(from, to, size, 1).panX).toBeCloseTo(to.panX, 2);
        expect(between(from, to, size, 0.5).scale).toBeCloseTo(Math.sqrt(from.scale * to.scale), 6);
      }),
    );
  });

  test("the visible world grows by a margin in screen px", () => {
    expect(visibleWorld({ scale: 0.5, panX: 0, panY: 0 }, size, 10)).toEqual({
      left: -20,
      top: -20,
      right: 2420,
      bottom: 1620,
    });
  });
});
