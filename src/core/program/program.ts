import type { Attribute } from "../ir/graph.ts";
import type { DType, Tensor } from "../ir/tensor.ts";
import type { Rounding } from "../quant/scheme.ts";
import type { FloatFunction } from "./float-function.ts";

/** A tensor of the program: integers q that stand for q · 2^exponent, or plain floats and indices without exponents. */
export interface ProgramTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** One, or one per entry of the channel axis (filters, biases). Absent: not quantized. */
  readonly exponents?: readonly number[];
  readonly channelAxis?: number;
  /** Present for constants. Filters stand as ONNX has them: [outputs, inputs/group, …kernel]. */
  readonly data?: Tensor;
}

/** Where a window stands on the spatial axes of its input; one entry per axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBefore: readonly number[];
  readonly padsAfter: readonly number[];
}

/** Order of the axes of activations: batch, channels, space… or batch, space…, channels. */
export type Layout = "channels-first" | "channels-last";

export type ReduceOp =
  | "mean"
  | "sum"
  | "max"
  | "min"
  | "l1"
  | "l2"
  | "prod"
  | "sumSquare"
  | "logSum"
  | "logSumExp";

export type Relation = "equal" | "greater" | "greaterOrEqual" | "less" | "lessOrEqual";

/** How a kernel computes; everything that numbers depend on is spelled out, nothing is derived from exponents at run time. */
export type KernelForm =
  /** out = saturate(round((Σ x·w + bias) / 2^shift)), then max(·, 0) if `relu`. One shift, or one per output channel. */
  | {
      readonly kind: "convolution";
      readonly window: Window;
      readonly group: number;
      readonly layout: Layout;
      readonly shifts: readonly number[];
      readonly relu: boolean;
    }
  /**
   * The same over rows: x [rows…, inputs] · w; `transposed`: w is [outputs, inputs]. Batched where both carry batches. `packed`: w
   * is an activation in the order of a filter, with blocks of that many outputs.
   */
  | {
      readonly kind: "product";
      readonly transposed: boolean;
      readonly packed?: 0 | 8 | 16;
      readonly shifts: readonly number[];
      readonly relu: boolean;
    }
  /** out = saturate(a ± b): exponents are equal. */
  | { readonly kind: "sum"; readonly sign: 1 | -1; readonly relu: boolean }
  /** out = saturate(round(float32(a·b) · 2^log2)). */
  | { readonly kind: "multiply"; readonly log2: number; readonly relu: boolean }
  /** out = saturate(round(float32(a · 2^log2 / b))); `reciprocal`: round(float32(a · float32(2^log2 / b))). */
  | { readonly kind: "divide"; readonly log2: number; readonly reciprocal: boolean }
  /** out = saturate(round(f(a·2^aLog2, b·2^bLog2) · 2^−outputLog2)) in float32; `mod` keeps the sign of a. */
  | {
      readonly kind: "binary";
      readonly op: "mod" | "pow";
      readonly aLog2: number;
      readonly bLog2: number;
      readonly outputLog2: number;
    }
  /** Raw integers compared, bool out: exponents are equal. */
  | { readonly kind: "compare"; readonly relation: Relation }
  /** 256 entries, the first for −128. */
  | { readonly kind: "table"; readonly table: Int8Array }
  /** Entries for every `step`-th input from −32768 on, both ends included (65536 / step + 1): the nearest one. */
  | { readonly kind: "coarseTable"; readonly table: Int16Array }
  /** out = saturate(round(f(q·2^in) · 2^−out)) in float32. */
  | {
      readonly kind: "float";
      readonly f: FloatFunction;
      readonly inputLog2: number;
      readonly outputLog2: number;
    }
  /** Between widths, exponents and float: saturate(round(float32(q · 2^from) · 2^−to)). */
  | { readonly kind: "rescale" }
  /** Mean over a window of `area` taps, padding included. `layout` as for convolutions. */
  | {
      readonly kind: "average";
      readonly window: Window;
      readonly layout: Layout;
      readonly inputLog2: number;
      readonly outputLog2: number;
    }
  | { readonly kind: "maximum"; readonly window: Window; readonly layout: Layout }
  /** Reduction over axes: integer sums shifted, everything else in float32. */
  | {
      readonly kind: "reduce";
      readonly op: ReduceOp;
      readonly axes: readonly number[];
      readonly inputLog2: number;
      readonly outputLog2: number;
    }
  /** Raw integers change their place only; the operator of the same name says how. */
  | { readonly kind: "move" }
  /** Zeros between neighbours, `strides` apart per spatial axis, and `extra` behind the last. */
  | {
      readonly kind: "insertZeros";
      readonly strides: readonly number[];
      readonly extra: readonly number[];
      readonly layout: Layout;
    }
  /** Blocks of channels to blocks of pixels ("toSpace") or back; `columnMajor` as ONNX's CRD. */
  | {
      readonly kind: "blocks";
      readonly direction: "toSpace" | "toDepth";
      readonly block: number;
      readonly columnMajor: boolean;
      readonly layout: Layout;
    }
  /** Resampling of the spatial axes: nearest copies, linear interpolates in float32. Factors per spatial axis. */
  | {
      readonly kind: "resize";
      readonly mode: "nearest" | "linear";
      readonly alignCorners: boolean;
      readonly factors: readonly number[];
      readonly layout: Layout;
      readonly inputLog2: number;
      readonly outputLog2: number;
    }
  /** Layer and RMS: every slice from `axis` on over its deviation or root mean square; l1, l2: over its norm along `axis`. */
  | {
      readonly kind: "normalize";
      readonly op: "layer" | "rms" | "l1" | "l2";
      readonly axis: number;
      readonly epsilon: number;
      readonly inputLog2: number;
      readonly scaleLog2: number;
      readonly biasLog2: number;
      readonly outputLog2: number;
    }
  /**
   * GRU or LSTM over a sequence, batch 1. Products of x and h with their matrices become 16-bit integers of 2^gateLog2, gates
   * tables of float32; without `quantized` everything is float32.
   */
  | {
      readonly kind: "recurrent";
      readonly cell: "gru" | "lstm";
      readonly hidden: number;
      readonly directions: 1 | 2;
      readonly quantized?: {
        readonly gateLog2: number;
        readonly inputShift: number;
        readonly stateShift: number;
        readonly outputLog2: number;
      };
    }
  /** exp(q·2^in) / Σ in float32, over `axis`; `subtractMax` as the 16-bit kernel does. */
  | {
      readonly kind: "softmax";
      readonly axis: number;
      readonly inputLog2: number;
      readonly logarithm: boolean;
      readonly subtractMax: boolean;
    };

/** One step of the program. `op` and `attributes` keep what file formats write. */
export interface Kernel {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly form: KernelForm;
}

/** What is kept between steps: after a step, `input` takes what `output` holds. Before the first, every element is `init`. */
export interface ProgramState {
  readonly input: string;
  readonly output: string;
  readonly init: number;
}

/**
 * A graph lowered to integer kernels: the one form below the float graph that every integer target is written from. Shapes are
 * concrete. Kernels stand in the order in which they run.
 */
export interface Program {
  readonly rounding: Rounding;
  readonly tensors: ReadonlyMap<string, ProgramTensor>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly kernels: readonly Kernel[];
  readonly states: readonly ProgramState[];
}

/** The tensor of that name. A missing one is a bug of the lowering. */
export function tensorIn(program: Pick<Program, "tensors">, name: string): ProgramTensor {
  const tensor = program.tensors.get(name);
  if (!tensor) throw new Error(`the program has no tensor ${name}`);
  return tensor;
}
