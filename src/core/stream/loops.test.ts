import { describe, expect, test } from "vitest";
import {
  analyse,
  GraphSketch,
  integers,
  must,
  parity,
  runGraph,
  runScan,
  runSteps,
  stackSteps,
} from "../../../test/stream-lab.ts";
import { stackChunks, unstackChunks } from "../ir/axis.ts";
import {
  type Attribute,
  type Graph,
  intAttribute,
  intsAttribute,
  type Model,
  makeNode,
  type ValueInfo,
} from "../ir/graph.ts";
import { floats, floatTensor, longTensor, type Tensor, tensorOf } from "../ir/tensor.ts";
import { normalize } from "../passes/pipeline.ts";
import { calibrationModule } from "./long-chunk.ts";
import { scanWrapper } from "./scan.ts";
import { toStreaming } from "./streaming-model.ts";

const CHANNELS = 3;
const row = (name: string): ValueInfo => ({ name, dtype: "float32", shape: [1, CHANNELS] });
const graphOf = (value: Graph): Attribute => ({ kind: "graph", value });

/** h' = h/2 + |x|, n' = 1 − n·x; y = h' − n'. Every state matters to every later frame; `half` comes from outside. */
function cellNodes(x: string, h: string, n: string) {
  return [
    makeNode("Mul", [h, "half"], ["halved"]),
    makeNode("Abs", [x], ["size"]),
    makeNode("Add", ["halved", "size"], ["h.out"]),
    makeNode("Mul", [n, x], ["nx"]),
    makeNode("Sub", ["bias", "nx"], ["n.out"]),
    makeNode("Sub", ["h.out", "n.out"], ["y.out"]),
  ];
}

const body: Graph = {
  name: "body",
  inputs: [row("h.in"), row("n.in"), row("x.in")],
  outputs: [row("h.out"), row("n.out"), row("y.out")],
  initializers: new Map(),
  nodes: cellNodes("x.in", "h.in", "n.in"),
  values: new Map(),
};

interface ScanCase {
  readonly axis?: number;
  readonly opset?: number;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Look-ahead in front of the loop. */
  readonly ahead?: number;
}

/** x [1, C, T] (or T first), a Scan over its frames; states start at `start`. */
function scanModel({ axis = 0, opset = 17, attributes = {}, ahead = 0 }: ScanCase): Model {
  const g = new GraphSketch();
  g.constant("half", floatTensor([0.5], []));
  g.constant("bias", floatTensor([1], []));
  g.constant("start.h", floatTensor([1, -2, 3], [1, CHANNELS]));
  g.constant("start.n", floatTensor([0.5, 0.25, 0], [1, CHANNELS]));
  const shape = axis === 0 ? ["T", 1, CHANNELS] : axis === 1 ? [1, "T", CHANNELS] : [1, CHANNELS, "T"];
  let x = g.input("x", shape);
  if (ahead > 0) x = g.conv(x, [CHANNELS, CHANNELS, 2 * ahead + 1], { pads: [ahead, ahead] });
  g.node("Scan", ["start.h", "start.n", x], ["h", "n", "y"], {
    body: graphOf(body),
    num_scan_inputs: 1,
    ...(axis !== 0 && { scan_input_axes: intsAttribute([axis]), scan_output_axes: intsAttribute([axis]) }),
    ...attributes,
  });
  return { ...g.model(["y"]), opsets: new Map([["", opset]]) };
}

/** Small steps of 1/8 keep products of a few dozen frames far from overflow. */
function clip(dims: readonly number[]): Tensor {
  return floatTensor(
    floats(integers(3, dims, 6)).map((v) => v / 8),
    dims,
  );
}

/** Every frame is computed by the same element-wise operations in the same order, in whatever chunk it comes. */
const EXACT = 0;

