import type { Tensor } from "../../ir/tensor.ts";
import type { KernelContext, Run } from "../kernel-context.ts";
import type { KernelForm } from "../program.ts";
import { runCompare } from "./compare.ts";
import { runConvolution } from "./convolution.ts";
import {
  runBinary,
  runCoarseTable,
  runDivide,
  runFloat,
  runMultiply,
  runRescale,
  runSum,
  runTable,
} from "./elementwise.ts";
import { runInsertZeros, runMove } from "./movement.ts";
import { runNormalize } from "./normalize.ts";
import { runAverage, runMaximum } from "./pooling.ts";
import { runProduct } from "./product.ts";
import { runRecurrent } from "./recurrent.ts";
import { runReduce } from "./reduce.ts";
import { runBlocks, runResize } from "./resampling.ts";
import { runSoftmax } from "./softmax.ts";

type Kind = KernelForm["kind"];

const KERNELS: { readonly [K in Kind]: Run<Extract<KernelForm, { kind: K }>> } = {
  convolution: runConvolution,
  product: runProduct,
  sum: runSum,
  multiply: runMultiply,
  divide: runDivide,
  binary: runBinary,
  compare: runCompare,
  table: runTable,
  coarseTable: runCoarseTable,
  float: runFloat,
  rescale: runRescale,
  average: runAverage,
  maximum: runMaximum,
  reduce: runReduce,
  move: runMove,
  insertZeros: runInsertZeros,
  blocks: runBlocks,
  resize: runResize,
  normalize: runNormalize,
  recurrent: runRecurrent,
  softmax: runSoftmax,
};

/** Runs one kernel. */
export function runKernel(context: KernelContext): Tensor[] {
  // The catalogue pairs every kind with its own runner; the compiler cannot follow the pairing through the index.
  const run = KERNELS[context.form.kind] as Run<KernelForm>;
  return run(context);
}
