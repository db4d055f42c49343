import * as ort from "onnxruntime-web/wasm";
import { outOfMemory, WASM_LIMIT_BYTES } from "../core/base/out-of-memory.ts";
import { fail } from "../core/base/problem.ts";
import { type DType, elements, type Tensor } from "../core/ir/tensor.ts";
import type { GraphOptimization, Runtime, Session } from "../engine/ports.ts";

export interface OrtOptions {
  /** Address of ort-wasm-simd-threaded.wasm; default: beside the module. */
  readonly wasmUrl?: string;
}

/**
 * onnxruntime-web behind the Runtime port. One thread: the order of float sums, and with it every byte of a package,
 * must not depend on how many cores a computer has.
 */
export function createRuntime(options: OrtOptions = {}): Runtime {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  if (options.wasmUrl !== undefined) ort.env.wasm.wasmPaths = { wasm: options.wasmUrl };
  return {
    async open(bytes, { optimization = "all" } = {}) {
      const session = await create(bytes, optimization);
      return wrap(session);
    },
  };
}

/** The smallest module with an instruction on 128-bit vectors: i8x16.popcnt. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

/** Throws `runtime.unsupported` where the runtime's module could not be compiled. */
function requireSimd(): void {
  if (typeof WebAssembly === "undefined") fail({ code: "runtime.unsupported", lacks: "WebAssembly" });
  if (!WebAssembly.validate(SIMD_PROBE)) fail({ code: "runtime.unsupported", lacks: "SIMD" });
}

/** It makes a Pad with zeros part of the MaxPool behind it, whose padding is the lowest number. */
const WRONG_OPTIMIZER = "Pad_Fusion";

async function create(bytes: Uint8Array, level: GraphOptimization): Promise<ort.InferenceSession> {
  requireSimd();
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: ["wasm"],
      graphOptimizationLevel: level,
      logSeverityLevel: 3,
      extra: { optimization: { disable_specified_optimizers: WRONG_OPTIMIZER } },
    });
  } catch (error) {
    refuse(error, bytes.byteLength);
  }
}

/** The runtime's own words, unless they mean that memory ran out. */
function refuse(error: unknown, modelBytes = 0): never {
  const memory = outOfMemory(error);
  if (memory)
    fail({ code: "memory.exhausted", ...memory, fileBytes: modelBytes, limitBytes: WASM_LIMIT_BYTES });
  const what = error instanceof Error ? error.message : String(error);
  // Said when the runtime itself did not start, whatever the model.
  const absent = /no available backend found\. ERR: \[wasm\] (?:Error: )?(.*)/s.exec(what);
  if (absent) fail({ code: "runtime.notLoaded", what: absent[1] ?? what });
  fail({ code: "model.runtimeRefused", what });
}

function wrap(session: ort.InferenceSession): Session {
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds, fetches) {
      const inputs: Record<string, ort.Tensor> = {};
      for (const [name, tensor] of Object.entries(feeds)) inputs[name] = toOrt(tensor);
      const results = await runOrRefuse(session, inputs, fetches);
      const out: Record<string, Tensor> = {};
      for (const [name, tensor] of Object.entries(results)) out[name] = fromOrt(tensor);
      return out;
    },
    release: () => session.release(),
  };
}

async function runOrRefuse(
  session: ort.InferenceSession,
  inputs: Record<string, ort.Tensor>,
  fetches: readonly string[] | undefined,
): Promise<ort.InferenceSession.OnnxValueMapType> {
  try {
    return await (fetches ? session.run(inputs, fetches) : session.run(inputs));
  } catch (error) {
    refuse(error);
  }
}

function toOrt(t: Tensor): ort.Tensor {
  if (t.dtype === "string") {
    const texts = (t.strings ?? []).map((b) => new TextDecoder().decode(b));
    return new ort.Tensor("string", texts, [...t.dims]);
  }
  // The constructor's overloads pair each type name with its array; `elements` keeps that pairing.
  return new ort.Tensor(t.dtype as "float32", elements(t) as Float32Array, [...t.dims]);
}

function fromOrt(t: ort.Tensor): Tensor {
  const dims = [...t.dims];
  if (t.type === "string") {
    const encoder = new TextEncoder();
    const strings = (t.data as readonly string[]).map((s) => encoder.encode(s));
    return { dtype: "string", dims, bytes: new Uint8Array(0), strings };
  }
  const data = t.data as Exclude<ort.Tensor["data"], string[]>;
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return { dtype: t.type as DType, dims, bytes };
}
