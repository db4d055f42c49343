import { espdlModel } from "../../core/export/espdl/espdl-model.ts";
import { soundFile } from "../../core/export/espdl/sound-file.ts";
import type { ExplicitReason } from "../../core/export/package-input.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { elements, floats, type Tensor } from "../../core/ir/tensor.ts";
import { copyOverwritten } from "../../core/program/copy-overwritten.ts";
import { type HistoryState, historyOf, withHistories } from "../../core/program/internal-states.ts";
import { DeviceTwin, quantizeFeed } from "../../core/program/interpreter.ts";
import { type AxisOrder, storedAxis, storedDims } from "../../core/program/layout/axis-order.ts";
import { type ChannelsLast, channelsLast } from "../../core/program/layout/channels-last.ts";
import { permuteRows, transposeTensor } from "../../core/program/layout/reorder.ts";
import { type Program, tensorIn } from "../../core/program/program.ts";
import type { Cache, Module } from "../../core/stream/module.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";
import type { RunnableCache, RunnableModule, RunnablePort } from "../stepper.ts";
import { moduleProgram, type PlacedModel } from "./chip-model.ts";

/** A cache as a chip's file has it: inside, under the names by which the twin reaches it, or as an input and an output. */
export interface ChipCache {
  readonly cache: Cache;
  readonly inside?: { readonly input: string; readonly output: string };
  readonly explicit?: ExplicitReason;
}

