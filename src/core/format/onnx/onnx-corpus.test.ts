import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { backendCases, readDataSet, sampleOf } from "../../../../test/backend-tests.ts";
import { sharedData } from "../../../../test/shared-data.ts";
import type { Runtime } from "../../../engine/ports.ts";
import { createRuntime } from "../../../runtime/ort.ts";
import { StudioError } from "../../base/problem.ts";
import type { Graph, ValueInfo } from "../../ir/graph.ts";
import { byteLength, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { realInputs } from "../../ir/walk.ts";
import { decodeModel, externalFilesOf } from "./decode-model.ts";
import { tensorOfProto } from "./decode-tensor.ts";
import { encodeModel } from "./encode-model.ts";
import { ModelProtoSchema, type TensorProto } from "./onnx_pb.ts";

/*
 * Every real model and every ONNX backend test. The engine runs all backend tests, and a fixed sample of the models;
 * with RILL_ALL=1 all of those too.
 */

const models = modelFiles();
const cases = backendCases();

describe.skipIf(models.length + cases.length === 0)("a model survives decoding and encoding", () => {
  test.each(models.map((file) => [basename(file), file] as const))("%s", (_, file) => {
    expect(roundTrip(file)).toBe(true);
  });

  test("all backend tests", { timeout: 120_000 }, () => {
    const broken = cases.filter(({ modelFile }) => !roundTrip(modelFile));
    expect(broken).toEqual([]);
  });

  test("weights are views into the file", () => {
    const file = models.find((m) => m.includes("gtcrn")) ?? "";
    const bytes = new Uint8Array(readFileSync(file));
    const { graph } = decodeModel(bytes);
    const raw = [...graph.initializers.values()].filter((t) => t.bytes.length > 0);
    expect(raw.length).toBeGreaterThan(0);
    expect(raw.filter((t) => t.bytes.buffer !== bytes.buffer)).toEqual([]);
  });
});

describe.skipIf(cases.length === 0)("onnxruntime cannot tell the re-encoded model from the file", () => {
  const runtime = createRuntime();

  test("backend tests", { timeout: 300_000 }, async () => {
    let ran = 0;
    for (const { modelFile, dataSets } of cases) {
      const { graph } = decodeModel(readFileSync(modelFile));
      const set = readDataSet(dataSets[0] ?? "", graph);
      if (set && (await sameOutputs(runtime, modelFile, set.feeds))) ran++;
    }
    // Of the 1,392 tests 29 have inputs that are no tensors, and onnxruntime-web refuses 117 of the original files.
    expect(ran).toBeGreaterThan(cases.length * 0.85);
  });

  test("models on seeded noise", { timeout: 600_000 }, async () => {
    let ran = 0;
    const sample = sampleOf(
      models.filter((file) => absentExternals(file).length === 0),
      12,
    );
    for (const file of sample) {
      const { graph } = decodeModel(new Uint8Array(readFileSync(file)), { externals: externalsOf(file) });
      const answers =
        (await sameOutputs(runtime, file, noiseFor(graph, 1))) ||
        (await sameOutputs(runtime, file, noiseFor(graph, 512)));
      if (answers) ran++;
    }
    expect(ran).toBeGreaterThan(sample.length / 2);
  });
});

/** Whether the file ran; throws if it ran and the re-encoded model answered differently. */
async function sameOutputs(
  runtime: Runtime,
  file: string,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<boolean> {
  const bytes = new Uint8Array(readFileSync(file));
  const before = await outputsOf(runtime, bytes, feeds);
  if (!before) return false;
  const again = await outputsOf(runtime, bytes, feeds);
  if (!isDeepStrictEqual(before, again)) return false; // random operators
  const after = await outputsOf(
    runtime,
    encodeModel(decodeModel(bytes, { externals: externalsOf(file) })),
    feeds,
  );
  if (!isDeepStrictEqual(before, after)) throw new Error(`${file}: outputs differ`);
  return true;
}

async function outputsOf(
  runtime: Runtime,
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor> | undefined> {
  try {
    const session = await runtime.open(bytes);
    try {
      return await session.run(feeds);
    } finally {
      await session.release();
    }
  } catch {
    return undefined;
  }
}

/** Decodes, encodes and compares, as records and as IR; true if all agree. Files without their external data are refused. */
function roundTrip(file: string): boolean {
  const bytes = new Uint8Array(readFileSync(file));
  const externals = externalsOf(file);
  const absent = absentExternals(file);
  if (absent.length > 0) {
    let problem: unknown;
    try {
      decodeModel(bytes, { externals });
    } catch (error) {
      problem = error instanceof StudioError ? error.problem : error;
    }
    expect(problem).toEqual({ code: "model.externalMissing", files: absent });
    return true;
  }
  const model = decodeModel(bytes, { file, externals });
  const encoded = encodeModel(model);
  const again = decodeModel(encoded);
  const same =
    isDeepStrictEqual(again, model) &&
    isDeepStrictEqual(encodeModel(again), encoded) &&
    (externals.size > 0 || isDeepStrictEqual(meaning(encoded), meaning(bytes)));
  if (!same) throw new Error(`${file}: differs`);
  return same;
}

/** A ModelProto without what says nothing: fields at their default, the storage form of tensors, spellings of ai.onnx. */
function meaning(bytes: Uint8Array): unknown {
  const plain = (value: unknown, key = ""): unknown => {
    if (value === "ai.onnx" && key === "domain") return undefined;
    if (value === 0 || value === 0n || value === "" || value === undefined) return undefined;
    if (value instanceof Uint8Array) return value.length > 0 ? value : undefined;
    if (Array.isArray(value)) return value.length > 0 ? value.map((v) => plain(v)) : undefined;
    if (typeof value !== "object" || value === null) return value;
    if ("$typeName" in value && value.$typeName === "onnx.TensorProto") {
      const tensor = value as TensorProto;
      return { ...tensorOfProto(tensor, bytes), name: tensor.name };
    }
    const entries = Object.entries(value).map(([k, v]) => [k, plain(v, k)] as const);
    return Object.fromEntries(entries.filter(([, v]) => v !== undefined));
  };
  return plain(fromBinary(ModelProtoSchema, bytes));
}

/** External data that was not published with a model. */
function absentExternals(file: string): string[] {
  const externals = externalsOf(file);
  return externalFilesOf(readFileSync(file)).filter((name) => !externals.has(name));
}

function externalsOf(file: string): Map<string, Uint8Array> {
  const externals = new Map<string, Uint8Array>();
  for (const name of externalFilesOf(new Uint8Array(readFileSync(file)))) {
    try {
      externals.set(name, new Uint8Array(readFileSync(join(dirname(file), name))));
    } catch {
      // See absentExternals.
    }
  }
  return externals;
}

function modelFiles(): string[] {
  const root = sharedData("models");
  if (!root) return [];
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  return files
    .filter((path) => path.endsWith(".onnx"))
    .sort()
    .map((path) => join(root, path));
}

/** Reproducible inputs: small floats, zeros for integers; `free` for every unknown dimension but the first, the batch. */
function noiseFor(graph: Graph, free: number): Record<string, Tensor> {
  let seed = 1;
  const tensor = ({ dtype = "float32", shape = [] }: ValueInfo): Tensor => {
    const dims = shape.map((dim, i) => (typeof dim === "number" ? dim : i === 0 ? 1 : free));
    const count = sizeOf(dims);
    if (dtype !== "float32") return { dtype, dims, bytes: new Uint8Array(byteLength(dtype, count)) };
    const data = Float32Array.from({ length: count }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32 - 0.5;
    });
    return { dtype, dims, bytes: new Uint8Array(data.buffer) };
  };
  return Object.fromEntries(realInputs(graph).map((input) => [input.name, tensor(input)]));
}
