import { describe, expect, test } from "vitest";
import { arrayClip, noise } from "../../test/array-clip.ts";
import { GraphSketch } from "../../test/stream-lab.ts";
import { unzipFiles } from "../core/export/zip.ts";
import { decodeNpy } from "../core/format/npy/decode-npy.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import { createRuntime } from "../runtime/ort.ts";
import { calibrateModel, evaluate, prepare } from "./evaluate.ts";
import { openModel } from "./open-model.ts";
import { packageModel } from "./package-model.ts";
import { packageRequest } from "./package-request.ts";
import { SILENT_JOB } from "./ports.ts";
import { verifyPackage } from "./verify-package.ts";

const CHANNELS = 4;
const runtime = createRuntime();
const initial = noise([1, 1, CHANNELS], 9);

/** A causal convolution, a GRU with an initial state of its own, and a transposed convolution that doubles the rate. */
function recurrentModel(): Uint8Array {
  const g = new GraphSketch();
  const x = g.input("x", [1, CHANNELS, "T"]);
  const weight = (name: string, dims: readonly number[], seed: number) => g.constant(name, noise(dims, seed));
  const a = g.op("Conv", [x, weight("aw", [CHANNELS, CHANNELS, 3], 1)], { pads: [2, 0] }, "a");
  const rows = g.op("Transpose", [g.op("Relu", [a], {}, "b")], { perm: [2, 0, 1] });
  const [w, r] = [weight("w", [1, 12, CHANNELS], 2), weight("r", [1, 12, CHANNELS], 3)];
  g.node("GRU", [rows, w, r, "", "", g.constant("h0", initial)], ["h"], { hidden_size: CHANNELS });
  const states = g.op("Squeeze", ["h", g.longs([1])]);
  const back = g.op("Transpose", [states], { perm: [1, 2, 0] }, "s");
  const up = weight("uw", [CHANNELS, CHANNELS, 4], 4);
  return encodeModel(
    g.model([g.op("ConvTranspose", [back, up, weight("ub", [CHANNELS], 5)], { strides: [2] }, "y")]),
  );
}

describe("a quantized package with states", async () => {
  const opened = openModel([{ name: "states.onnx", bytes: recurrentModel() }]);
  const plan = defaultPlan({ name: opened.name, sha256: opened.sha256 }, { axes: { x: 2 }, chunk: 2 });
  const prepared = prepare(opened, plan);
  const clips = [arrayClip("a.npy", "x", noise([1, CHANNELS, 90], 7), 2)];
  const { statistics } = await calibrateModel(prepared, clips, runtime, SILENT_JOB);
  const evaluation = await evaluate(prepared, statistics, clips, runtime, SILENT_JOB);
  const request = await packageRequest(evaluation, clips);
  const { zip } = await packageModel(runtime, request, SILENT_JOB);

  test("integers of both sides are equal, and what the operator carries stays float", () => {
    expect(evaluation.parity.verdict).toBe("exact");
    expect(evaluation.quantization.integerParity.different).toBe(0);
    expect(evaluation.quantization.integerParity.elements).toBeGreaterThan(0);
    const [module] = evaluation.quantized?.modules ?? [];
    expect(module?.caches.map((c) => [c.input, c.kind, c.dtype])).toEqual([
      ["cache.x", "window", "int8"],
      ["cache.s", "window", "int8"],
      ["state.h.h", "state", "float32"],
    ]);
  });

  test("the initial state is a file of the package, and the package runs from it", async () => {
    const files = unzipFiles(zip, "states.zip");
    const manifest = JSON.parse(new TextDecoder().decode(files.get("manifest.json")));
    for (const set of [manifest.modules, manifest.floatModules]) {
      const state = set[0].caches.find((c: { kind: string }) => c.kind === "state");
      expect(state).toMatchObject({ dtype: "float32", shape: [1, 1, CHANNELS] });
      const stored = decodeNpy(files.get(state.init) ?? new Uint8Array(), state.init);
      expect([...stored.bytes]).toEqual([...initial.bytes]);
    }
    const { report } = await verifyPackage(runtime, zip, { fileName: "states.zip", job: SILENT_JOB });
    expect(report.verified).toBe(true);
  });
});
