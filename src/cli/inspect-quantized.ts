import { stableJson } from "../core/base/stable-json.ts";
import type { EspdlModel, EspdlTensor } from "../core/format/espdl/espdl-model.ts";
import type { ModelSummary, ValueSummary } from "../engine/reports.ts";
import { columns, EXIT, type Terminal } from "./terminal.ts";

interface Output {
  readonly json: boolean;
  readonly terminal: Terminal;
}

/** `rill inspect` of an `.espdl` file: its nodes, and every value and weight with dtype, shape and exponent. */
export function inspectQuantized(
  summary: ModelSummary,
  model: EspdlModel,
  { json, terminal }: Output,
): number {
  terminal.out(json ? stableJson(asJson(summary, model)) : asText(summary, model));
  return EXIT.verified;
}

function asJson(summary: ModelSummary, { graph }: EspdlModel): object {
  const { name, sha256, irVersion, producer, inputs, outputs, opHistogram, nodes, values } = summary;
  const tests = (map: ReadonlyMap<string, EspdlTensor>) =>
    [...map.values()].map(({ name, dtype, dims, exponents }) => ({ name, dtype, shape: dims, exponents }));
  return {
    model: { name, sha256, format: "espdl", irVersion, producer, parameterCount: summary.parameterCount },
    metadata: summary.metadata,
    inputs,
    outputs,
    ops: opHistogram,
    nodes: nodes.map(({ op, name, inputs, outputs, attributes }) => ({
      op,
      name,
      inputs,
      outputs,
      attributes,
    })),
    values,
    initializers: summary.initializers,
    testInputs: tests(graph.testInputs),
    testOutputs: tests(graph.testOutputs),
    findings: summary.findings,
  };
}

function asText(summary: ModelSummary, { graph }: EspdlModel): string {
  const metadata = Object.entries(summary.metadata).map(([key, value]) => `${key} ${value}\n`);
  const known = new Map([...summary.inputs, ...summary.values].map((v) => [v.name, v]));
  const nodes = summary.nodes.map(({ op, outputs, attributes }) => {
    const value = known.get(outputs[0] ?? "");
    const { quant_type, window_size, lut } = attributes;
    const notes = [
      window_size && `window ${window_size}`,
      lut && `table ${lut}`,
      attributes.activation === "Relu" && "Relu",
    ];
    return [op, quant_type ?? "", ...(value ? valueRow(value) : []), notes.filter(Boolean).join(", ")];
  });
  return [
    `${summary.name}: ESP-DL, ${summary.parameterCount} parameters, ${summary.nodes.length} nodes\n`,
    `SHA-256 ${summary.sha256}\n`,
    ...metadata,
    `\nInputs\n${columns(summary.inputs.map(valueRow))}`,
    `\nOutputs\n${columns(summary.outputs.map(valueRow))}`,
    `\nNodes and what they make\n${columns(nodes)}`,
    `\nWeights and tables\n${columns(summary.initializers.map(valueRow))}`,
    `\nTest vectors: ${graph.testInputs.size} inputs, ${graph.testOutputs.size} outputs\n`,
  ].join("");
}

function valueRow({ name, dtype, shape, exponents }: ValueSummary): string[] {
  return [
    name,
    dtype ?? "?",
    `[${(shape ?? []).map((d) => d ?? "?").join(", ")}]`,
    exponentText(exponents, dtype),
  ];
}

/** `2^-5`, or the span and count of per-channel exponents; nothing for shapes and indices. */
function exponentText(exponents: readonly number[] = [], dtype = ""): string {
  if (dtype === "int64" && exponents.every((e) => e === 0)) return "";
  const low = Math.min(...exponents);
  const high = Math.max(...exponents);
  if (exponents.length < 2) return exponents.length === 1 ? `2^${low}` : "";
  return `2^${low} … 2^${high} (${exponents.length} channels)`;
}
