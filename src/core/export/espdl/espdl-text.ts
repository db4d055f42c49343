import { decodeUtf8 } from "../../base/utf8.ts";
import type { EspdlModel, EspdlNode, EspdlTensor, EspdlValue } from "../../format/espdl/espdl-model.ts";
import type { Attribute } from "../../ir/graph.ts";
import { elements } from "../../ir/tensor.ts";

/** Larger tensors are shown by their ends. */
const MOST_ELEMENTS = 1024;
const ENDS = 8;

/**
 * A model as text, part by part as ESP-PPQ's `.info` has them: properties, the graph with a line per node, the contents of
 * initializers, values, test vectors. Tensors are flat, in the order in which they lie in the file.
 */
export function espdlText(model: EspdlModel): string {
  const { graph, metadata } = model;
  const properties = [
    `ir_version = ${model.irVersion}`,
    `model_version = ${model.modelVersion}`,
    ...[...metadata].map(([key, value]) => `${key} = ${value}`),
  ];
  const shown = (name: string): string => {
    const value = graph.values.get(name);
    return value ? described(value) : `%${name}`;
  };
  const lines = [
    "model properties:",
    ...properties.map((p) => `  ${p}`),
    "",
    `graph ${graph.name} (`,
    ...graph.inputs.map((name) => `  ${shown(name)}`),
    ") initializers (",
    ...[...graph.initializers.values()].map((t) => `  ${described({ ...t, shape: t.dims })}${layoutText(t)}`),
    ") {",
    ...graph.nodes.map((node) => `  ${nodeLine(node)}`),
    `  return ${graph.outputs.map((name) => `%${name}`).join(", ")}`,
    "}",
    ...section("initializers value", graph.initializers.values()),
    "",
    "values info:",
    ...[...graph.values.values()].map((v) => `  ${described(v)}`),
    ...section("test inputs value", graph.testInputs.values()),
    ...section("test outputs value", graph.testOutputs.values()),
  ];
  return `${lines.join("\n")}\n`;
}

function described({ name, dtype, shape, exponents }: EspdlValue): string {
  return `%${name}[${dtype.toUpperCase()}, ${shape.join("x")}, exponents: [${exponents.join(", ")}]]`;
}

function layoutText({ layout }: EspdlTensor): string {
  return layout === "" || layout === "UNK" ? "" : `, layout ${layout}`;
}

function nodeLine({ op, inputs, outputs, attributes }: EspdlNode): string {
  const names = (list: readonly string[]): string => list.map((name) => `%${name}`).join(", ");
  const given = Object.keys(attributes)
    .sort()
    .map((key) => `${key} = ${attributeText(attributes[key])}`);
  return `${names(outputs)} = ${op}[${given.join(", ")}](${names(inputs)})`;
}

function attributeText(attribute: Attribute | undefined): string {
  switch (attribute?.kind) {
    case "int":
    case "float":
      return String(attribute.value);
    case "ints":
    case "floats":
      return `[${attribute.value.join(", ")}]`;
    case "string":
      return decodeUtf8(attribute.value);
    default:
      return `<${attribute?.kind ?? "absent"}>`;
  }
}

function section(title: string, tensors: Iterable<EspdlTensor>): string[] {
  return [
    "",
    `${title}:`,
    ...[...tensors].flatMap((t) => [`  %${t.name}, shape [${t.dims.join(", ")}]`, `    ${contents(t)}`]),
  ];
}

function contents({ dtype, dims, bytes }: EspdlTensor): string {
  const data = Array.from(elements({ dtype, dims, bytes }) as ArrayLike<number | bigint>, String);
  if (data.length <= MOST_ELEMENTS) return `[${data.join(", ")}]`;
  return `[${data.slice(0, ENDS).join(", ")}, … ${data.length - 2 * ENDS} more …, ${data.slice(-ENDS).join(", ")}]`;
}