describe("loops over time", () => {
  test.each([
    ["Scan on axis 0", { axis: 0 }],
    ["Scan on axis 1", { axis: 1 }],
    [
      "Scan on the last axis, counted from the end",
      {
        axis: 2,
        attributes: { scan_input_axes: intsAttribute([-1]), scan_output_axes: intsAttribute([-1]) },
      },
    ],
    ["Scan of opset 9", { axis: 0, opset: 9 }],
    ["Scan of opset 21", { axis: 0, opset: 21 }],
  ] satisfies [string, ScanCase][])("T97 %s: what the loop carries is a state", async (_, options) => {
    const { model } = normalize(scanModel(options));
    const dims =
      options.axis === 0 ? [12, 1, CHANNELS] : options.axis === 1 ? [1, 12, CHANNELS] : [1, CHANNELS, 12];
    const analysis = analyse(model, { x: options.axis });
    expect(analysis.refusals).toEqual([]);
    for (const chunk of [1, 3, 4]) {
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      const { caches } = must(streaming.modules[0]);
      expect(caches.map((c) => [c.kind, c.input, c.shape])).toEqual([
        ["state", "state.h.loop0", [1, CHANNELS]],
        ["state", "state.h.loop1", [1, CHANNELS]],
      ]);
      for (const d of await parity(
        model,
        analysis,
        streaming,
        { x: clip(dims) },
        { chunk, steps: 12 / chunk },
      )) {
        expect(d.maxAbs).toBe(EXACT);
        expect(d.frames).toBe(12);
      }
    }
  });

  test.each([
    ["hold", 1],
    ["hold", 4],
    ["mask", 1],
    ["mask", 4],
  ] as const)(
    "T97 behind a look-ahead the state waits for the first frame: %s, chunk %i",
    async (warmUp, chunk) => {
      const { model } = normalize(scanModel({ axis: 2, ahead: 1 }));
      const streaming = toStreaming(model, analyse(model, { x: 2 }), { chunk, warmUp });
      const steps = 24 / chunk;
      const feeds = { x: clip([1, CHANNELS, 24]) };
      for (const d of await parity(model, streaming.analysis, streaming.model, feeds, { chunk, steps })) {
        // The convolution in front sums eighths exactly; nothing else rounds differently in a chunk.
        expect(d.maxAbs).toBe(EXACT);
        expect(d.frames).toBeGreaterThan(12);
      }
      const fact = streaming.analysis.facts.get("y");
      expect(fact?.kind === "stream" && fact.delay % chunk).toBe(0);
      // The same through a Scan of steps, and over one long chunk.
      const { modules } = streaming.model;
      const stepped = unstackChunks(stackSteps(await runSteps(model, modules, feeds, steps), "y"), 2);
      const many = await runScan(model, scanWrapper(modules), { x: stackChunks(feeds.x, 2, chunk) });
      expect(floats(unstackChunks(must(many.y), 2))).toEqual(floats(stepped));
      const long = calibrationModule(model, streaming.analysis, { chunk, steps, observe: ["y"] });
      const [whole] = await runSteps(model, [long], feeds, 1);
      const delay = fact?.kind === "stream" ? fact.delay : 0;
      const trueFrames = (t: Tensor) => floats(t).filter((_, i) => i % 24 >= delay);
      expect(trueFrames(must(whole?.y))).toEqual(trueFrames(stepped));
    },
  );

  test("T96 what a loop cannot do frame by frame is refused with its reason", () => {
    const reasonOf = (model: Model) => {
      const [refusal] = analyse(normalize(model).model, { x: 0 }).refusals;
      return refusal?.problem.code === "stream.refused" ? refusal.problem.reason : undefined;
    };
    const backwards = { scan_input_directions: intsAttribute([1]) };
    expect(reasonOf(scanModel({ attributes: backwards }))).toBe("timeReversed");
    expect(reasonOf(scanModel({ attributes: { scan_output_directions: intsAttribute([1]) } }))).toBe(
      "timeReversed",
    );
    expect(reasonOf(scanModel({ attributes: { scan_input_axes: intsAttribute([2]) } }))).toBe(
      "loopNotOverTime",
    );
    expect(reasonOf(loopModel({ breaks: true }))).toBe("dataDependent");
    expect(reasonOf(loopModel({ trips: 5 }))).toBe("loopNotOverTime");
    expect(reasonOf(loopModel({ counts: true }))).toBe("loopNotOverTime");
  });

  test.each([
    ["collected by the loop", {}],
    ["collected in a sequence and stacked", { collect: "stack" }],
    ["frames cut with their axis, joined along it", { collect: "concat" }],
  ] satisfies [string, LoopCase][])("T97 a Loop that counts through the frames, %s", async (_, options) => {
    const original = loopModel(options);
    const { model } = normalize(original);
    expect(model.graph.nodes.map((n) => n.op)).toContain("Scan");
    expect(model.graph.nodes.map((n) => n.op)).not.toContain("Loop");
    const x = clip([12, 1, CHANNELS]);
    const before = must((await runGraph(original, original.graph, { x })).y);
    const after = must((await runGraph(model, model.graph, { x })).y);
    expect(after.dims).toEqual(before.dims);
    expect(floats(after)).toEqual(floats(before));
    const analysis = analyse(model, { x: 0 });
    for (const chunk of [1, 4]) {
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      expect(must(streaming.modules[0]).caches).toHaveLength(2);
      const [d] = await parity(model, analysis, streaming, { x }, { chunk, steps: 12 / chunk });
      expect(d?.maxAbs).toBe(EXACT);
      expect(d?.frames).toBe(12);
    }
  });
});

