import type { EspdlDetail } from "../../base/detail.ts";
import type { Problem } from "../../base/problem.ts";
import { attributesOf } from "../../ir/attributes.ts";
import { numbers } from "../../ir/tensor.ts";
import type { EspdlGraph, EspdlNode, EspdlTensor } from "./espdl-model.ts";

type Fault = Extract<Problem, { code: "espdl.invalid" }>;

/** Inputs that the runtime reads as parameters while it loads; those before `required` have to be there. */
interface Operands {
  readonly from: number;
  readonly required: number;
}

const OPERANDS: Readonly<Record<string, Operands>> = {
  Reshape: { from: 1, required: 2 },
  Slice: { from: 1, required: 3 },
  Split: { from: 1, required: 2 },
  Squeeze: { from: 1, required: 1 },
  Unsqueeze: { from: 1, required: 2 },
  Pad: { from: 1, required: 2 },
  Gather: { from: 1, required: 2 },
  Resize: { from: 1, required: 1 },
};

/** Ops that read their table at 16 bits too; all others only at 8. Source: esp-dl dl_module_lut.hpp. */
const TABLES: ReadonlySet<string> = new Set(["LUT", "Gelu"]);

/**
 * Operands that the runtime takes for constants and for what they would have to be: without a check it reads beside them, computes
 * another place, or stops. Source: esp-dl 12c0616, the `deserialize` and `get_output_shape` of the modules.
 */
export function operandFaults(node: EspdlNode, graph: EspdlGraph): Fault[] {
  const say = (what: EspdlDetail): Fault => ({ code: "espdl.invalid", where: node.name, what });
  const parameter = (i: number): EspdlTensor | undefined => graph.initializers.get(node.inputs[i] ?? "");
  const faults: Fault[] = [];
  const { from, required } = OPERANDS[node.op] ?? { from: 0, required: 0 };
  for (let i = from; i < Math.max(required, from && node.inputs.length); i++) {
    const name = node.inputs[i] ?? "";
    if (name === "" && i < required) faults.push(say({ code: "inputAbsent", index: i }));
    if (name !== "" && !parameter(i)) faults.push(say({ code: "inputNoParameter", name }));
  }
  if (node.op === "Concat" && node.inputs.length < 2) faults.push(say({ code: "joinOfOne" }));
  const operand = parameter(1);
  if (operand && faults.length === 0) faults.push(...operandValues(node, operand, graph).map(say));
  return [...faults, ...tableFaults(node, graph).map(say)];
}

function operandValues(node: EspdlNode, operand: EspdlTensor, { values }: EspdlGraph): EspdlDetail[] {
  const rank = values.get(node.inputs[0] ?? "")?.shape.length ?? 0;
  const list = (): number[] => numbers(operand);
  switch (node.op) {
    case "Gather":
      return list().some((i) => i < 0) ? [{ code: "placeFromEnd" }] : [];
    case "Unsqueeze": {
      const axes = list();
      return axes.length > 1 && axes.some((a) => a < 0) ? [{ code: "axesFromEnd" }] : [];
    }
    case "Pad": {
      const pads = list();
      if (pads.length !== 2 * rank) return [{ code: "padCount", count: pads.length, rank }];
      return pads.some((p) => p < 0) ? [{ code: "padNegative" }] : [];
    }
    case "Split":
      return list().length === node.outputs.length ? [] : [{ code: "splitSizes" }];
    default:
      return [];
  }
}

/** A table has an entry for every input of 8 bits, or one for every 2^k-th of 16; its scale is the output's. */
function tableFaults(node: EspdlNode, { initializers, values }: EspdlGraph): EspdlDetail[] {
  const table = initializers.get(attributesOf(node).string("lut", ""));
  const output = values.get(node.outputs[0] ?? "");
  const wide = output?.dtype === "int16";
  if (!table) return node.op === "LUT" ? [{ code: "attributeMissing", name: "lut" }] : [];
  if (!output || (wide && !TABLES.has(node.op))) return [];
  const faults: EspdlDetail[] = [];
  if (table.dtype !== output.dtype)
    faults.push({ code: "tableType", dtype: table.dtype, need: output.dtype });
  const entries = table.dims.reduce((n, d) => n * d, 1);
  const step = 65536 / (entries - 1);
  const fits = wide ? Number.isInteger(step) && 65536 % step === 0 : entries === 256;
  if (!fits) faults.push({ code: "tableEntries", count: entries });
  if (table.exponents[0] !== output.exponents[0]) faults.push({ code: "tableScale" });
  return faults;
}
