import { espdlModel } from "../../core/export/espdl/espdl-model.ts";
import { encodeEspdlModel } from "../../core/format/espdl/encode-espdl.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { elements, floats, type Tensor } from "../../core/ir/tensor.ts";
import { quantizeFeed } from "../../core/program/interpreter.ts";
import { storedAxis, storedDims } from "../../core/program/layout/axis-order.ts";
import { type ChannelsLast, channelsLast } from "../../core/program/layout/channels-last.ts";
import { transposeTensor } from "../../core/program/layout/reorder.ts";
import { type Program, tensorIn } from "../../core/program/program.ts";
import type { Module } from "../../core/stream/module.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";
import type { RunnableCache, RunnableModule, RunnablePort } from "../stepper.ts";
import { moduleProgram, type PlacedModel } from "./chip-model.ts";

/** A streaming module for a chip: its program in the chip's layout, and the file with caches as inputs and outputs. */
export interface ChipModule {
  readonly module: Module;
  /** In ONNX order: what feeds are quantized by. */
  readonly program: Program;
  readonly laid: ChannelsLast;
  readonly bytes: Uint8Array;
}

/** Lowers every module and writes its file. Throws `target.noKernel`. */
export function chipModules(
  placed: PlacedModel,
  modules: readonly Module[],
  target: EspdlTarget,
): ChipModule[] {
  return modules.map((module) => {
    const program = moduleProgram(placed, module);
    const laid = channelsLast(program, { keepWeights: placed.compatible });
    const metadata = new Map([["target", target.espPpq.target]]);
    const { vectorBytes } = target;
    const model = espdlModel({ name: module.name, program: laid.program, vectorBytes, metadata });
    return { module, program, laid, bytes: encodeEspdlModel(model) };
  });
}

/** The module as a stepper runs it: tensors in the chip's layout and types. `chunk`: model-input frames per step. */
export function runnableChipModule(
  { module, program, laid, bytes }: ChipModule,
  chunk: number,
): RunnableModule {
  const port = ({ name, axis }: Module["inputs"][number]): RunnablePort => {
    const { dtype, dims } = tensorIn(program, name);
    const order = laid.orders.get(name);
    return {
      name,
      dtype,
      shape: storedDims(order, dims),
      axis: axis === undefined ? undefined : storedAxis(order, axis),
    };
  };
  const cache = ({ input, output, init, holdSteps = 0 }: Module["caches"][number]): RunnableCache => {
    const { dtype, dims, exponents } = tensorIn(program, input);
    const order = laid.orders.get(input);
    // A cache starts with what padding is; that is a number of the stream, or the lowest integer of a pool.
    const integer = typeof init === "number" && exponents ? quantizedInit(program, input, init) : init;
    return { input, output, dtype, shape: storedDims(order, dims), init: integer, holdSteps };
  };
  return {
    name: module.name,
    bytes,
    chunks: module.chunk / chunk,
    gateRuns: module.gateRuns,
    inputs: module.inputs.map(port),
    outputs: module.outputs.map(port),
    caches: module.caches.map(cache),
  };
}

function quantizedInit(program: Program, name: ValueName, init: number): number {
  const { dims } = tensorIn(program, name);
  const size = dims.reduce((n, d) => n * d, 1);
  const [first] = elements(quantizeFeed(program, name, new Float32Array(size).fill(init)));
  return Number(first ?? 0);
}

/** Float frames of a model input as the chip receives them. */
export function chipFeed({ program, laid }: ChipModule, name: ValueName, frames: Tensor): Tensor {
  const quantized = quantizeFeed(program, name, floats(frames));
  const order = laid.orders.get(name);
  return order ? transposeTensor(quantized, order) : quantized;
}

/** A value of a module's run in ONNX order. */
export function fromChip({ laid }: ChipModule, name: ValueName, tensor: Tensor): Tensor {
  const order = laid.orders.get(name);
  if (!order) return tensor;
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return transposeTensor(tensor, inverse);
}
