import { describe, expect, it } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { GraphSketch } from "../../../test/stream-lab.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import type { Model } from "../../core/ir/graph.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import type { StreamingModel } from "../../core/stream/module.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { type Prepared, prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { SILENT_JOB } from "../ports.ts";
import { compareFloat } from "./compare-float.ts";

const runtime = createRuntime();
const CHANNELS = 4;

function prepared(model: Model, chunk = 1): Prepared {
  const opened = openModel([{ name: "sketch.onnx", bytes: encodeModel(model) }]);
  const plan = defaultPlan({ name: opened.name, sha256: opened.sha256 }, { axes: { x: 2 }, chunk });
  return prepare(opened, plan);
}

function compare(
  p: Prepared,
  change: { streaming?: StreamingModel; opened?: Prepared["opened"] } = {},
  frames = 60,
) {
  const clips = [arrayClip("noise", "x", noise([1, CHANNELS, frames], 3), 2)];
  const input = { opened: p.opened, analysis: p.analysis.stream, streaming: p.streaming.model, clips };
  return compareFloat({ ...input, ...change }, runtime, SILENT_JOB);
}

const causal = { kernel_shape: [3], pads: [2, 0] };

/** Two causal convolutions of equal size: their caches can be mistaken for each other. */
function twoConvs(outputs: (g: GraphSketch, y: string) => readonly string[] = (_, y) => [y]): Model {
  const g = new GraphSketch(5);
  g.input("x", [1, CHANNELS, "T"]);
  const a = g.op("Relu", [g.conv("x", [CHANNELS, CHANNELS, 3], causal)]);
  return g.model(outputs(g, g.conv(a, [CHANNELS, CHANNELS, 3], causal)));
}

function withCaches(
  model: StreamingModel,
  change: (
    caches: StreamingModel["modules"][number]["caches"],
  ) => StreamingModel["modules"][number]["caches"],
): StreamingModel {
  return { ...model, modules: model.modules.map((m) => ({ ...m, caches: change(m.caches) })) };
}

describe("compareFloat", () => {
  it("compares outputs that are no floats, too", async () => {
    const p = prepared(twoConvs((g, y) => [y, g.op("ArgMax", [y], { axis: 1 }), g.op("Greater", [y, "x"])]));
    const report = await compare(p);
    expect(report.verdict).toBe("exact");
    expect(report.outputs.map((o) => o.frames)).toEqual([60, 60, 60]);
  });

  it("proves nothing where the model itself gives NaN", async () => {
    const p = prepared(twoConvs((g, y) => [g.op("Sqrt", [y], {}, "root")]));
    await expect(compare(p)).rejects.toMatchObject({
      problem: { code: "model.notANumber", value: "root", file: "noise" },
    });
  });

  it("asks for longer clips if none reaches the first true frame", async () => {
    const g = new GraphSketch();
    g.input("x", [1, CHANNELS, "T"]);
    const p = prepared(g.model([g.conv("x", [2, CHANNELS, 9], { kernel_shape: [9] })]));
    await expect(compare(p, {}, 8)).rejects.toMatchObject({
      problem: { code: "audio.tooShort", file: "noise", frames: 8, needFrames: 9 },
    });
    expect((await compare(p, {}, 9)).outputs[0]?.frames).toBe(1);
  });

  it("catches two caches swapped", async () => {
    const p = prepared(twoConvs());
    const streaming = withCaches(p.streaming.model, (caches) => {
      const [a, b, ...rest] = caches;
      if (!a || !b) throw new Error("two caches expected");
      return [{ ...a, output: b.output }, { ...b, output: a.output }, ...rest];
    });
    expect((await compare(p, { streaming })).verdict).toBe("different");
  });

  it("catches modules that read another model's weights than the opened file", async () => {
    const p = prepared(twoConvs());
    const { graph } = p.opened.original;
    const [name = ""] = graph.initializers.keys();
    const initializers = new Map(graph.initializers).set(
      name,
      noise(graph.initializers.get(name)?.dims ?? []),
    );
    const opened = { ...p.opened, original: { ...p.opened.original, graph: { ...graph, initializers } } };
    const report = await compare(p, { opened });
    expect(report.verdict).toBe("different");
    expect(report.original.maxRelative).toBeGreaterThan(report.tolerance);
  });
});
