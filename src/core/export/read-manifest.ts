import { integer, items, type Json, members, oneOf, parseJson, text, truth } from "../base/json-reader.ts";
import { fail } from "../base/problem.ts";
import { decodeUtf8 } from "../base/utf8.ts";
import { planOf } from "../plan/parse-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { MANIFEST_FILE } from "./manifest.ts";
import type { Precision } from "./package-input.ts";
import { VECTOR_INDEX, type VectorPaths } from "./test-vectors.ts";

/** What running a package needs of its manifest. */
export interface ManifestModule {
  readonly name: string;
  readonly file: string;
  /** Chunks of the model that one run takes: period · frames of a schedule step / chunk. */
  readonly chunks: number;
  /** Runs from reset that are left out. */
  readonly gateRuns: number;
  readonly inputs: readonly ManifestPort[];
  readonly outputs: readonly ManifestPort[];
  readonly caches: readonly ManifestCache[];
  /** The graph of the first runs, if they have their own; its caches come beside the module's. */
  readonly start?: {
    readonly file: string;
    readonly runs: number;
    readonly caches: readonly ManifestCache[];
  };
}

export interface ManifestPort {
  readonly name: string;
  readonly dtype: PortType;
  readonly shape: readonly number[];
  /** Time axis of a stream. */
  readonly axis: number | undefined;
}

export interface ManifestCache {
  readonly input: string;
  readonly output: string;
  readonly shape: readonly number[];
  readonly dtype: CacheType;
  /** A number, or the path of a file that holds the whole tensor. */
  readonly init: number | string;
  /** Runs from reset whose new contents are dropped. */
  readonly holdSteps: number;
  /** Kept by the file itself: no input and output of its own. */
  readonly internal?: true;
}

export interface Manifest {
  /** The whole file as plain data. */
  readonly told: Readonly<Record<string, unknown>>;
  readonly model: { readonly name: string; readonly sha256: string };
  readonly plan: Plan;
  readonly sets: readonly { readonly precision: Precision; readonly modules: readonly ManifestModule[] }[];
}

/** The manifest of a package, of schema 1. Unknown members are ignored. Throws `package.malformed` with the place. */
export function readManifest(bytes: Uint8Array): Manifest {
  const json = parseJson(decodeUtf8(bytes), (what) =>
    fail({ code: "package.malformed", file: MANIFEST_FILE, what }),
  );
  const get = reader(json);
  oneOf(get("schema"), [1]);
  const model = reader(get("model"));
  const precision = oneOf<Precision>(get("precision"), ["float", "int8", "chip"]);
  const perChunk = stepsPerChunk(get);
  const modules = (list: Json) => items(list).map((module) => readModule(module, perChunk));
  const deployed = { precision, modules: modules(get("modules")) };
  const twins = members(json).get("floatModules");
  return {
    told: json.value as Readonly<Record<string, unknown>>,
    model: { name: text(model("name")), sha256: text(model("sha256")) },
    plan: planOf(get("plan")),
    sets: twins ? [{ precision: "float", modules: modules(twins) }, deployed] : [deployed],
  };
}

function reader(json: Json): (key: string) => Json {
  const found = members(json);
  return (key) =>
    found.get(key) ??
    json.bad({ code: "missing", place: `${json.place === "" ? "" : `${json.place}.`}${key}` });
}

/** Schedule steps in which one chunk arrives. */
function stepsPerChunk(get: (key: string) => Json): number {
  const framesPerStep = reader(get("schedule"))("framesPerStep");
  const steps = integer(get("chunk"), 1) / integer(framesPerStep, 1);
  return Number.isInteger(steps)
    ? steps
    : framesPerStep.bad({ code: "chunkPartExpected", place: framesPerStep.place });
}

function readModule(json: Json, perChunk: number): ManifestModule {
  const get = reader(json);
  const period = get("period");
  const chunks = integer(period, 1) / perChunk;
  const gateRuns = members(json).get("gateRuns");
  const start = members(json).get("start");
  return {
    name: text(get("name")),
    file: text(get("file")),
    chunks: Number.isInteger(chunks)
      ? chunks
      : period.bad({ code: "wholeChunksExpected", place: period.place }),
    gateRuns: gateRuns ? integer(gateRuns, 0) : 0,
    inputs: items(get("inputs")).map(readPort),
    outputs: items(get("outputs")).map(readPort),
    caches: items(get("caches")).map(readCache),
    ...(start && { start: readStart(start) }),
  };
}

function readStart(json: Json): ManifestModule["start"] & object {
  const get = reader(json);
  return {
    file: text(get("file")),
    runs: integer(get("runs"), 1),
    caches: items(get("caches")).map(readCache),
  };
}

const PORT_TYPES = [
  "float32",
  "float64",
  "float16",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "int64",
  "bool",
] as const;
type PortType = (typeof PORT_TYPES)[number];

function readPort(json: Json): ManifestPort {
  const get = reader(json);
  const axis = members(json).get("axis");
  return {
    name: text(get("name")),
    dtype: oneOf(get("dtype"), PORT_TYPES),
    shape: items(get("shape")).map((d) => integer(d, 0)),
    axis: typeof axis?.value === "number" ? integer(axis, 0) : undefined,
  };
}

/** Activations, and what comparisons and casts leave of them. */
const CACHE_TYPES = ["float32", "int8", "int16", "bool", "int32", "int64", "uint8"] as const;
type CacheType = (typeof CACHE_TYPES)[number];

function readCache(json: Json): ManifestCache {
  const get = reader(json);
  const init = get("init");
  const held = members(json).get("holdSteps");
  const internal = members(json).get("internal");
  if (typeof init.value !== "number" && typeof init.value !== "string")
    json.bad({ code: "numberOrFileExpected", place: init.place });
  return {
    input: text(get("input")),
    output: text(get("output")),
    shape: items(get("shape")).map((d) => integer(d, 0)),
    dtype: oneOf(get("dtype"), CACHE_TYPES),
    init: init.value as number | string,
    holdSteps: held ? integer(held, 0) : 0,
    ...(internal && truth(internal) && { internal: true as const }),
  };
}

/** Precision → module → its vectors. Throws `package.malformed`. */
export function readVectorIndex(bytes: Uint8Array): ReadonlyMap<string, ReadonlyMap<string, VectorPaths>> {
  const json = parseJson(decodeUtf8(bytes), (what) =>
    fail({ code: "package.malformed", file: VECTOR_INDEX, what }),
  );
  return mapOf(json, (modules) => mapOf(modules, readPaths));
}

function mapOf<T>(json: Json, read: (member: Json) => T): ReadonlyMap<string, T> {
  return new Map([...members(json)].map(([key, member]) => [key, read(member)]));
}

function readPaths(json: Json): VectorPaths {
  const get = reader(json);
  const record = <T>(key: string, read: (member: Json) => T) => Object.fromEntries(mapOf(get(key), read));
  return {
    steps: integer(get("steps"), 0),
    inputs: record("inputs", text),
    caches: record("caches", text),
    outputs: record("outputs", text),
    nextCaches: record("nextCaches", text),
    tolerances: record("tolerances", (j) =>
      typeof j.value === "number" ? j.value : j.bad({ code: "numberExpected", place: j.place }),
    ),
  };
}
