import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupNodes } from "../../core/layout/group-nodes.ts";
import type { NodeGroup } from "../../core/layout/node-group.ts";
import type { ModelSummary } from "../../engine/reports.ts";
import { anchoredView } from "./anchor.ts";
import type { GraphSelection } from "./graph-marks.ts";
import { currentNode } from "./navigation.ts";
import type { Picture } from "./picture.ts";
import { pictureFor, summaryOf } from "./test-picture.ts";
import { toScreen, type View } from "./viewport.ts";

/** Ops in scopes of two levels; each reads the one before it and one further up. */
const models = fc
  .array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(8)), { minLength: 6, maxLength: 40 })
  .map((ops) => {
    const sorted = [...ops].sort(([a, b], [c, d]) => a - c || b - d);
    const summary = summaryOf(
      sorted.map(([, , back], i) => {
        const before = i === 0 ? "x" : `v${i - 1}`;
        return ["Add", [before, i > back ? `v${i - 1 - back}` : "x"], `v${i}`] as const;
      }),
    );
    const nodes = summary.nodes.map((n, i) => ({
      ...n,
      name: `/s${sorted[i]?.[0]}/b${sorted[i]?.[1]}/Add_${i}`,
    }));
    return { ...summary, nodes } satisfies ModelSummary;
  });

const allOf = (groups: readonly NodeGroup[]): readonly NodeGroup[] =>
  groups.flatMap((g) => [g, ...allOf(g.children)]);

function onScreen(picture: Picture, view: View, selection: GraphSelection) {
  const box = currentNode(picture.scene, selection) ?? -1;
  return toScreen(view, {
    x: picture.layout.centers[2 * box] ?? Number.NaN,
    y: picture.layout.centers[2 * box + 1] ?? Number.NaN,
  });
}

describe("opening and closing", () => {
  test("a group that is pressed stays where it is, whichever others are open, in one column or several", () => {
    const size = { width: 1000, height: 700 };
    fc.assert(
      fc.property(
        models,
        fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
        fc.nat(50),
        fc.constantFrom<0 | "auto">(0, "auto"),
        fc.record({
          scale: fc.constantFrom(0.2, 1, 2.5),
          panX: fc.integer({ min: -500, max: 500 }),
          panY: fc.nat(300),
        }),
        (summary, flags, which, wrap, given) => {
          const view: View = given;
          const groups = groupNodes({
            names: summary.nodes.map((n) => n.name),
            ops: summary.nodes.map((n) => n.op),
          });
          const every = allOf(groups);
          const pressed = every[which % every.length];
          fc.pre(pressed !== undefined);
          if (!pressed) return;
          const open = new Set(every.filter((g, i) => flags[i % 20] && g !== pressed).map((g) => g.id));
          const selection = { kind: "group", id: pressed.id } as const;
          const closed = pictureFor(summary, wrap, { groups, open });
          // Inside a closed group there is nothing to press.
          fc.pre(currentNode(closed.scene, selection) !== undefined);
          const opened = pictureFor(summary, wrap, { groups, open: new Set([...open, pressed.id]) });
          const there = anchoredView(closed, opened, { view, size, selection });
          expect(there?.scale).toBe(view.scale);
          const back = there && anchoredView(opened, closed, { view: there, size, selection });
          const place = onScreen(closed, view, selection);
          for (const [picture, seen] of [
            [opened, there],
            [closed, back],
          ] as const) {
            const now = onScreen(picture, seen ?? view, selection);
            // Centres are stored as 32-bit floats.
            expect(now.x).toBeCloseTo(place.x, 2);
            expect(now.y).toBeCloseTo(place.y, 2);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("without anything to hold on to there is no such view", () => {
    const picture = pictureFor(summaryOf([["Relu", ["x"], "y"]]));
    const looking = { view: { scale: 1, panX: 0, panY: 0 }, size: { width: 10, height: 10 } };
    expect(anchoredView(picture, picture, { ...looking, selection: undefined })).toBeUndefined();
  });
});
