import { named } from "../base/detail.ts";
import type { AttributeReader } from "../ir/attributes.ts";
import type { Dim, Graph, Node, Shape, ValueName } from "../ir/graph.ts";
import {
  type BodyOf,
  defineOp,
  type Inferred,
  type OperandInfo,
  type Operands,
  type RecurrentState,
  refuse,
  type StreamContext,
  type StreamRule,
} from "./op.ts";
import { sameDim } from "./rules/dim.ts";
import { fromFront, inferred, knownScalar, UNKNOWN } from "./rules/operand.ts";

/** How the inputs and outputs of a Scan divide, and along which axes it steps. */
interface Layout {
  readonly states: number;
  readonly inputAxes: readonly number[];
  readonly outputAxes: readonly number[];
  readonly reversed: boolean;
}

function layoutOf(attributes: AttributeReader, node: Node, operands: Operands): Layout {
  const scanned = attributes.int("num_scan_inputs", node.inputs.length);
  const states = node.inputs.length - scanned;
  const inputAxes = attributes.ints("scan_input_axes", new Array<number>(scanned).fill(0));
  const stacked = Math.max(0, node.outputs.length - states);
  const directions = [
    ...attributes.ints("scan_input_directions", []),
    ...attributes.ints("scan_output_directions", []),
  ];
  return {
    states,
    inputAxes: inputAxes.map((axis, i) => fromFront(axis, operands[states + i]?.shape?.length ?? 0)),
    outputAxes: attributes.ints("scan_output_axes", new Array<number>(stacked).fill(0)),
    reversed: directions.some((d) => d !== 0),
  };
}

const without = (shape: Shape | undefined, axis: number): Shape | undefined =>
  shape?.filter((_, i) => i !== axis);

function inferScan(layout: Layout, node: Node, operands: Operands, body: BodyOf | undefined): Inferred[] {
  const { states, inputAxes, outputAxes } = layout;
  const steps: Dim = operands[states]?.shape?.[inputAxes[0] ?? 0] ?? null;
  const given = operands.map((operand, i): OperandInfo => {
    if (!operand) return {};
    const shape = i < states ? operand.shape : without(operand.shape, inputAxes[i - states] ?? 0);
    // States change from step to step: what they are at first says nothing of their elements.
    return inferred(operand.dtype, shape);
  });
  const results = body?.("body", given) ?? [];
  return node.outputs.map((_, i) => {
    const result = results[i];
    if (i < states) return inferred(operands[i]?.dtype, operands[i]?.shape);
    if (!result?.shape) return result?.dtype ? inferred(result.dtype) : UNKNOWN;
    const axis = fromFront(outputAxes[i - states] ?? 0, result.shape.length + 1);
    return inferred(result.dtype, [...result.shape.slice(0, axis), steps, ...result.shape.slice(axis)]);
  });
}

function streamScan(layout: Layout, node: Node, { axes, operands, results }: StreamContext): StreamRule {
  const { states, inputAxes, outputAxes, reversed } = layout;
  if (axes.some((axis, i) => axis !== undefined && i < states))
    return refuse("dataDependent", { code: "initialState", name: "" });
  if (axes.some((axis, i) => axis !== undefined && axis !== inputAxes[i - states]))
    return refuse("loopNotOverTime");
  if (axes.some((axis, i) => axis === undefined && i >= states && node.inputs[i] !== ""))
    return refuse(
      "timeVaryingConstant",
      named(node.inputs.find((_, i) => i >= states && axes[i] === undefined) ?? ""),
    );
  if (reversed) return refuse("timeReversed", named("scan_input_directions"));
  const carried: RecurrentState[] = [];
  for (let i = 0; i < states; i++) {
    const { constant, shape } = operands[i] ?? {};
    if (!constant || !shape)
      return refuse("dataDependent", { code: "initialState", name: node.inputs[i] ?? "" });
    carried.push({ name: `loop${i}`, input: i, output: i, shape, init: constant });
  }
  const outputs = node.outputs.map((_, i) =>
    i < states ? ("state" as const) : fromFront(outputAxes[i - states] ?? 0, results[i]?.shape?.length ?? 1),
  );
  return { kind: "recurrent", outputs, states: carried, dropped: [] };
}

