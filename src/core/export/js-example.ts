import { stableJson } from "../base/stable-json.ts";
import { encodeUtf8 } from "../base/utf8.ts";

/** The version that packages are verified with. */
const ORT_WEB_VERSION = "1.30.0";

const RUN_STREAM = `// Runs the streaming modules of this package step by step and compares them with its test vectors.
//
//     npm install
//     node run_stream.mjs            # the modules to deploy
//     node run_stream.mjs --float    # their float twins

import { readFile } from "node:fs/promises";

// In a page: import * as ort from "onnxruntime-web/wasm". onnxruntime-node has the same interface.
const ort = await import("onnxruntime-node").catch(() => import("onnxruntime-web"));
ort.env.logLevel = "error";

const ROOT = new URL("../", import.meta.url);
const useFloat = process.argv.includes("--float");
const readBytes = (path) => readFile(new URL(path, ROOT));
const readJson = async (path) => JSON.parse(await readFile(new URL(path, ROOT), "utf8"));

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
};
const NPY_TYPES = {
  "<f4": "float32",
  "<f8": "float64",
  "|i1": "int8",
  "|u1": "uint8",
  "<i2": "int16",
  "<u2": "uint16",
  "<i4": "int32",
  "<i8": "int64",
  "|b1": "bool",
};

/** {type, dims, data} of an npy file in C order. */
async function readNpy(path) {
  const bytes = new Uint8Array(await readBytes(path));
  const long = bytes[6] > 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headerLength = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (long ? 12 : 10) + headerLength;
  const header = new TextDecoder().decode(bytes.subarray(long ? 12 : 10, start));
  const type = NPY_TYPES[/'descr':\\s*'([^']+)'/.exec(header)[1]];
  const dims = /'shape':\\s*\\(([^)]*)\\)/.exec(header)[1].split(",").map((d) => d.trim()).filter(Boolean).map(Number);
  return { type, dims, data: new ARRAYS[type](bytes.slice(start).buffer) };
}

/** One step of a tensor whose first axis is the step. */
function at(step, { type, dims, data }) {
  const size = dims.slice(1).reduce((n, d) => n * d, 1);
  return new ort.Tensor(type, data.slice(step * size, (step + 1) * size), dims.slice(1));
}

async function initialCache({ init, dtype, shape }) {
  if (typeof init === "string") {
    const { type, dims, data } = await readNpy(init);
    return new ort.Tensor(type, data, dims);
  }
  const size = shape.reduce((n, d) => n * d, 1);
  const data = new ARRAYS[dtype](size).fill(dtype === "int64" ? BigInt(init) : init);
  return new ort.Tensor(dtype, data, shape);
}

/** Chunks one after the other along their time axis. */
function joined(parts, axis) {
  if (parts.length === 1) return parts[0];
  const { type, dims } = parts[0];
  const outer = dims.slice(0, axis).reduce((n, d) => n * d, 1);
  const size = parts[0].data.length / outer;
  const data = new parts[0].data.constructor(parts.length * outer * size);
  for (let o = 0; o < outer; o++) {
    for (const [i, part] of parts.entries())
      data.set(part.data.slice(o * size, (o + 1) * size), (o * parts.length + i) * size);
  }
  return new ort.Tensor(type, data, dims.map((d, i) => (i === axis ? d * parts.length : d)));
}

/** One of \`count\` equal parts of a tensor along an axis. */
function part(tensor, axis, count, index) {
  if (axis === null || count === 1) return tensor;
  const { type, dims, data } = tensor;
  const outer = dims.slice(0, axis).reduce((n, d) => n * d, 1);
  const size = data.length / outer / count;
  const cut = new data.constructor(outer * size);
  for (let o = 0; o < outer; o++) {
    const from = (o * count + index) * size;
    cut.set(data.slice(from, from + size), o * size);
  }
  return new ort.Tensor(type, cut, dims.map((d, i) => (i === axis ? d / count : d)));
}

function zeros({ dtype, shape }) {
  return new ort.Tensor(dtype, new ARRAYS[dtype](shape.reduce((n, d) => n * d, 1)), shape);
}

/**
 * The modules in running order. Outputs of one feed the next; every cache output is fed back as its input. A module whose
 * period is longer than a chunk collects chunks and runs when the last of them has come.
 */
class StreamingModel {
  static async open(modules, manifest) {
    const model = new StreamingModel();
    model.modules = modules;
    // A module's period counts schedule steps; these are chunks.
    model.chunks = modules.map((m) => (m.period * manifest.schedule.framesPerStep) / manifest.chunk);
    model.sessions = [];
    // Some modules have another graph for their first runs.
    model.starts = [];
    const open = async (file) => ort.InferenceSession.create(new Uint8Array(await readBytes(file)));
    for (const module of modules) {
      model.sessions.push(await open(module.file));
      model.starts.push(module.start && (await open(module.start.file)));
    }
    await model.reset();
    return model;
  }

  /** Back to the first step: every cache at its initial value, nothing collected. */
  async reset() {
    this.steps = 0;
    this.waiting = this.modules.map(() => new Map());
    this.caches = [];
    for (const module of this.modules) {
      const caches = {};
      for (const cache of [...module.caches, ...(module.start?.caches ?? [])]) {
        caches[cache.input] = await initialCache(cache);
      }
      this.caches.push(caches);
    }
  }

  /** One chunk in; all values that leave the modules that run in this step, by name. */
  async step(inputs) {
    const values = { ...inputs };
    this.steps++;
    for (const [i, module] of this.modules.entries()) {
      const waiting = this.waiting[i];
      for (const { name, axis } of module.inputs) {
        if (values[name]) waiting.set(name, [...((axis !== null && waiting.get(name)) || []), values[name]]);
      }
      if (this.steps % this.chunks[i] !== 0) continue;
      const runs = this.steps / this.chunks[i] - 1;
      if (runs < module.gateRuns) {
        // Only frames from before the stream would enter: the module rests, its caches stay as they are.
        for (const port of module.outputs) values[port.name] = zeros(port);
        waiting.clear();
        continue;
      }
      const starts = runs < (module.start?.runs ?? 0);
      const caches = starts ? [...module.caches, ...module.start.caches] : module.caches;
      const feeds = {};
      for (const { input } of caches) feeds[input] = this.caches[i][input];
      for (const { name, axis } of module.inputs) feeds[name] = joined(waiting.get(name), axis);
      waiting.clear();
      const results = await (starts ? this.starts[i] : this.sessions[i]).run(feeds);
      for (const { name } of module.outputs) values[name] = results[name];
      for (const cache of caches) {
        // A held cache keeps its initial value: what these runs see comes from before the stream.
        if (runs >= cache.holdSteps) this.caches[i][cache.input] = results[cache.output];
      }
    }
    return values;
  }
}

async function loadAll(paths) {
  const tensors = {};
  for (const [name, path] of Object.entries(paths)) tensors[name] = await readNpy(path);
  return tensors;
}

function maxDifference(a, b) {
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(Number(a[i]) - Number(b[i]));
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}

const manifest = await readJson("manifest.json");
const index = await readJson("vectors/index.json");
const modules = (useFloat && manifest.floatModules) || manifest.modules;
const vectors = index[useFloat ? "float" : manifest.precision];
const model = await StreamingModel.open(modules, manifest);
const produced = new Set(modules.flatMap((m) => m.outputs.map((p) => p.name)));
const cases = {};
for (const { name } of modules) {
  const { inputs, outputs, nextCaches } = vectors[name];
  cases[name] = { inputs: await loadAll(inputs), expected: await loadAll({ ...outputs, ...nextCaches }) };
}
const steps = Math.min(...modules.map((m, i) => vectors[m.name].steps * model.chunks[i]));
let worst = 0;
let failures = 0;
for (let step = 0; step < steps; step++) {
  const feeds = {};
  for (const [i, module] of modules.entries()) {
    const chunks = model.chunks[i];
    for (const { name, axis } of module.inputs) {
      if (produced.has(name) || feeds[name]) continue;
      // A run of a slow module took several chunks.
      const row = at(Math.floor(step / chunks), cases[module.name].inputs[name]);
      feeds[name] = part(row, axis, chunks, step % chunks);
    }
  }
  const values = await model.step(feeds);
  for (const [i, module] of modules.entries()) {
    if ((step + 1) % model.chunks[i] !== 0) continue;
    const run = Math.floor(step / model.chunks[i]);
    const { outputs, tolerances } = vectors[module.name];
    const actual = { ...values };
    for (const cache of module.caches) actual[cache.output] = model.caches[i][cache.input];
    for (const [name, tensor] of Object.entries(cases[module.name].expected)) {
      const error = maxDifference(actual[name].data, at(run, tensor).data);
      if (name in outputs) worst = Math.max(worst, error);
      if (!(error <= tolerances[name])) {
        failures++;
        console.log(\`step \${step}, \${module.name}, \${name}: off by \${error}, allowed \${tolerances[name]}\`);
      }
    }
  }
}
console.log(\`\${steps} steps, \${modules.length} module(s), max abs difference of outputs \${worst}\`);
process.exitCode = failures > 0 ? 1 : 0;
`;

/** A runnable example with onnxruntime-web (or -node): exit code 0 if it reproduces the test vectors. */
export function jsExample(): Map<string, Uint8Array> {
  const manifest = {
    name: "run-stream",
    private: true,
    type: "module",
    scripts: { start: "node run_stream.mjs" },
    dependencies: { "onnxruntime-web": ORT_WEB_VERSION },
  };
  return new Map([
    ["js/run_stream.mjs", encodeUtf8(RUN_STREAM)],
    ["js/package.json", encodeUtf8(stableJson(manifest))],
  ]);
}
