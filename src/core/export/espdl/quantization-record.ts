import type { EspdlModel, EspdlNode } from "../../format/espdl/espdl-model.ts";
import type {
  OperatorQuantization,
  QuantizationRecord,
  TensorQuantization,
} from "../../format/espdl/quantization-json.ts";
import { attributesOf } from "../../ir/attributes.ts";
import type { ValueName } from "../../ir/graph.ts";
import type { DType } from "../../ir/tensor.ts";
import type { EspdlTarget } from "../../targets/target.ts";

interface Stored {
  readonly dtype: DType;
  readonly exponents: readonly number[];
  readonly parameter: boolean;
}

/**
 * How every node of a file quantizes what it reads and writes, in ESP-PPQ's terms: a value is its maker's (ACTIVATED), its readers
 * follow (OVERLAPPED), a bias is derived (PASSIVE). Settings are numbered in the order of the file.
 */
export function quantizationRecord({ graph }: EspdlModel, target: EspdlTarget): QuantizationRecord {
  const stored = new Map<ValueName, Stored>();
  for (const { name, dtype, exponents } of graph.values.values())
    stored.set(name, { dtype, exponents, parameter: false });
  for (const { name, dtype, exponents } of graph.initializers.values())
    stored.set(name, { dtype, exponents, parameter: true });
  const owners = new Map<ValueName, number>();
  const record = new Map<string, OperatorQuantization>();
  let hash = 0;
  for (const node of graph.nodes) {
    const bits = bitsOf(node);
    if (!bits) {
      record.set(node.name, { platform: "FP32" });
      continue;
    }
    const tensors = new Map<ValueName, TensorQuantization>();
    for (const [i, name] of [...node.inputs, ...node.outputs].entries()) {
      const value = stored.get(name);
      if (!value || tensors.has(name) || !isQuantized(value, i, node)) continue;
      hash++;
      const owner = owners.get(name) ?? hash;
      owners.set(name, owner);
      tensors.set(name, settingOf(value, { hash, owner, biasBits: target.formats[bits].biasBits }));
    }
    record.set(node.name, { platform: target.espPpq.platforms[bits], tensors });
  }
  return record;
}

function bitsOf(node: EspdlNode): 8 | 16 | undefined {
  const type = attributesOf(node).string("quant_type", "");
  return type === "S8" ? 8 : type === "S16" ? 16 : undefined;
}

/** Integers of values and weights, and sums of products behind a filter; shapes and indices are none. */
function isQuantized({ dtype, parameter }: Stored, index: number, { op }: EspdlNode): boolean {
  if (dtype === "int8" || dtype === "int16") return true;
  return (
    parameter && index === 2 && (op === "Conv" || op === "Gemm") && (dtype === "int32" || dtype === "int64")
  );
}

function settingOf(
  { dtype, exponents }: Stored,
  { hash, owner, biasBits }: { readonly hash: number; readonly owner: number; readonly biasBits: number },
): TensorQuantization {
  const bits = dtype === "int8" ? 8 : dtype === "int16" ? 16 : biasBits;
  const listed = exponents.length > 1;
  return {
    bits,
    policy: new Set([listed ? "PER_CHANNEL" : "PER_TENSOR", "LINEAR", "SYMMETRICAL", "POWER_OF_2"] as const),
    state: owner !== hash ? "OVERLAPPED" : bits === 8 || bits === 16 ? "ACTIVATED" : "PASSIVE",
    quantMin: -(2n ** BigInt(bits - 1)),
    quantMax: 2n ** BigInt(bits - 1) - 1n,
    hash,
    dominator: owner,
    scales: exponents.map((e) => 2 ** e),
    zeroPoints: exponents.map(() => 0),
    listed,
  };
}