/** Row 34 of the transfer table: a loop over the frames is cut into loops over chunks that hand on what they carry. */
const scan = defineOp(
  "Scan",
  "Runs a subgraph once per slice of its inputs, handing values on.",
  (attributes, node) => {
    // Before opset 9 a Scan took sequence lengths as well, and stepped inside a batch.
    const known = attributes.graph("body")?.inputs.length === node.inputs.length;
    return {
      infer: (operands, body) =>
        known ? inferScan(layoutOf(attributes, node, operands), node, operands, body) : [],
      stream: (context) =>
        known ? streamScan(layoutOf(attributes, node, context.operands), node, context) : refuse("unknownOp"),
    };
  },
);

/** Extents that both have. */
function common(a: OperandInfo | undefined, b: OperandInfo | undefined): Inferred {
  const dtype = a?.dtype === b?.dtype ? a?.dtype : undefined;
  if (!a?.shape || !b?.shape || a.shape.length !== b.shape.length) return inferred(dtype);
  const other = b.shape;
  return inferred(
    dtype,
    a.shape.map((d, i) => (sameDim(d, other[i] ?? null) ? d : null)),
  );
}

/** A trip count, if it is known at all. */
function countOf(trips: OperandInfo | undefined): Dim {
  return trips?.symbolic?.[0] ?? knownScalar(trips) ?? null;
}

/** What a loop carries may change its extents from turn to turn; what it stacks has one entry per turn. */
function inferLoop(
  node: Node,
  [trips, condition, ...initial]: Operands,
  body: BodyOf | undefined,
  steady: boolean,
): Inferred[] {
  const scalar = (dtype: "int64" | "bool") => inferred(dtype, []);
  const given = initial.map((operand) => inferred(operand?.dtype, operand?.shape));
  const first = body?.("body", [scalar("int64"), scalar("bool"), ...given]) ?? [];
  const turn = first.slice(1, 1 + given.length);
  const carried = given.map((operand, i) => common(operand, turn[i]));
  const results = body?.("body", [scalar("int64"), scalar("bool"), ...carried]) ?? [];
  const counted = steady && (condition === undefined || knownScalar(condition) === 1) ? countOf(trips) : null;
  return node.outputs.map((_, i) => {
    const result = results[i + 1];
    if (i < carried.length) return common(carried[i], result);
    return result?.shape ? inferred(result.dtype, [counted, ...result.shape]) : UNKNOWN;
  });
}

/** Loops that step through frames have become Scans (passes/loop-to-scan.ts); what is left runs otherwise. */
const loop = defineOp(
  "Loop",
  "Runs a subgraph as often as a trip count and a condition say.",
  (attributes, node) => {
    const body = attributes.graph("body");
    const maker = body && conditionOf(body).maker;
    const steady = maker === undefined || maker.op === "Constant";
    return {
      infer: (operands, bodyOf) => inferLoop(node, operands, bodyOf, steady),
      stream: ({ operands: [trips, condition] }) =>
        !steady || (condition && !condition.constant)
          ? refuse("dataDependent", { code: "loopCondition" })
          : trips && countOf(trips) === null
            ? refuse("dataDependent", { code: "tripCount" })
            : refuse("loopNotOverTime"),
    };
  },
);

/** What a loop's body says of going on: a name, and the node that makes it in the body, identities left out. */
export function conditionOf(body: Graph): { readonly name: ValueName; readonly maker: Node | undefined } {
  const made = new Map(body.nodes.flatMap((n) => n.outputs.map((o) => [o, n] as const)));
  let name = body.outputs[0]?.name ?? "";
  let maker = made.get(name);
  for (; maker?.op === "Identity"; maker = made.get(name)) name = maker.inputs[0] ?? "";
  return { name, maker };
}

const choice = defineOp("If", "Runs one of two subgraphs.", (_, node) => ({
  infer([condition], body) {
    const taken = knownScalar(condition);
    const then = taken === 0 ? undefined : body?.("then_branch", []);
    const otherwise = taken === 1 ? undefined : body?.("else_branch", []);
    return node.outputs.map((_name, i) => common((then ?? otherwise)?.[i], (otherwise ?? then)?.[i]));
  },
  stream: () => refuse("dataDependent", { code: "loopCondition" }),
}));

export const scanOps = [scan, loop, choice];

/** Whether a trip count is the extent of an axis, at any length. */
export function countsFrames(trips: OperandInfo | undefined, extent: Dim): boolean {
  return sameDim(countOf(trips), extent);
}
