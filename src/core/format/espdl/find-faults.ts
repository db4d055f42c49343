import type { EspdlDetail } from "../../base/detail.ts";
import type { Problem } from "../../base/problem.ts";
import { attributesOf } from "../../ir/attributes.ts";
import type { ValueName } from "../../ir/graph.ts";
import type { EspdlGraph, EspdlModel, EspdlNode, EspdlTensor } from "./espdl-model.ts";
import { operandFaults } from "./operand-faults.ts";

type Fault = Extract<Problem, { code: "espdl.invalid" }>;

/** Attributes that the runtime reads without asking whether they are there (format reference, §3.1). */
const READ_UNASKED: Readonly<Record<string, readonly string[]>> = {
  Conv: ["activation", "dilations", "group", "pads", "strides"],
  Gemm: ["activation", "transB"],
  MatMul: ["activation"],
  AveragePool: ["kernel_shape", "pads", "strides"],
  MaxPool: ["kernel_shape", "pads", "strides"],
  Concat: ["axis"],
  Transpose: ["perm"],
  Reshape: ["allowzero"],
  StreamingCache: ["window_size", "frame_axis"],
  Pad: ["mode"],
  Resize: ["mode"],
  DepthToSpace: ["blocksize"],
  SpaceToDepth: ["blocksize"],
  InsertZeros: ["stride"],
  GRU: ["hidden_size", "linear_before_reset"],
  LSTM: ["hidden_size"],
};

const QUANT_TYPES: ReadonlySet<string> = new Set([
  "S8",
  "S16",
  "F32",
  "SYMM_S8",
  "SYMM_S16",
  "S32",
  "SYMM_S32",
  "None",
]);

/** Beyond this the runtime's 1 << |exponent| overflows. It does not ask for those of biases, which go below in real files. */
const LARGEST_EXPONENT = 30;

/**
 * What would make ESP-DL's loader or its first run crash, or silently compute something else: every fault with its node or
 * tensor (format reference, §3 and §6.6). An empty list does not say that the chip has every operator.
 */
export function findFaults({ graph }: EspdlModel): Fault[] {
  return [
    ...duplicateNames(graph),
    ...orderFaults(graph),
    ...graph.nodes.flatMap((node) => [
      ...attributeFaults(node),
      ...filterFaults(node, graph),
      ...operandFaults(node, graph),
    ]),
    ...sharedParameters(graph),
    ...recordFaults(graph),
    ...portFaults(graph),
  ];
}

function fault(where: string, what: EspdlDetail): Fault {
  return { code: "espdl.invalid", where, what };
}

function duplicateNames({ nodes }: EspdlGraph): Fault[] {
  const seen = new Set<string>();
  return nodes.flatMap(({ name, op }) => {
    if (name === "") return [fault(op, { code: "nodeUnnamed" })];
    if (seen.has(name)) return [fault(name, { code: "nodeTwice" })];
    seen.add(name);
    return [];
  });
}

/**
 * Faults without which a file is no graph at all: inputs must be parameters, graph inputs or outputs of earlier nodes,
 * every value is made once, and all that is made has a type.
 */
export function orderFaults({ nodes, inputs, outputs, initializers, values }: EspdlGraph): Fault[] {
  const made = new Set<ValueName>(inputs);
  const faults: Fault[] = [];
  for (const node of nodes) {
    for (const name of node.inputs) {
      if (name === "" || initializers.has(name) || made.has(name)) continue;
      faults.push(fault(node.name, { code: "readBeforeMade", name }));
    }
    for (const name of node.outputs) {
      if (name === "") continue;
      if (made.has(name)) faults.push(fault(node.name, { code: "madeTwice", name }));
      if (initializers.has(name)) faults.push(fault(node.name, { code: "madeParameter", name }));
      made.add(name);
    }
  }
  for (const name of made) if (!values.has(name)) faults.push(fault(name, { code: "valueWithoutType" }));
  for (const name of outputs) if (!made.has(name)) faults.push(fault(name, { code: "outputUnmade" }));
  return faults;
}

function attributeFaults(node: EspdlNode): Fault[] {
  const attributes = attributesOf(node);
  const missing = (READ_UNASKED[node.op] ?? [])
    .filter((name) => !attributes.has(name))
    .map((name) => fault(node.name, { code: "attributeMissing", name }));
  const type = attributes.string("quant_type", "");
  return QUANT_TYPES.has(type) ? missing : [...missing, fault(node.name, { code: "quantType", type })];
}

