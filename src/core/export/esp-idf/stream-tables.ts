import { sliceAxis } from "../../ir/axis.ts";
import { byteLength, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { filledTensor } from "../../stream/filled-tensor.ts";
import type {
  ChipDeployment,
  PackagedCache,
  PackagedModule,
  PackagedPort,
  PackageInput,
} from "../package-input.ts";

/** How the elements of one value lie: `outer` rows of `frames` frames of `frameBytes` bytes. */
interface Rows {
  readonly outer: number;
  readonly frames: number;
  readonly frameBytes: number;
}

/** A model input: `frames` arrive every so many schedule steps; those of the self-test begin at `offset`. */
export interface SourceTable extends Rows {
  readonly value: number;
  readonly name: string;
  readonly exponent: number | undefined;
  readonly every: number;
  readonly offset: number;
}

export interface InputTable extends Rows {
  readonly value: number;
  readonly name: string;
  /** No time axis: the newest one counts. */
  readonly latest: boolean;
}

export interface OutputTable extends Rows {
  readonly value: number;
  readonly name: string;
  readonly exponent: number | undefined;
  readonly dtype: string;
  /** Where the recorded runs begin. */
  readonly offset: number;
}

export interface CacheTable {
  readonly input: string;
  readonly output: string;
  readonly bytes: number;
  /** Bytes of one element at reset. */
  readonly fill: readonly number[];
  readonly holdRuns: number;
  /** Where the contents at reset are; −1: `fill` everywhere. */
  readonly initOffset: number;
}

export interface ModuleTable {
  readonly name: string;
  readonly period: number;
  readonly firstStep: number;
  readonly gateRuns: number;
  readonly recordedRuns: number;
  readonly inputs: readonly InputTable[];
  readonly outputs: readonly OutputTable[];
  readonly caches: readonly CacheTable[];
}

/** What the step loop of a firmware needs: plain numbers, and all recorded tensors one after the other. */
export interface StreamTables {
  readonly sources: readonly SourceTable[];
  readonly modules: readonly ModuleTable[];
  /** Schedule steps that the recorded inputs last. */
  readonly recordedSteps: number;
  readonly vectors: Uint8Array;
}

/** What a firmware is made from. */
export type FirmwareInput = Pick<PackageInput, "chip" | "inputs" | "schedule" | "chunk" | "plan" | "model">;

/** The tables of a chip's package. Values are numbered: model inputs first, then outputs of modules. */
export function streamTables(input: FirmwareInput, { modules }: ChipDeployment): StreamTables {
  const store = new ByteStore();
  const numbers = new Map<string, number>();
  for (const { name } of input.inputs) numbers.set(name, numbers.size);
  for (const { name } of modules.flatMap((m) => m.outputs)) numbers.set(name, numbers.size);
  const numberOf = (name: string): number => numbers.get(name) ?? -1;
  const stepsPerChunk = input.chunk / input.schedule.framesPerStep;
  const sources = input.inputs.flatMap((port): SourceTable[] => {
    const reader = modules.find((m) => m.inputs.some((p) => p.name === port.name));
    const own = reader?.inputs.find((p) => p.name === port.name);
    const recorded = reader?.vectors.inputs.get(port.name);
    if (!reader || !own || !recorded) return [];
    return [source(own, numberOf(port.name), { reader, recorded, stepsPerChunk }, store)];
  });
  return {
    sources,
    modules: modules.map((module) => moduleTable(module, numberOf, store)),
    recordedSteps: Math.min(...modules.map((m) => m.vectors.steps * m.period)),
    vectors: store.bytes(),
  };
}

interface Arrival {
  readonly reader: PackagedModule;
  /** Rows are the reader's runs. */
  readonly recorded: Tensor;
  readonly stepsPerChunk: number;
}

/** Frames come in every schedule step where they divide so, else a chunk at a time. */
function source(
  port: PackagedPort,
  value: number,
  { reader, recorded, stepsPerChunk }: Arrival,
  store: ByteStore,
): SourceTable {
  const rows = rowsOf(port);
  const perStep = rows.frames / reader.period;
  const every = port.axis !== undefined && Number.isInteger(perStep) ? 1 : stepsPerChunk;
  const frames = port.axis === undefined ? 1 : (rows.frames / reader.period) * every;
  const offset = store.at;
  for (const run of runsOf(recorded)) {
    const arrivals = reader.period / every;
    for (let i = 0; i < arrivals; i++)
      store.add(port.axis === undefined ? run : sliceAxis(run, port.axis, i * frames, (i + 1) * frames));
  }
  const { outer, frameBytes } = rows;
  return { value, name: port.name, exponent: exponentOf(port), every, frames, outer, frameBytes, offset };
}

function moduleTable(
  module: PackagedModule,
  numberOf: (name: string) => number,
  store: ByteStore,
): ModuleTable {
  const { name, period, startStep, gateRuns, vectors } = module;
  return {
    name,
    period,
    firstStep: startStep - gateRuns * period,
    gateRuns,
    recordedRuns: vectors.steps,
    inputs: module.inputs.map((port) => ({
      ...rowsOf(port),
      value: numberOf(port.name),
      name: port.name,
      latest: port.axis === undefined,
    })),
    outputs: module.outputs.map((port): OutputTable => {
      const offset = store.at;
      const recorded = vectors.outputs.get(port.name);
      if (recorded) store.add(recorded);
      const { dtype } = port;
      return {
        ...rowsOf(port),
        value: numberOf(port.name),
        name: port.name,
        exponent: exponentOf(port),
        dtype,
        offset,
      };
    }),
    caches: module.caches.filter((c) => !c.internal).map((cache) => cacheTable(cache, store)),
  };
}

function cacheTable(
  { input, output, dtype, shape, init, holdSteps = 0 }: PackagedCache,
  store: ByteStore,
): CacheTable {
  const bytes = byteLength(dtype, sizeOf(shape));
  const initOffset = typeof init === "number" ? -1 : store.at;
  if (typeof init !== "number") store.add(init);
  const fill = [...filledTensor(dtype, [1], typeof init === "number" ? init : 0).bytes];
  return { input, output, bytes, fill, holdRuns: holdSteps, initOffset };
}

function rowsOf({ dtype, shape, axis }: PackagedPort): Rows {
  if (axis === undefined) return { outer: 1, frames: 1, frameBytes: byteLength(dtype, sizeOf(shape)) };
  return {
    outer: sizeOf(shape.slice(0, axis)),
    frames: shape[axis] ?? 1,
    frameBytes: byteLength(dtype, sizeOf(shape.slice(axis + 1))),
  };
}

function exponentOf({ scale }: PackagedPort): number | undefined {
  if (scale === undefined) return undefined;
  // A power of two: the exponent is found by doubling, exactly.
  let [exponent, at] = [0, scale];
  for (; at < 1; at *= 2) exponent--;
  for (; at > 1; at /= 2) exponent++;
  return exponent;
}

function runsOf({ dtype, dims, bytes }: Tensor): Tensor[] {
  const [runs = 0, ...own] = dims;
  const size = bytes.length / Math.max(1, runs);
  return Array.from({ length: runs }, (_, i) => ({
    dtype,
    dims: own,
    bytes: bytes.subarray(i * size, (i + 1) * size),
  }));
}

/** Tensors one after the other. */
class ByteStore {
  at = 0;
  private readonly parts: Uint8Array[] = [];

  add({ bytes }: Pick<Tensor, "bytes">): void {
    this.parts.push(bytes);
    this.at += bytes.length;
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.at);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
