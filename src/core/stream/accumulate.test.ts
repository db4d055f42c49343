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
import { sliceAxis, stackChunks, unstackChunks } from "../ir/axis.ts";
import type { Model } from "../ir/graph.ts";
import { floats } from "../ir/tensor.ts";
import { initialTensor } from "./filled-tensor.ts";
import { calibrationModule } from "./long-chunk.ts";
import { scanWrapper } from "./scan.ts";
import { toStreaming } from "./streaming-model.ts";
import { withWarmUp } from "./warm-up.ts";

const FRAMES = 24;
const wave = integers(3, [1, 2, FRAMES], 3);

function modelOf(attributes: Readonly<Record<string, number>>, kernel = 1): Model {
  const g = new GraphSketch();
  const x = g.input("x", [1, 2, "T"]);
  const late = kernel > 1 ? g.conv(x, [2, 2, kernel]) : x;
  return g.model([g.op("CumSum", [late, g.longs([2])], attributes, "y")]);
}

describe("a running sum along time", () => {
  test.each([
    ["T54 forward", {}],
    ["T54 exclusive", { exclusive: 1 }],
  ])("%s", async (_, attributes) => {
    const model = modelOf(attributes);
    const analysis = analyse(model, { x: 2 });
    expect(analysis.refusals).toEqual([]);
    for (const chunk of [1, 2, 6]) {
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      const { caches } = must(streaming.modules[0]);
      expect(caches).toMatchObject([{ kind: "state", input: "state.y.sum", shape: [1, 2, 1], init: 0 }]);
      const steps = FRAMES / chunk;
      const [worst] = await parity(model, analysis, streaming, { x: wave }, { chunk, steps });
      expect(worst).toMatchObject({ frames: FRAMES, maxAbs: 0 });
      const [lost] = await parity(model, analysis, streaming, { x: wave }, { chunk, steps }, (states) => {
        for (const cache of caches) states.set(cache.input, initialTensor(cache));
      });
      expect(lost?.maxAbs).toBeGreaterThan(0);
    }
  });

  test.each(["hold", "mask"] as const)("behind look-ahead, by %s", async (policy) => {
    const model = modelOf({}, 3);
    for (const chunk of [1, 2, 4]) {
      const analysis = withWarmUp(analyse(model, { x: 2 }), chunk, policy);
      const { model: streaming } = toStreaming(model, analysis, { chunk, warmUp: policy });
      const steps = FRAMES / chunk;
      const delay = policy === "mask" ? 2 : Math.ceil(2 / chunk) * chunk;
      const [worst] = await parity(model, analysis, streaming, { x: wave }, { chunk, steps });
      expect(worst).toMatchObject({ frames: FRAMES - delay, maxAbs: 0 });

      const byHand = await runSteps(model, streaming.modules, { x: wave }, steps);
      const want = floats(unstackChunks(stackSteps(byHand, "y"), 2)).subarray(delay, FRAMES);
      const scanned = await runScan(model, scanWrapper(streaming.modules), {
        x: stackChunks(wave, 2, chunk),
      });
      const long = calibrationModule(model, analysis, { chunk, steps, observe: ["y"] });
      const states = Object.fromEntries(long.caches.map((c) => [c.input, initialTensor(c)]));
      const whole = await runGraph(model, long.graph, { x: wave, ...states });
      for (const seen of [unstackChunks(must(scanned.y), 2), must(whole.y)])
        expect(floats(sliceAxis(seen, 2, delay, FRAMES)).subarray(0, FRAMES - delay)).toEqual(want);
    }
  });

  test("left alone, the first frames stay in the sum for good", async () => {
    const model = modelOf({}, 3);
    const analysis = withWarmUp(analyse(model, { x: 2 }), 1, "ignore");
    expect(analysis.wrong.get("y")).toBe(Number.POSITIVE_INFINITY);
    const { model: streaming } = toStreaming(model, analysis, { chunk: 1, warmUp: "ignore" });
    const [worst] = await parity(model, analysis, streaming, { x: wave }, { chunk: 1, steps: FRAMES });
    expect(worst?.maxAbs).toBeGreaterThan(0);
  });

  test("from the end is refused; along another axis it is frame by frame", () => {
    const { refusals } = analyse(modelOf({ reverse: 1 }), { x: 2 });
    expect(refusals.map((r) => r.problem)).toEqual([
      expect.objectContaining({ op: "CumSum", reason: "timeReversed" }),
    ]);
    const g = new GraphSketch();
    const model = g.model([g.op("CumSum", [g.input("x", [1, 2, "T"]), g.longs([1])], { reverse: 1 })]);
    expect(analyse(model, { x: 2 }).refusals).toEqual([]);
  });
});
