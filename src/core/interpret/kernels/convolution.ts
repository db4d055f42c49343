import { nodeKey } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { doubles, zeros } from "../doubles.ts";
import { residue, whole } from "../exact.ts";
import { type Kernel, NotCovered, needed } from "../kernel.ts";
import { outputExtent, planes, tapRange, unplaned, type Window, windowOf } from "./windows.ts";

interface Contraction {
  readonly x: Float64Array;
  readonly w: Float64Array;
  readonly out: Float64Array;
  readonly input: readonly [number, number, number, number];
  readonly output: readonly [number, number, number, number];
  readonly window: Window;
  readonly groups: number;
}

const conv: Kernel = (inputs, attributes, node) => {
  const [x, w, bias] = [needed(inputs[0]), needed(inputs[1]), inputs[2]];
  const window = windowOf(attributes, w.dims.slice(2), node);
  const input = planes(x.dims);
  const groups = attributes.int("group", 1);
  const output = [
    input[0],
    w.dims[0] ?? 1,
    outputExtent(window, 0, input[2]),
    outputExtent(window, 1, input[3]),
  ] as const;
  const { data: out, tensor } = zeros(unplaned(output, x.dims.length));
  gather({ x: wholes(x), w: doubles(w), out, input, output, window, groups });
  return finished(out, output, bias, tensor);
};

/** Every tap of every filter at once along the row: taps are added in one order for every output element. */
function gather({ x, w, out, input, output, window, groups }: Contraction): void {
  const [batch, channels, height, width] = input;
  const [, filters, rows, columns] = output;
  const [inGroup, outGroup] = [channels / groups, filters / groups];
  const { kernel, stride, dilation, start } = window;
  const taps = kernel[0] * kernel[1];
  for (let n = 0; n < batch; n++) {
    for (let f = 0; f < filters; f++) {
      const group = Math.floor(f / outGroup);
      for (let c = 0; c < inGroup; c++) {
        const plane = (n * channels + group * inGroup + c) * height * width;
        for (let tap = 0; tap < taps; tap++) {
          const weight = w[(f * inGroup + c) * taps + tap] as number;
          const dy = Math.floor(tap / kernel[1]) * dilation[0] - start[0];
          const dx = (tap % kernel[1]) * dilation[1] - start[1];
          const [top, bottom] = tapRange(dy, stride[0], height, rows);
          const [left, right] = tapRange(dx, stride[1], width, columns);
          for (let r = top; r < bottom; r++) {
            const to = ((n * filters + f) * rows + r) * columns;
            const from = plane + (r * stride[0] + dy) * width + dx;
            for (let k = left; k < right; k++)
              out[to + k] = (out[to + k] as number) + weight * (x[from + k * stride[1]] as number);
          }
        }
      }
    }
  }
}

const convTranspose: Kernel = (inputs, attributes, node) => {
  const [x, w, bias] = [needed(inputs[0]), needed(inputs[1]), inputs[2]];
  if (attributes.has("output_shape")) throw new NotCovered(node.op, nodeKey(node));
  const window = windowOf(attributes, w.dims.slice(2), node);
  const input = planes(x.dims);
  const groups = attributes.int("group", 1);
  const padding = attributes.ints("output_padding", []);
  const more = x.dims.length === 3 ? [0, padding[0] ?? 0] : [padding[0] ?? 0, padding[1] ?? 0];
  const extent = (i: 0 | 1, length: number): number =>
    window.stride[i] * (length - 1) +
    window.dilation[i] * (window.kernel[i] - 1) +
    1 +
    (more[i] ?? 0) -
    window.start[i] -
    window.end[i];
  const output = [input[0], (w.dims[1] ?? 1) * groups, extent(0, input[2]), extent(1, input[3])] as const;
  const { data: out, tensor } = zeros(unplaned(output, x.dims.length));
  spread({ x: wholes(x), w: doubles(w), out, input, output, window, groups });
  return finished(out, output, bias, tensor);
};

function spread({ x, w, out, input, output, window, groups }: Contraction): void {
  const [batch, channels, height, width] = input;
  const [, filters, rows, columns] = output;
  const [inGroup, outGroup] = [channels / groups, filters / groups];
  const { kernel, stride, dilation, start } = window;
  const taps = kernel[0] * kernel[1];
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const plane = (n * channels + c) * height * width;
      const group = Math.floor(c / inGroup);
      for (let f = 0; f < outGroup; f++) {
        const filter = (n * filters + group * outGroup + f) * rows * columns;
        for (let tap = 0; tap < taps; tap++) {
          const weight = w[(c * outGroup + f) * taps + tap] as number;
          const dy = Math.floor(tap / kernel[1]) * dilation[0] - start[0];
          const dx = (tap % kernel[1]) * dilation[1] - start[1];
          const [top, bottom] = tapRange(dy, stride[0], rows, height);
          const [left, right] = tapRange(dx, stride[1], columns, width);
          for (let r = top; r < bottom; r++) {
            const from = plane + r * width;
            const to = filter + (r * stride[0] + dy) * columns + dx;
            for (let k = left; k < right; k++) {
              const at = to + k * stride[1];
              out[at] = (out[at] as number) + weight * (x[from + k] as number);
            }
          }
        }
      }
    }
  }
}

function wholes(t: Tensor): Float64Array {
  return doubles(t).map(whole);
}

function finished(
  out: Float64Array,
  [batch, filters, rows, columns]: readonly [number, number, number, number],
  bias: Tensor | undefined,
  tensor: Tensor,
): readonly Tensor[] {
  const offsets = bias && wholes(bias);
  const plane = rows * columns;
  for (let i = 0; i < batch * filters; i++) {
    const offset = offsets?.[i % filters] ?? 0;
    for (let k = i * plane; k < (i + 1) * plane; k++) out[k] = residue((out[k] as number) + offset);
  }
  return [tensor];
}

export const convolutionKernels: Readonly<Record<string, Kernel>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
};
