import type { Attribute, Dim, ValueName } from "../../ir/graph.ts";
import type { DType } from "../../ir/tensor.ts";

/*
 * One `.espdl` model as it lies in the file. Nothing is interpreted:
 *
 * - Exponents. The real number is the stored integer × 2^exponent; there are no zero points. A tensor or value has
 *   one exponent; weights and biases of per-channel nodes have one per output channel. What is not quantized
 *   (FLOAT, INT64 parameters) carries [0].
 * - Activations keep the layout of the runtime: where a Conv or pool reads or writes them, rank 3 is [N, W, C] and rank 4
 *   [N, H, W, C]. Axes in attributes (`axis`, `frame_axis`, `perm`) count in this layout. A shape is the declared one:
 *   the runtime takes only those of graph inputs and computes all others again.
 * - Filters keep the byte order of their target (see filter-packing.ts); `dims` carry sizes, not that order.
 *   Read weights through `logicalWeights` (logical-weights.ts), which gives them in ONNX order.
 * - Integers are little-endian in `bytes`; read them through `elements` of core/ir/tensor.ts.
 */
export interface EspdlModel {
  readonly irVersion: number;
  readonly modelVersion: bigint;
  readonly producer: { readonly name: string; readonly version: string };
  readonly domain: string;
  readonly docString: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: EspdlGraph;
}

/** Nodes stand in the order in which the runtime executes them. Maps keep the order of the file. */
export interface EspdlGraph {
  readonly name: string;
  readonly nodes: readonly EspdlNode[];
  readonly initializers: ReadonlyMap<ValueName, EspdlTensor>;
  readonly inputs: readonly ValueName[];
  readonly outputs: readonly ValueName[];
  /** Every value that is no parameter, graph inputs and outputs included. */
  readonly values: ReadonlyMap<ValueName, EspdlValue>;
  /** Test vectors: quantized, in the layout of the runtime; outputs may name any value. Empty where there are none. */
  readonly testInputs: ReadonlyMap<ValueName, EspdlTensor>;
  readonly testOutputs: ReadonlyMap<ValueName, EspdlTensor>;
}

/**
 * `op` is ONNX's name, or Swish, InsertZeros, RequantizeLinear, StreamingCache, LUT. Attributes always hold `quant_type`
 * (S8, S16, F32); `lut` names an initializer that is no input. "" among the inputs is an absent optional one.
 */
export interface EspdlNode {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly ValueName[];
  readonly outputs: readonly ValueName[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface EspdlValue {
  readonly name: ValueName;
  readonly dtype: DType;
  readonly shape: readonly Dim[];
  readonly exponents: readonly number[];
}

/** Parameter, table or test vector. `bytes` holds exactly the elements of `dims` (no padding), a view into the file. */
export interface EspdlTensor {
  readonly name: ValueName;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
  readonly exponents: readonly number[];
  /** Label of the byte order that the exporter wrote, such as "(N/16)HWC16" or "UNK"; "" where there is none. */
  readonly layout: string;
}
