import fc from "fast-check";
import { expect, test } from "vitest";
import { type Graph, makeNode } from "../../../ir/graph.ts";
import { floatTensor } from "../../../ir/tensor.ts";
import { Observer } from "../../observe.ts";
import type { NumberFormat } from "../number-format.ts";
import { placeExponents } from "../place-exponents.ts";
import { stateOf } from "./exponent-state.ts";
import { jointGroups } from "./joint-groups.ts";
import { OwnErrors } from "./own-error.ts";

const P4: NumberFormat = { bits: 8, biasBits: 32, rounding: "half-even", perChannelFilters: true };

const graph: Graph = {
  name: "g",
  inputs: [{ name: "x", dtype: "float32", shape: [1, 2, 8] }],
  outputs: [{ name: "y" }],
  initializers: new Map([["w", floatTensor([0.5, -0.25, 1, 0.75], [2, 2, 1])]]),
  nodes: [makeNode("Conv", ["x", "w"], ["y"], {}, "c")],
  values: new Map(),
};

function observed(values: readonly number[]) {
  const observer = new Observer();
  observer.add(Float32Array.from(values));
  return observer.statistic();
}

const joint = jointGroups({ graph, formatOf: () => P4 });
const data = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 4, maxLength: 40 });

test("coarser is no move where all of it fits, and always one where something is clipped", () => {
  fc.assert(
    fc.property(data, fc.integer({ min: -9, max: 2 }), (values, exponent) => {
      const statistics = new Map(["x", "y"].map((name) => [name, observed(values)]));
      const own = new OwnErrors(joint, statistics, P4.rounding);
      const state = { groups: joint.groups.map(() => exponent), parameters: [[-7, -7]] };
      const largest = Math.max(...values.map(Math.abs));
      const gain = own.gain(state, 0, 1);
      if (largest > 128 * 2 ** exponent) expect(gain).toBeDefined();
      if (largest < 126 * 2 ** exponent) expect(gain).toBeUndefined();
      // Where even half of the steps holds everything, finer steps can only help.
      if (largest < 60 * 2 ** exponent && largest > 0) expect(own.gain(state, 0, -1)).toBeGreaterThan(0);
    }),
  );
});

test("a filter that fits is never made coarser", () => {
  const own = new OwnErrors(joint, new Map(), P4.rounding);
  const at = (exponents: readonly number[]) => ({
    groups: joint.groups.map(() => 0),
    parameters: [exponents],
  });
  const filter = joint.groups.length;
  expect(own.gain(at([-7, -6]), filter, 1)).toBeUndefined();
  expect(own.gain(at([-9, -6]), filter, 1)).toBeGreaterThan(0);
});

test("a placement without groups becomes the state whose deciding slots are as it says", () => {
  const placement = placeExponents({ graph, formatOf: () => P4 }, ({ value }) => (value === "x" ? -4 : -3));
  const otherwise = { groups: joint.groups.map(() => 9), parameters: [[9, 9]] };
  const { groups, parameters } = stateOf(joint, placement, otherwise);
  expect(groups).toEqual(joint.groups.map(({ root }) => (root.value === "x" ? -4 : -3)));
  expect(parameters).toEqual([[-7, -6]]);
  const other = jointGroups({ graph, formatOf: () => ({ ...P4, bits: 16 }) });
  expect(stateOf(other, placement, otherwise)).toEqual(otherwise);
});
