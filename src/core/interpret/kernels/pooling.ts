import { nodeKey } from "../../ir/graph.ts";
import { doubles, zeros } from "../doubles.ts";
import { whole } from "../exact.ts";
import { type Kernel, NotCovered, needed } from "../kernel.ts";
import { outputExtent, planes, unplaned, windowOf } from "./windows.ts";

/** The smallest float32: what a window of nothing but padding holds. */
const LOWEST = -3.4028234663852886e38;

/** NaN wins, unlike in most runtimes: a poisoned frame must show. */
function larger(a: number, b: number): number {
  return Number.isNaN(a) || a >= b ? a : b;
}

const pool: Kernel = (inputs, attributes, node) => {
  const x = needed(inputs[0]);
  if (node.outputs[1]) throw new NotCovered(node.op, nodeKey(node));
  const w = windowOf(attributes, attributes.ints("kernel_shape", []), node);
  const ceil = attributes.int("ceil_mode", 0) !== 0;
  const mean = node.op === "AveragePool";
  const padsCount = attributes.int("count_include_pad", 0) !== 0;
  const [batch, channels, height, width] = planes(x.dims);
  const [rows, columns] = [outputExtent(w, 0, height, ceil), outputExtent(w, 1, width, ceil)];
  const source = mean ? doubles(x).map(whole) : doubles(x);
  const { data: out, tensor } = zeros(unplaned([batch, channels, rows, columns], x.dims.length));
  let at = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let r = 0; r < rows; r++) {
      for (let k = 0; k < columns; k++) {
        let best = LOWEST;
        let sum = 0;
        let count = 0;
        for (let tap = 0; tap < w.kernel[0] * w.kernel[1]; tap++) {
          const y = r * w.stride[0] + Math.floor(tap / w.kernel[1]) * w.dilation[0] - w.start[0];
          const z = k * w.stride[1] + (tap % w.kernel[1]) * w.dilation[1] - w.start[1];
          const inside = y >= 0 && y < height && z >= 0 && z < width;
          if (padsCount && y < height + w.end[0] && z < width + w.end[1]) count++;
          if (!inside) continue;
          if (!padsCount) count++;
          const value = source[(plane * height + y) * width + z] as number;
          best = larger(best, value);
          sum += value;
        }
        out[at++] = mean ? sum / Math.max(1, count) : best;
      }
    }
  }
  return [tensor];
};

export const poolingKernels: Readonly<Record<string, Kernel>> = { MaxPool: pool, AveragePool: pool };
