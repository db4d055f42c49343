import { describe, expect, test } from "vitest";
import { analyse, GraphSketch, integers, parity } from "../../../test/stream-lab.ts";
import { floats, type Tensor } from "../ir/tensor.ts";
import { convert } from "./convert.ts";
import { cacheProposals } from "./proposals.ts";
import { toStreaming } from "./streaming-model.ts";

function chain() {
  const g = new GraphSketch(2);
  const x = g.input("x", [1, 2, "T"]);
  const y = g.op("Relu", [g.conv(x, [2, 2, 3], { pads: [2, 0] })], {}, "y");
  const late = g.conv(y, [2, 2, 3], { pads: [0, 2] });
  return g.model([g.op("Add", [late, y], {}, "sum")]);
}

const FEEDS = { x: integers(3, [1, 2, 24], 3) };
const RUN = { chunk: 2, steps: 12 };

describe("cache marks", () => {
  test("proposals list value, window, bytes, delay and readers", () => {
    const proposals = cacheProposals(analyse(chain(), { x: 2 }));
    expect(proposals).toEqual([
      {
        value: "x",
        axis: 2,
        frames: 2,
        bytes: 16,
        delay: 0,
        shape: [1, 2, 2],
        readers: [{ node: "conv0", use: "window", frames: 2 }],
      },
      {
        value: "y",
        axis: 2,
        frames: 2,
        bytes: 16,
        delay: 0,
        shape: [1, 2, 2],
        readers: [
          { node: "conv2", use: "window", frames: 2 },
          { node: "sum", use: "delay", frames: 2 },
        ],
      },
    ]);
  });

  test("a forced cache is longer and changes nothing", async () => {
    const model = chain();
    const analysis = analyse(model, { x: 2 });
    const caches = { x: { state: "forced", frames: 7 }, conv0: { state: "forced", frames: 1 } } as const;
    const { model: streaming } = toStreaming(model, analysis, { chunk: 2, caches });
    const kept = streaming.modules[0]?.caches.map((c) => [c.value, c.frames]);
    expect(kept).toEqual([
      ["x", 7],
      ["y", 2],
      ["conv0", 1],
    ]);
    const [worst] = await parity(model, analysis, streaming, FEEDS, RUN);
    expect(worst?.maxAbs).toBe(0);
  });

  test("a removed cache is labelled and differs; a delay survives removal", async () => {
    const model = chain();
    const analysis = analyse(model, { x: 2 });
    const caches = { x: { state: "removed" }, y: { state: "removed" } } as const;
    const { model: streaming, keptAgainstMark } = toStreaming(model, analysis, { chunk: 2, caches });
    expect(keptAgainstMark).toEqual(["y"]);
    expect(streaming.modules[0]?.caches.map((c) => [c.value, c.readers.map((r) => r.use)])).toEqual([
      ["y", ["delay"]],
    ]);
    expect(streaming.outputs[0]?.exact).toEqual({ kind: "approximate", reason: "cacheRemoved" });
    const [worst] = await parity(model, analysis, streaming, FEEDS, RUN);
    expect(worst?.maxAbs).toBeGreaterThan(0);
  });

  test("an approximation crosses into later modules", () => {
    const model = chain();
    const analysis = analyse(model, { x: 2 });
    const options = { chunk: 1, caches: { x: { state: "removed" } }, splits: ["y"] } as const;
    const { modules } = toStreaming(model, analysis, options).model;
    expect(modules.map((m) => m.outputs.map((p) => p.exact.kind))).toEqual([
      ["approximate"],
      ["approximate"],
    ]);
  });

  test("a forced cache on a value that is not there", () => {
    const model = chain();
    const analysis = analyse(model, { x: 2 });
    const marks = { nobody: { state: "forced", frames: 1 } } as const;
    expect(() => convert(model, analysis, { chunk: 1, marks })).toThrowError(
      expect.objectContaining({ problem: { code: "plan.unknownValue", value: "nobody", mark: "cache" } }),
    );
  });
});

describe("the comparison notices a wrong cache", () => {
  const shifted = (caches: Map<string, Tensor>): void => {
    const cache = caches.get("cache.x");
    if (cache) floats(cache).reverse();
  };

  test("frames in the wrong order", async () => {
    const model = chain();
    const analysis = analyse(model, { x: 2 });
    const { model: streaming } = toStreaming(model, analysis, { chunk: 2 });
    const [worst] = await parity(model, analysis, streaming, FEEDS, RUN, shifted);
    expect(worst?.maxAbs).toBeGreaterThan(0);
  });

  test("a max pool that starts from zero", async () => {
    const g = new GraphSketch();
    g.input("x", [1, 2, "T"]);
    const model = g.model([g.op("MaxPool", ["x"], { kernel_shape: [3], pads: [2, 0] })]);
    const analysis = analyse(model, { x: 2 });
    const { model: streaming } = toStreaming(model, analysis, { chunk: 2 });
    const feeds = { x: { ...FEEDS.x, bytes: new Uint8Array(new Float32Array(48).fill(-2).buffer) } };
    const zeroed = (caches: Map<string, Tensor>, step: number): void => {
      if (step === 0) for (const cache of caches.values()) floats(cache).fill(0);
    };
    expect((await parity(model, analysis, streaming, feeds, RUN))[0]?.maxAbs).toBe(0);
    expect((await parity(model, analysis, streaming, feeds, RUN, zeroed))[0]?.maxAbs).toBe(2);
  });
});
