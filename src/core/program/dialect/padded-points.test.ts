import fc from "fast-check";
import { expect, test } from "vitest";
import { modelOf } from "../../../../test/one-operator.ts";
import { weights } from "../../../../test/operator-cases.ts";
import { attributesOf } from "../../ir/attributes.ts";
import { intsAttribute } from "../../ir/graph.ts";
import { numbers } from "../../ir/tensor.ts";
import { toEspdlDialect } from "./espdl-dialect.ts";

const axis = fc.record({
  kernel: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  before: fc.integer({ min: 0, max: 4 }),
  after: fc.integer({ min: 0, max: 4 }),
});

test("what stays inside a convolution is narrower than its kernel, and nothing is lost", () => {
  fc.assert(
    fc.property(fc.array(axis, { minLength: 1, maxLength: 2 }), (axes) => {
      const model = modelOf({
        op: "Conv",
        dims: [1, 2, ...axes.map(() => 9)],
        more: [weights([2, 2, ...axes.map((a) => a.kernel)], 1)],
        attributes: {
          dilations: intsAttribute(axes.map((a) => a.dilation)),
          pads: intsAttribute([...axes.map((a) => a.before), ...axes.map((a) => a.after)]),
        },
      });
      const { nodes, initializers } = toEspdlDialect(model).graph;
      const conv = nodes.find((n) => n.op === "Conv");
      const pad = nodes.find((n) => n.op === "Pad");
      const inside = conv ? attributesOf(conv).ints("pads", []) : [];
      const given = initializers.get(pad?.inputs[1] ?? "");
      const rank = axes.length + 2;
      const outside = given ? numbers(given) : [];
      for (const [i, { kernel, dilation, before, after }] of axes.entries()) {
        const kept = [inside[i] ?? 0, inside[i + axes.length] ?? 0];
        const moved = [outside[i + 2] ?? 0, outside[i + 2 + rank] ?? 0];
        expect([(kept[0] ?? 0) + (moved[0] ?? 0), (kept[1] ?? 0) + (moved[1] ?? 0)]).toEqual([before, after]);
        expect(Math.max(...kept)).toBeLessThan((kernel - 1) * dilation + 1);
      }
      expect(pad !== undefined).toBe(outside.some((p) => p > 0));
    }),
  );
});
