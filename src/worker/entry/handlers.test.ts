import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { noise } from "../../../test/array-clip.ts";
import { inferFeatures } from "../../core/audio/infer-features.ts";
import { encodeNpy } from "../../core/format/npy/encode-npy.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import { makeModel } from "../../core/format/onnx/make-model.ts";
import { intsAttribute, makeNode } from "../../core/ir/graph.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import { SILENT_JOB } from "../../engine/ports.ts";
import { createRuntime } from "../../runtime/ort.ts";
import type { NamedBlob, WorkerJob } from "../protocol.ts";
import { createHandlers } from "./handlers.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

const job: WorkerJob<never> = { ...SILENT_JOB, move: (data) => data };

function modelFile(seed: number): Uint8Array<ArrayBuffer> {
  const graph = {
    name: "one",
    inputs: [{ name: "x", dtype: "float32" as const, shape: [1, 4, "T"] }],
    outputs: [{ name: "y", dtype: "float32" as const, shape: [1, 4, "T"] }],
    initializers: new Map([["w", noise([4, 4, 3], seed)]]),
    nodes: [
      makeNode("Conv", ["x", "w"], ["a"], { pads: intsAttribute([2, 0]) }),
      makeNode("Relu", ["a"], ["y"]),
    ],
    values: new Map(),
  };
  return new Uint8Array(encodeModel(makeModel(graph, { opset: 17 })));
}

const file = (name: string, bytes: Uint8Array): NamedBlob => ({
  name,
  blob: new Blob([new Uint8Array(bytes)]),
});

/** A file whose bytes, once read, are watched: weights are views of them, so that they live as long as any form of the model. */
function watchedFile(name: string, bytes: Uint8Array) {
  const given = file(name, bytes);
  let read: WeakRef<ArrayBuffer> | undefined;
  const arrayBuffer = async () => {
    const buffer = await new Blob([new Uint8Array(bytes)]).arrayBuffer();
    read = new WeakRef(buffer);
    return buffer;
  };
  Object.assign(given.blob, { arrayBuffer });
  return { file: given, isHeld: () => read?.deref() !== undefined };
}

/** Ends the job in which what a WeakRef points to was seen: until then it stays. */
const later = () => new Promise((resolve) => setTimeout(resolve));

test("a model that is replaced is let go, with everything that was derived from it", async () => {
  const handlers = createHandlers(createRuntime());
  const first = watchedFile("first.onnx", modelFile(1));
  const { sha256, name } = await handlers.open({ model: { files: [first.file] } }, job);
  const features = { x: { ...inferFeatures([1, 4, "T"], 2).settings, kind: "tensor" as const } };
  const plan = { ...defaultPlan({ name, sha256 }, { axes: { x: 2 } }), features };
  const model = { files: [first.file], sha256 };
  const clips = [file("a.npy", encodeNpy(noise([1, 4, 40], 3)))];
  await handlers.analyse({ model, axes: { x: 2 } }, job);
  await handlers.splitAdvice({ model, plan }, job);
  const { statistics } = await handlers.calibrate({ model, plan, clips }, job);
  const compared = await handlers.compare({ model, plan, clips, statistics }, job);
  expect(compared.parity.verdict).toBe("exact");
  await handlers.prove({ model, plan }, job);
  await later();
  collect();
  expect(first.isHeld()).toBe(true);
  await later();
  await handlers.open({ model: { files: [file("second.onnx", modelFile(2))] } }, job);
  await later();
  collect();
  expect(first.isHeld()).toBe(false);
});