interface LoopCase {
  readonly collect?: "stack" | "concat";
  /** Stops when a value says so. */
  readonly breaks?: boolean;
  /** A fixed number of turns. */
  readonly trips?: number;
  /** The number of the turn enters the values. */
  readonly counts?: boolean;
}

/** for i in range(T): h, n = cell(x[i], h, n) */
function loopModel({ collect, breaks, trips, counts }: LoopCase): Model {
  const g = new GraphSketch();
  const x = g.input("x", ["T", 1, CHANNELS]);
  g.constant("half", floatTensor([0.5], []));
  g.constant("bias", floatTensor([1], []));
  g.constant("one", longTensor([1]));
  g.constant("zero", longTensor([0]));
  g.constant("first", longTensor([0], []));
  g.constant("go", tensorOf(new Uint8Array([1]), [], "bool"));
  g.constant("start.h", floatTensor([1, -2, 3], [1, CHANNELS]));
  g.constant("start.n", floatTensor([0.5, 0.25, 0], [1, CHANNELS]));
  const length = g.op("Gather", [g.op("Shape", [x]), "first"]);
  const times = trips === undefined ? length : g.constant("times", longTensor([trips], []));
  const whole = collect === "concat";
  const inner: Graph = {
    name: "body",
    inputs: [
      { name: "i", dtype: "int64", shape: [] },
      { name: "cond.in", dtype: "bool", shape: [] },
      row("h.in"),
      row("n.in"),
      ...(collect ? [{ name: "list.in" }] : []),
    ],
    outputs: [
      { name: "cond.out", dtype: "bool", shape: [] },
      row("h.out"),
      row("n.out"),
      collect ? { name: "list.out" } : row("y.out"),
    ],
    initializers: new Map(),
    nodes: [
      makeNode("Identity", ["cond.in"], ["cond.same"]),
      ...(whole
        ? [
            makeNode("Unsqueeze", ["i", "zero"], ["from"]),
            makeNode("Add", ["from", "one"], ["to"]),
            makeNode("Slice", [x, "from", "to", "zero"], ["x.kept"]),
            makeNode("Squeeze", ["x.kept", "zero"], ["x.in"]),
          ]
        : [makeNode("Gather", [x, "i"], ["x.in"], { axis: intAttribute(0) })]),
      ...cellNodes("x.in", "h.in", "n.in"),
      ...(counts ? [makeNode("Cast", ["i"], ["number"], { to: intAttribute(1) })] : []),
      ...(breaks
        ? [
            makeNode("ReduceMax", ["y.out"], ["largest"], { keepdims: intAttribute(0) }),
            makeNode("Less", ["largest", "bias"], ["cond.out"]),
          ]
        : [makeNode("Identity", ["cond.same"], ["cond.out"])]),
      ...(whole ? [makeNode("Unsqueeze", ["y.out", "zero"], ["y.row"])] : []),
      ...(collect ? [makeNode("SequenceInsert", ["list.in", whole ? "y.row" : "y.out"], ["list.out"])] : []),
    ],
    values: new Map(),
  };
  const nodes = counts ? [...inner.nodes, makeNode("Add", ["y.out", "number"], ["y.counted"])] : inner.nodes;
  const outputs = counts ? [...inner.outputs.slice(0, 3), row("y.counted")] : inner.outputs;
  const list = collect ? g.op("SequenceEmpty", [], { dtype: 1 }) : undefined;
  const results = g.node(
    "Loop",
    [times, "go", "start.h", "start.n", ...(list ? [list] : [])],
    ["h", "n", list ? "list" : "y"],
    { body: graphOf({ ...inner, nodes, outputs }) },
  );
  if (collect) g.op("ConcatFromSequence", [must(results[2])], { axis: 0, new_axis: whole ? 0 : 1 }, "y");
  return g.model(["y"]);
}
