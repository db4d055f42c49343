import type { EspdlModel, EspdlNode, EspdlTensor } from "../../core/format/espdl/espdl-model.ts";
import { type LogicalWeight, logicalWeights } from "../../core/format/espdl/logical-weights.ts";
import { attributesOf } from "../../core/ir/attributes.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import type { GridTensor, QuantizedModel } from "../../core/quant/quantized-model.ts";

/** Names that ESP-PPQ gives to what it inserts; the same number stands for something else in another file. */
const INSERTED = /^PPQ_Variable_\d+$/;

/** The numbers of an `.espdl` model. Throws what `logicalWeights` throws. */
export function espdlNumbers(model: EspdlModel): QuantizedModel {
  const { graph } = model;
  const names = lastingNames(model);
  const lasting = (name: ValueName): ValueName => names.get(name) ?? name;
  const weights = logicalWeights(model);
  const parameters = new Map<ValueName, GridTensor>();
  const tables = new Map<ValueName, GridTensor>();
  for (const node of graph.nodes) {
    const made = lasting(node.outputs[0] ?? "");
    for (const [i, name] of node.inputs.entries()) {
      const weight = weights.get(name);
      if (!weight || !carriesNumbers(node, i, weight)) continue;
      parameters.set(INSERTED.test(name) ? `${node.op}(${made}).${i}` : name, gridTensor(weight));
    }
    const table = weights.get(attributesOf(node).string("lut", ""));
    if (table) tables.set(made, gridTensor(table));
  }
  const tests = new Map<ValueName, GridTensor>();
  for (const tensor of [...graph.testInputs.values(), ...graph.testOutputs.values()]) {
    tests.set(lasting(tensor.name), gridTensor({ exponents: tensor.exponents, tensor: plain(tensor) }));
  }
  return {
    form: "espdl",
    inputs: graph.inputs,
    outputs: graph.outputs.map(lasting),
    values: new Map(
      [...graph.values.values()].map(({ name, dtype, exponents }) => [
        lasting(name),
        { dtype, ...gridOf(exponents) },
      ]),
    ),
    parameters,
    tables,
    tests,
  };
}

/** What an inserted value is called by: its node's operator and what that reads. */
function lastingNames({ graph }: EspdlModel): Map<ValueName, ValueName> {
  const names = new Map<ValueName, ValueName>();
  for (const { op, inputs, outputs } of graph.nodes) {
    for (const [i, output] of outputs.entries()) {
      if (!INSERTED.test(output)) continue;
      const [source = ""] = inputs;
      names.set(output, `${op}(${names.get(source) ?? source})${i === 0 ? "" : `.${i}`}`);
    }
  }
  return names;
}

const CONVERSIONS: ReadonlySet<string> = new Set(["QuantizeLinear", "DequantizeLinear", "RequantizeLinear"]);
const ACCUMULATING: ReadonlySet<string> = new Set(["Conv", "Gemm", "MatMul", "GRU", "LSTM"]);

/** Whether an initializer is a weight or bias, rather than shapes, indices, or scales that the runtime does not read. */
function carriesNumbers({ op }: EspdlNode, input: number, { tensor: { dtype } }: LogicalWeight): boolean {
  if (CONVERSIONS.has(op)) return false;
  if (dtype === "int8" || dtype === "int16") return true;
  return input > 0 && ACCUMULATING.has(op) && (dtype === "int32" || dtype === "int64");
}

function gridTensor({ tensor, exponents }: Pick<LogicalWeight, "tensor" | "exponents">): GridTensor {
  return { dtype: tensor.dtype, ...gridOf(exponents), tensor };
}

function gridOf(exponents: readonly number[]) {
  return { scales: exponents.map((e) => 2 ** e), zeroPoints: [0] };
}

function plain({ dtype, dims, bytes }: EspdlTensor) {
  return { dtype, dims, bytes };
}