/** Weights and biases of Conv and Gemm, whose kernels take their form for granted. */
function filterFaults(node: EspdlNode, { initializers, values }: EspdlGraph): Fault[] {
  if (node.op !== "Conv" && node.op !== "Gemm") return [];
  const attributes = attributesOf(node);
  const faults: Fault[] = [];
  const weight = initializers.get(node.inputs[1] ?? "");
  const bias = initializers.get(node.inputs[2] ?? "");
  const input = values.get(node.inputs[0] ?? "");
  const say = (what: EspdlDetail) => faults.push(fault(node.name, what));
  if (!weight) say({ code: "weightNoParameter" });
  else {
    const rank = weight.dims.length;
    if (node.op === "Gemm" && rank !== 4) say({ code: "weightRank", rank, need: "4" });
    if (node.op === "Gemm" && attributes.int("transB", 0) !== 0)
      say({ code: "attributeNotZero", name: "transB" });
    if (node.op === "Conv" && rank !== 3 && rank !== 4) say({ code: "weightRank", rank, need: "3, 4" });
    const group = attributes.int("group", 1);
    const channels = input?.shape.at(-1);
    const depthwise = weight.dims.at(-2) === group && weight.dims.at(-1) === 1 && channels === group;
    if (node.op === "Conv" && group !== 1 && !depthwise) say({ code: "groups", group });
    if (bias && input) faults.push(...biasFaults(node, bias, { weight, input: input.exponents[0] ?? 0 }));
  }
  return faults;
}

function biasFaults(
  node: EspdlNode,
  bias: EspdlTensor,
  { weight, input }: { weight: EspdlTensor; input: number },
): Fault[] {
  const faults: Fault[] = [];
  const dtype = weight.dtype === "int16" ? "int64" : "int32";
  if (bias.dtype !== dtype)
    faults.push(fault(node.name, { code: "biasType", dtype: bias.dtype, need: dtype }));
  const channels = Math.max(bias.exponents.length, weight.exponents.length);
  const at = (list: readonly number[], i: number) => list[list.length === 1 ? 0 : i];
  for (let i = 0; i < channels; i++) {
    if (at(bias.exponents, i) === input + (at(weight.exponents, i) ?? 0)) continue;
    return [...faults, fault(node.name, { code: "biasExponent" })];
  }
  return faults;
}

/** Vector chips rewrite biases and filters in place: each may have one reader. */
function sharedParameters({ nodes, initializers }: EspdlGraph): Fault[] {
  const readers = new Map<ValueName, string>();
  return nodes.flatMap((node) =>
    [...new Set(node.inputs)].flatMap((name) => {
      if (!initializers.has(name)) return [];
      const other = readers.get(name);
      readers.set(name, node.name);
      return other === undefined
        ? []
        : [fault(name, { code: "parameterShared", one: other, other: node.name })];
    }),
  );
}

function recordFaults({ nodes, initializers, values, testInputs, testOutputs }: EspdlGraph): Fault[] {
  const tensors = [...initializers.values(), ...testInputs.values(), ...testOutputs.values()].map((t) => ({
    ...t,
    shape: t.dims,
  }));
  const faults = [...values.values(), ...tensors].flatMap(({ name, dtype, shape, exponents }) => [
    ...(exponents.length === 0 ? [fault(name, { code: "exponentMissing" })] : []),
    ...(exponents.length > 1 && !shape.includes(exponents.length)
      ? [fault(name, { code: "exponentCount", count: exponents.length })]
      : []),
    ...exponents
      .filter((e) => Math.abs(e) > LARGEST_EXPONENT && (dtype === "int8" || dtype === "int16"))
      .slice(0, 1)
      .map((e) => fault(name, { code: "exponentValue", exponent: e })),
    ...(shape.some((d) => typeof d !== "number" || d < 1)
      ? [fault(name, { code: "shapeInvalid", dims: shape.join(", ") })]
      : []),
  ]);
  const tables = nodes.flatMap((node) => {
    const table = attributesOf(node).string("lut", "");
    return table === "" || initializers.has(table)
      ? []
      : [fault(node.name, { code: "tableMissing", name: table })];
  });
  return [...faults, ...tables];
}

/** Every graph input must be read; test vectors name values of the graph. */
function portFaults({ nodes, inputs, outputs, values, testInputs, testOutputs }: EspdlGraph): Fault[] {
  const read = new Set([...nodes.flatMap((n) => n.inputs), ...outputs]);
  return [
    ...inputs.filter((name) => !read.has(name)).map((name) => fault(name, { code: "inputUnread" })),
    ...[...testInputs.keys(), ...testOutputs.keys()]
      .filter((name) => !values.has(name))
      .map((name) => fault(name, { code: "vectorOfNothing" })),
  ];
}
