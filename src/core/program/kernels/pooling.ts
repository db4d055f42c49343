import { sizeOf, type Tensor } from "../../ir/tensor.ts";
import {
  filled,
  inputAt,
  type KernelContext,
  numbersOf,
  outputRecord,
  type Run,
  roundingInto,
} from "../kernel-context.ts";
import type { KernelForm, Layout, Window } from "../program.ts";
import { pair } from "./convolution.ts";

type Average = Extract<KernelForm, { kind: "average" }>;
type Maximum = Extract<KernelForm, { kind: "maximum" }>;

/** Folds the taps of every window, `start` first; taps outside the input are skipped. */
function poolWith(
  context: KernelContext<Average | Maximum>,
  start: number,
  fold: (sum: number, x: number) => number,
): { count: number; at: (i: number) => number } {
  const input = inputAt(context, 0);
  const data = numbersOf(input);
  const { window, layout } = context.form;
  const from = places(input.dims, layout);
  const to = places(outputRecord(context).dims, layout);
  const [kernel, strides, dilations] = [
    pair(window.kernel, 1),
    pair(window.strides, 1),
    pair(window.dilations, 1),
  ];
  const pads = pair(window.padsBefore, 0);
  return {
    count: sizeOf(outputRecord(context).dims),
    at: (i) => {
      const { batch, channel, row, column } = to.of(i);
      let sum = start;
      for (let u = 0; u < kernel[0]; u++) {
        const y = row * strides[0] + u * dilations[0] - pads[0];
        if (y < 0 || y >= from.height) continue;
        for (let v = 0; v < kernel[1]; v++) {
          const z = column * strides[1] + v * dilations[1] - pads[1];
          if (z >= 0 && z < from.width) sum = fold(sum, data[from.at(batch, channel, y, z)] as number);
        }
      }
      return sum;
    },
  };
}

export interface Place {
  readonly batch: number;
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

/** Batch, channel, row and column of element i, and back; one spatial axis counts as a single row. */
export function places(dims: readonly number[], layout: Layout) {
  const first = layout === "channels-first";
  const channels = (first ? dims[1] : dims.at(-1)) ?? 1;
  const [height, width] = pair(first ? dims.slice(2) : dims.slice(1, -1), 1);
  const space = height * width;
  return {
    channels,
    height,
    width,
    at: (batch: number, channel: number, row: number, column: number): number =>
      first
        ? (batch * channels + channel) * space + row * width + column
        : (batch * space + row * width + column) * channels + channel,
    of: (i: number): Place => {
      const inner = first ? space : channels;
      const low = i % inner;
      const rest = (i - low) / inner;
      const middle = rest % (first ? channels : space);
      const [channel, s] = first ? [middle, low] : [low, middle];
      const column = s % width;
      return {
        batch: Math.floor(rest / (first ? channels : space)),
        channel,
        row: (s - column) / width,
        column,
      };
    },
  };
}

/**
 * Mean over windows: the integer sum times one float32 factor of scale and area; the area counts padding, whatever the ONNX
 * attribute says. Source: esp-dl dl_base_avg_pool2d.cpp 28–55.
 */
export const runAverage: Run<Average> = (context) => {
  const { window, inputLog2, outputLog2 } = context.form;
  const { count, at } = poolWith(context, 0, (sum, x) => sum + x);
  const area = window.kernel.reduce((n, k) => n * k, 1);
  const factor = Math.fround(Math.fround(2 ** inputLog2 * Math.fround(1 / area)) * 2 ** -outputLog2);
  const record = outputRecord(context);
  const round = roundingInto(record, context.rounding);
  return [filled(record, count, (i) => round(Math.fround(at(i) * factor)))];
};

/** Largest raw integer of every window; the exponent passes on. */
export const runMaximum: Run<Maximum> = (context): Tensor[] => {
  const { count, at } = poolWith(context, Number.NEGATIVE_INFINITY, Math.max);
  return [filled(outputRecord(context), count, at)];
};

/** Window of the whole extent, for global pools. */
export function wholeWindow(extent: readonly number[]): Window {
  const ones = extent.map(() => 1);
  const zeros = extent.map(() => 0);
  return { kernel: extent, strides: ones, dilations: ones, padsBefore: zeros, padsAfter: zeros };
}
