import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyse, GraphSketch } from "../../../test/stream-lab.ts";
import type { Model, Node } from "../ir/graph.ts";
import { type Balance, balances } from "./balance.ts";
import { cutChoices } from "./candidate-cuts.ts";
import { cutsThrough } from "./cuts.ts";
import type { LoadModel } from "./load.ts";
import { partition } from "./partition.ts";

/** Whole numbers of seconds, so that sums are exact whatever their order. */
const load: LoadModel = { macsPerSecond: 1, weightBytesPerSecond: 0.25, dispatchSeconds: 7 };

interface Layer {
  readonly channels: number;
  readonly kernel: number;
  readonly relu: boolean;
}

const layer: fc.Arbitrary<Layer> = fc.record({
  channels: fc.integer({ min: 1, max: 6 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  relu: fc.boolean(),
});

function chain(layers: readonly Layer[]): Model {
  const g = new GraphSketch(3);
  let [x, channels] = [g.input("x", [1, 2, "T"]), 2];
  for (const { channels: out, kernel, relu } of layers) {
    x = g.conv(x, [out, channels, kernel], { pads: [kernel - 1, 0] });
    if (relu) x = g.op("Relu", [x]);
    channels = out;
  }
  return g.model([x]);
}

/** Layers of equal width, each of which may also add the output of an earlier one. */
function branchy(layers: readonly (Layer & { readonly skip: number })[]): Model {
  const g = new GraphSketch(4);
  const made = [g.input("x", [1, 3, "T"])];
  for (const { kernel, relu, skip } of layers) {
    let x = g.conv(made.at(-1) ?? "x", [3, 3, kernel], { pads: [kernel - 1, 0] });
    if (relu) x = g.op("Relu", [x]);
    const from = made[made.length - skip];
    made.push(skip > 1 && from !== undefined && from !== "x" ? g.op("Add", [x, from]) : x);
  }
  return g.model([made.at(-1) ?? ""]);
}

/** Load of each module that marks lead to, counted from the nodes themselves; undefined if a mark has no cut of its own. */
function loadsOf(model: Model, splits: readonly string[], chunk: number): number[] | undefined {
  const analysis = analyse(model, { x: 2 });
  if (cutsThrough(analysis, splits, chunk).length !== splits.length) return undefined;
  const { modules, nodes } = partition(model, analysis, { chunk, splits });
  return modules.map((module, i) => {
    const weights = new Set((nodes[i] ?? []).flatMap((n: Node) => n.inputs));
    const bytes = [...model.graph.initializers]
      .filter(([name]) => weights.has(name))
      .reduce((n, [, t]) => n + t.bytes.byteLength, 0);
    return module.cost.macs + 4 * bytes + 7 * (nodes[i]?.length ?? 0);
  });
}

function choose<T>(list: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return list.flatMap((first, i) => choose(list.slice(i + 1), count - 1).map((rest) => [first, ...rest]));
}

const heaviest = (b: Balance | undefined) => Math.max(...(b?.seconds ?? []));

describe("balance", () => {
  test("on chains no marks at all are better: brute force", () => {
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        (l, chunk) => {
          const model = chain(l);
          const found = balances(analyse(model, { x: 2 }), 4, { chunk, load });
          const values = model.graph.nodes.slice(0, -1).flatMap((n) => n.outputs);
          for (const modules of [1, 2, 3, 4]) {
            const ways = choose(values, modules - 1).flatMap((splits) => {
              const loads = loadsOf(model, splits, chunk);
              return loads ? [{ splits, loads }] : [];
            });
            const best = found[modules - 1];
            expect(best !== undefined).toBe(ways.length > 0);
            if (!best) continue;
            const least = Math.min(...ways.map((w) => Math.max(...w.loads)));
            expect(heaviest(best)).toBe(least);
            expect(loadsOf(model, best.splits, chunk)).toEqual(best.seconds);
          }
        },
      ),
      { numRuns: 40, seed: 11 },
    );
  });

  test("on branchy graphs the marks lead to the very modules that were counted, none better among nested cuts", () => {
    const layers = fc.array(
      fc.record({
        channels: fc.constant(3),
        kernel: fc.integer({ min: 1, max: 4 }),
        relu: fc.boolean(),
        skip: fc.integer({ min: 1, max: 4 }),
      }),
      { minLength: 2, maxLength: 6 },
    );
    fc.assert(
      fc.property(layers, (l) => {
        const model = branchy(l);
        const analysis = analyse(model, { x: 2 });
        const { cuts } = cutChoices(analysis, 1, load);
        const own = new Map(cuts.map((c) => [c.value, c.upstream]));
        const found = balances(analysis, 3, { chunk: 1, load });
        for (const modules of [2, 3]) {
          const nested = choose(
            cuts.map((c) => c.value),
            modules - 1,
          ).filter((splits) => {
            const through = cutsThrough(analysis, splits, 1);
            return (
              through.length === splits.length &&
              through.every((c) => same(c.upstream, own.get(c.values[0] ?? "")))
            );
          });
          const best = found[modules - 1];
          expect(best !== undefined).toBe(nested.length > 0);
          if (!best) continue;
          const least = Math.min(...nested.map((splits) => Math.max(...(loadsOf(model, splits, 1) ?? []))));
          expect(heaviest(best)).toBe(least);
          expect(loadsOf(model, best.splits, 1)).toEqual(best.seconds);
        }
      }),
      { numRuns: 40, seed: 12 },
    );
  });

  test("among equally even splits the one over which fewest bytes cross", () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 8, "T"]);
    const wide = g.op("Relu", [g.conv(x, [8, 8, 1])], {}, "wide");
    const narrow = g.op("Relu", [g.op("MaxPool", [wide], { kernel_shape: [1], strides: [1] })], {}, "narrow");
    const model = g.model([g.conv(narrow, [8, 8, 1], {})]);
    const [, two] = balances(analyse(model, { x: 2 }), 2, {
      chunk: 1,
      load: { ...load, dispatchSeconds: 1e-9 },
    });
    expect(two?.splits).toHaveLength(1);
    expect(two?.crossingBytes).toBe(32);
  });

  test("a chunk smaller than the stride keeps the first module before it", () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 2, "T"]);
    const a = g.conv(x, [2, 2, 3], { pads: [2, 0] });
    const b = g.conv(a, [2, 2, 4], { pads: [2, 0], strides: [2] });
    const model = g.model([g.conv(b, [2, 2, 3], { pads: [2, 0] })]);
    const analysis = analyse(model, { x: 2 });
    const found = balances(analysis, 3, { chunk: 1, load });
    expect(found.map((f) => f.splits)).toEqual([[a], [a, b]]);
    const { modules } = partition(model, analysis, { chunk: 1, splits: [a, b] });
    expect(modules.map((m) => m.chunk)).toEqual([1, 2, 2]);
  });
});

function same<T>(a: ReadonlySet<T>, b: ReadonlySet<T> | undefined): boolean {
  return b !== undefined && a.size === b.size && [...a].every((x) => b.has(x));
}
