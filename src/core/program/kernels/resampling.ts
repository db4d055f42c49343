import { sizeOf } from "../../ir/tensor.ts";
import { filled, inputAt, numbersOf, outputRecord, type Run, roundingInto } from "../kernel-context.ts";
import type { KernelForm } from "../program.ts";
import { pair } from "./convolution.ts";
import { places } from "./pooling.ts";

type Resize = Extract<KernelForm, { kind: "resize" }>;
type Blocks = Extract<KernelForm, { kind: "blocks" }>;

/** Channels to pixels and back; integers move as they are. Source: esp-dl dl_module_depth_to_space.hpp. */
export const runBlocks: Run<Blocks> = (context) => {
  const { direction, block, columnMajor, layout } = context.form;
  const input = inputAt(context, 0);
  const data = numbersOf(input);
  const record = outputRecord(context);
  const [from, to] = [places(input.dims, layout), places(record.dims, layout)];
  return [
    filled(record, sizeOf(record.dims), (i) => {
      const { batch, channel, row, column } = to.of(i);
      if (direction === "toDepth") {
        const inner = from.channels;
        const offset = Math.floor(channel / inner);
        const [u, v] = [Math.floor(offset / block), offset % block];
        return data[from.at(batch, channel % inner, row * block + u, column * block + v)] as number;
      }
      const offset = (row % block) * block + (column % block);
      const source = columnMajor ? channel * block * block + offset : offset * to.channels + channel;
      return data[from.at(batch, source, Math.floor(row / block), Math.floor(column / block))] as number;
    }),
  ];
};

interface Tap {
  readonly low: number;
  readonly high: number;
  readonly lowPart: number;
  readonly highPart: number;
}

const f32 = Math.fround;

/**
 * Nearest: the input at floor(i / factor). Linear: between two neighbours in float32, half-pixel or aligned corners, columns
 * before rows. Source: esp-dl dl_base_resize.cpp.
 */
export const runResize: Run<Resize> = (context) => {
  const { form, rounding } = context;
  const { layout, mode, inputLog2, outputLog2 } = form;
  const input = inputAt(context, 0);
  const data = numbersOf(input);
  const record = outputRecord(context);
  const [from, to] = [places(input.dims, layout), places(record.dims, layout)];
  const [high, wide] = pair(form.factors, 1);
  const [scale, rescale] = [2 ** inputLog2, 2 ** -outputLog2];
  const round = roundingInto(record, rounding);
  if (mode === "nearest") {
    const nearest = (i: number, factor: number, extent: number): number =>
      Math.min(Math.trunc(f32(i * f32(1 / factor))), extent - 1);
    return [
      filled(record, sizeOf(record.dims), (i) => {
        const { batch, channel, row, column } = to.of(i);
        const at = from.at(
          batch,
          channel,
          nearest(row, high, from.height),
          nearest(column, wide, from.width),
        );
        return round((data[at] as number) * scale * rescale);
      }),
    ];
  }
  const rows = taps(to.height, from.height, high, form.alignCorners);
  const columns = taps(to.width, from.width, wide, form.alignCorners);
  return [
    filled(record, sizeOf(record.dims), (i) => {
      const { batch, channel, row, column } = to.of(i);
      const [y, x] = [rows[row], columns[column]];
      if (!x || !y) throw new Error(`${record.name} has no such place`);
      const along = (line: number): number =>
        f32(
          f32((data[from.at(batch, channel, line, x.low)] as number) * scale * x.lowPart) +
            f32((data[from.at(batch, channel, line, x.high)] as number) * scale * x.highPart),
        );
      const value =
        to.height === 1 && from.height === 1
          ? along(0)
          : f32(f32(along(y.low) * y.lowPart) + f32(along(y.high) * y.highPart));
      return round(value * rescale);
    }),
  ];
};

/** The two input places of every output place with their parts. */
function taps(outputs: number, inputs: number, factor: number, alignCorners: boolean): Tap[] {
  const inverse = alignCorners ? f32((inputs - 1) / (outputs - 1)) : f32(1 / factor);
  return Array.from({ length: outputs }, (_, i) => {
    if (inputs === 1) return { low: 0, high: 0, lowPart: 1, highPart: 0 };
    const place = alignCorners ? f32(i * inverse) : f32(f32(f32(i + 0.5) * inverse) - 0.5);
    let low = Math.floor(place);
    let part = f32(place - low);
    if (low < 0) [low, part] = [0, 0];
    if (low >= inputs - 1) [low, part] = [inputs - 2, 1];
    return { low, high: low + 1, lowPart: f32(1 - part), highPart: part };
  });
}
