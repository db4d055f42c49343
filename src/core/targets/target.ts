import type { NumberFormat } from "../quant/esp/number-format.ts";
import type { Scheme } from "../quant/scheme.ts";

/** One deployment target: data only, with its sources. Passes ask features, never the id. */
export type Target = QdqTarget | EspdlTarget;

interface TargetBase {
  readonly id: string;
  readonly label: string;
  /** Other names under which tools know it; they are accepted wherever the id is. */
  readonly aliases?: readonly string[];
  readonly sources: readonly string[];
}

/** ONNX with QuantizeLinear and DequantizeLinear around float operators. */
export interface QdqTarget extends TargetBase {
  /** Which artefact writer packages for it. */
  readonly exporter: "onnx-qdq";
  readonly weights: Scheme;
  readonly activations: Scheme;
  readonly bias: Scheme;
  /** ONNX opset that the written model declares at least. */
  readonly minOpset: number;
  readonly newestOpset: number;
}

/**
 * Cycles per element of what a chip computes, counted in instructions of the inner loops, all data at hand: good to hold two widths
 * of one model against each other, no latency.
 */
export interface CycleCosts {
  /** A multiplication and its addition to a sum, of Conv, Gemm, MatMul and recurrences. */
  readonly multiplyAdd: Readonly<Record<8 | 16, number>>;
  /** Of anything that loads, computes once and stores. */
  readonly element: Readonly<Record<8 | 16, number>>;
  /** A look-up in a table of 256 entries. */
  readonly lookup: number;
  /** From an integer to float, a few operations there, and back. */
  readonly float: number;
  /** The same with an exponential, a logarithm or a root. */
  readonly transcendental: number;
}

/** A chip that runs ESP-DL: power-of-two scales, integer kernels. */
export interface EspdlTarget extends TargetBase {
  readonly exporter: "espdl";
  /** By width of the activations. */
  readonly formats: Readonly<Record<8 | 16, NumberFormat>>;
  /** Bytes of output channels that stand side by side in a filter: 16 with a vector unit, 0 without. */
  readonly vectorBytes: 0 | 16;
  /** Width of the sums that 8-bit vector kernels keep; undefined: 32. */
  readonly accumulatorBits8?: number;
  readonly cycles: CycleCosts;
  /** What ESP-PPQ calls the chip, and its platforms by width. */
  readonly espPpq: { readonly target: string; readonly platforms: Readonly<Record<8 | 16, string>> };
  /** What ESP-IDF calls the chip. */
  readonly idfTarget: string;
  /** SRAM of the chip in bytes; what a program can use of it is less. */
  readonly sramBytes: number;
  /** Whether modules with external RAM exist. */
  readonly psram: boolean;
  /** Oldest ESP-IDF that ESP-DL builds with for the chip. */
  readonly minIdf: string;
  /** Lines of `sdkconfig.defaults` that suit the chip's usual boards. */
  readonly sdkconfig: readonly string[];
}