/** A streaming module for a chip: its program in the chip's layout, and its file. */
export interface ChipModule {
  readonly module: Module;
  readonly target: EspdlTarget;
  /** In ONNX order: what feeds are quantized by. */
  readonly program: Program;
  /** With the caches that the file keeps itself as states. */
  readonly laid: ChannelsLast;
  readonly caches: readonly ChipCache[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

export interface ChipModuleOptions {
  /** Every cache an input and an output, even where the file could keep it itself. */
  readonly explicit?: boolean;
  /** Beside the target. */
  readonly metadata?: ReadonlyMap<string, string>;
}

/**
 * Lowers every module and writes its file. What several read or hand on lies in one order: that of the first. Caches stay inside where
 * ESP-DL can keep them. Throws `target.noKernel`.
 */
export function chipModules(
  placed: PlacedModel,
  modules: readonly Module[],
  target: EspdlTarget,
  options: ChipModuleOptions = {},
): ChipModule[] {
  const handedOn = new Map<ValueName, AxisOrder>();
  return modules.map((module) => {
    const program = moduleProgram(placed, module);
    const outside = channelsLast(program, {
      keepWeights: placed.compatible,
      vectorBytes: target.vectorBytes,
      carried: module.caches.map(({ input, output }) => [input, output] as const),
      given: new Map([...handedOn].filter(([name]) => program.inputs.includes(name))),
    });
    for (const { name } of [...module.inputs, ...module.outputs])
      if (!handedOn.has(name)) handedOn.set(name, outside.orders.get(name));
    const found = module.caches.map(
      (cache) => [cache, placeOf(outside.program, module, cache, options)] as const,
    );
    const histories = found.flatMap(([, place]) => (typeof place === "string" ? [] : [place]));
    const laid = { ...outside, program: copyOverwritten(withHistories(outside.program, histories)) };
    const metadata = new Map([["target", target.espPpq.target], ...(options.metadata ?? [])]);
    const bare = { module, target, program, laid, metadata, caches: [] };
    const bytes = chipFile(bare);
    const caches = found.map(([cache, place]): ChipCache => {
      if (typeof place === "string") return { cache, explicit: place };
      return { cache, inside: namesInside(bytes, place) };
    });
    return { ...bare, caches, bytes };
  });
}

/** The module's file, with test vectors from one run of it: `feeds` are its inputs, caches of the file's own excluded. */
export function chipFile(
  { module, target, laid, metadata }: Omit<ChipModule, "bytes" | "caches">,
  feeds?: Readonly<Record<string, Tensor>>,
): Uint8Array {
  const { vectorBytes } = target;
  const { program } = laid;
  const vectors = feeds && { inputs: feeds, values: new DeviceTwin(program).step(feeds) };
  const name = module.name;
  return soundFile(espdlModel({ name, program, vectorBytes, metadata, ...(vectors && { vectors }) }));
}

function placeOf(
  program: Program,
  { gateRuns }: Module,
  { input, output, init, holdSteps = 0 }: Cache,
  { explicit = false }: ChipModuleOptions,
): HistoryState | ExplicitReason {
  if (explicit) return "asked";
  // Runs that are left out leave caches as they are, wherever these are kept.
  if (holdSteps > gateRuns) return "hold";
  if (init !== 0) return "init";
  return historyOf(program, { input, output });
}

/** What the twin calls the state of a cache that the file keeps. */
function namesInside(bytes: Uint8Array, { window }: HistoryState): { input: string; output: string } {
  const node = decodeEspdlModel(bytes).graph.nodes.find((n) => n.outputs.includes(window));
  if (!node) throw new Error(`no node makes ${window}`);
  return { input: `${node.name}.state`, output: `${node.name}.state.next` };
}

/** The module as a stepper runs it: tensors in the chip's layout and types. `chunk`: model-input frames per step. */
export function runnableChipModule(chip: ChipModule, chunk: number): RunnableModule {
  const { module, bytes } = chip;
  return {
    name: module.name,
    bytes,
    chunks: module.chunk / chunk,
    gateRuns: module.gateRuns,
    inputs: module.inputs.map((p) => chipPort(chip, p)),
    outputs: module.outputs.map((p) => chipPort(chip, p)),
    caches: chip.caches.map((c) => chipCache(chip, c)),
  };
}

/** A port in the chip's layout and type. */
export function chipPort(
  { program, laid }: ChipModule,
  { name, axis }: Module["inputs"][number],
): RunnablePort {
  const { dtype, dims } = tensorIn(program, name);
  const order = laid.orders.get(name);
  return {
    name,
    dtype,
    shape: storedDims(order, dims),
    axis: axis === undefined ? undefined : storedAxis(order, axis),
  };
}

/** A cache in the chip's layout and type, by the names under which the twin reaches it. */
export function chipCache(chip: ChipModule, { cache, inside }: ChipCache): RunnableCache {
  const { program, laid } = chip;
  const { input, output, init, holdSteps = 0 } = cache;
  const { dtype, dims, exponents } = tensorIn(program, input);
  const order = laid.orders.get(input);
  // A cache starts with what padding is; that is a number of the stream, or the lowest integer of a pool.
  const integer = !exponents
    ? init
    : typeof init === "number"
      ? quantizedInit(program, input, init)
      : chipFeed(chip, input, init);
  return { input, output, ...inside, dtype, shape: storedDims(order, dims), init: integer, holdSteps };
}

function quantizedInit(program: Program, name: ValueName, init: number): number {
  const { dims } = tensorIn(program, name);
  const size = dims.reduce((n, d) => n * d, 1);
  const [first] = elements(quantizeFeed(program, name, new Float32Array(size).fill(init)));
  return Number(first ?? 0);
}

/** Float frames of a model input as the chip receives them. */
export function chipFeed({ program, laid }: ChipModule, name: ValueName, frames: Tensor): Tensor {
  const sized = { ...program, tensors: resized(program, name, frames) };
  const quantized = quantizeFeed(sized, name, floats(frames));
  const order = laid.orders.get(name);
  return order ? transposeTensor(quantized, order) : quantized;
}

/** The record of an input for as many frames as there are: a module that runs slower takes several chunks. */
function resized({ tensors }: Program, name: ValueName, { dims }: Tensor): Program["tensors"] {
  const record = tensors.get(name);
  return record ? new Map([[name, { ...record, dims }]]) : tensors;
}

/** A value of a module's run in ONNX order. */
export function fromChip({ laid }: ChipModule, name: ValueName, tensor: Tensor): Tensor {
  const columns = laid.columns.get(name);
  if (columns) return permuteRows(tensor, inverted(columns), true);
  const order = laid.orders.get(name);
  return order ? transposeTensor(tensor, inverted(order)) : tensor;
}

function inverted(places: readonly number[]): number[] {
  const inverse = new Array<number>(places.length).fill(0);
  for (const [i, place] of places.entries()) inverse[place] = i;
  return inverse;
}
