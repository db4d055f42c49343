import type { KernelRefusal } from "../../core/base/problem.ts";
import { type Model, nodeKey, type ValueName } from "../../core/ir/graph.ts";
import { inferShapes } from "../../core/passes/infer-shapes.ts";
import { toEspdlDialect } from "../../core/program/dialect/espdl-dialect.ts";
import { runnableDialect } from "../../core/program/dialect/espdl-runnable.ts";
import { lowerProgram } from "../../core/program/lower/lower-program.ts";
import { placeExponents } from "../../core/quant/esp/place-exponents.ts";
import type { FormatOf } from "../../core/quant/esp/slots-of.ts";
import type { Rounding } from "../../core/quant/scheme.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";

/** What the chip's runtime does with one node of the model as ESP-DL computes it. */
export interface NodeSupport {
  readonly node: string;
  readonly op: string;
  /** Width of the node's activations; "float" between a Dequantize and a Quantize. */
  readonly width: 8 | 16 | "float";
  /** Absent: it has a kernel. */
  readonly refused?: KernelRefusal;
}

/** Any exponent would do: only structure is looked at. */
const PLACEHOLDER_EXPONENT = -5;

/**
 * Every node of a normalised model in the operators of ESP-DL, with the reason where the chip cannot compute it at this width. Asks
 * the lowering itself, so nothing is answered otherwise than when a package is made; needs no data and no concrete lengths.
 */
export function chipSupport(model: Model, target: EspdlTarget, bits: 8 | 16): NodeSupport[] {
  return dialectSupport(toEspdlDialect(model), target.formats[bits].rounding, () => target.formats[bits]);
}

/** The same of a model in the chip's dialect, whose nodes have formats of their own. */
export function dialectSupport(dialect: Model, rounding: Rounding, formatOf: FormatOf): NodeSupport[] {
  const { graph } = dialect;
  const placement = placeExponents({ graph, formatOf }, () => PLACEHOLDER_EXPONENT);
  const inference = inferShapes(runnableDialect(dialect));
  const refusals = new Map<string, KernelRefusal>();
  lowerProgram({
    graph,
    placement,
    rounding,
    // No comparison with an unknown extent holds, so none of them refuses.
    dimsOf: (value: ValueName) =>
      (inference.info(value).shape ?? []).map((d) => (typeof d === "number" ? d : Number.NaN)),
    dtypeOf: (value: ValueName) => inference.info(value).dtype ?? "float32",
    onRefusal: (node, reason) => refusals.set(nodeKey(node), reason),
  });
  return graph.nodes.map((node): NodeSupport => {
    const refused = refusals.get(nodeKey(node));
    const width = placement.get(node)?.bits ?? "float";
    return { node: nodeKey(node), op: node.op, width, ...(refused && { refused }) };
  });
}
