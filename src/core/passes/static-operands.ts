import { attributesOf } from "../ir/attributes.ts";
import type { Dim, Node, Shape, ValueName } from "../ir/graph.ts";
import { longTensor, type Tensor, tensorOf } from "../ir/tensor.ts";
import type { OperandInfo } from "../ops/op.ts";
import { sameDim, subtractDims } from "../ops/rules/dim.ts";
import { knownInts, vectorOf } from "../ops/rules/operand.ts";
import { freshNames, type Pass } from "./pass.ts";

/**
 * Shape operands that were computed from a symbolic length become constants that say the same at any length:
 * Reshape targets with 0 and −1, Expand targets with 1, Slice bounds counted from the end.
 */
export const staticOperands: Pass = {
  name: "static-operands",
  run({ model, inference }) {
    const fresh = freshNames(model);
    const replaceNodes = new Map<Node, Node>();
    const setInitializers = new Map<ValueName, Tensor>();
    for (const node of model.graph.nodes) {
      const operands = node.inputs.map((name) => (name ? inference.info(name) : undefined));
      const constants = constantsFor(node, operands);
      if (constants.size === 0) continue;
      const inputs = [...node.inputs];
      for (const [i, tensor] of constants) {
        const name = fresh(`${node.outputs[0] ?? node.name}.${i === 1 ? "shape" : `input${i}`}`);
        setInitializers.set(name, tensor);
        inputs[i] = name;
      }
      replaceNodes.set(node, { ...node, inputs });
    }
    return replaceNodes.size === 0 ? undefined : { replaceNodes, setInitializers };
  },
};

type Operand = OperandInfo | undefined;

/** Input index → constant that can stand there. */
function constantsFor(node: Node, operands: readonly Operand[]): Map<number, Tensor> {
  const out = new Map<number, Tensor>();
  const put = (i: number, values: readonly number[] | undefined): void => {
    if (values) out.set(i, longTensor(values));
  };
  if (node.domain !== "") return out;
  const [x, target] = operands;
  if (node.op === "Reshape" && target && !target.constant) {
    const zeroCopies = attributesOf(node).int("allowzero", 0) === 0;
    put(1, reshapeTarget(x?.shape, vectorOf(target), zeroCopies));
  } else if (node.op === "Expand" && target && !target.constant) {
    put(1, expandTarget(x?.shape, vectorOf(target)));
  } else if (node.op === "Slice") {
    for (const i of [1, 2]) {
      const bounds = operands[i];
      if (!bounds || bounds.constant) continue;
      const values = sliceBounds(x?.shape, vectorOf(bounds), axesOf(operands), i === 2);
      if (values)
        out.set(
          i,
          bounds.dtype === "int32" ? tensorOf(Int32Array.from(values), [values.length]) : longTensor(values),
        );
    }
  }
  return out;
}

function reshapeTarget(
  x: Shape | undefined,
  target: Shape | undefined,
  zeroCopies: boolean,
): number[] | undefined {
  if (!target) return undefined;
  const copied = target.map((d, i): Dim => {
    if (typeof d === "number") return d;
    return zeroCopies && x && sameDim(d, x[i] ?? null) ? 0 : d;
  });
  const open = copied.filter((d) => typeof d !== "number");
  if (open.length > 1 || (open.length === 1 && copied.includes(-1))) return undefined;
  return copied.map((d) => (typeof d === "number" ? d : -1));
}

function expandTarget(x: Shape | undefined, target: Shape | undefined): number[] | undefined {
  if (!target || !x) return undefined;
  const out: number[] = [];
  for (const [i, d] of target.entries()) {
    const own = x[i - target.length + x.length] ?? null;
    if (typeof d === "number") out.push(d);
    else if (sameDim(d, own)) out.push(1);
    else return undefined;
  }
  return out;
}

function axesOf(operands: readonly Operand[]): readonly number[] | undefined {
  return operands[3] ? knownInts(operands[3]) : operands[0]?.shape?.map((_, i) => i);
}

/** A bound equal to the length is "to the end"; one k below it counts from the end. */
function sliceBounds(
  x: Shape | undefined,
  bounds: Shape | undefined,
  axes: readonly number[] | undefined,
  isEnd: boolean,
): number[] | undefined {
  if (!x || !bounds || !axes) return undefined;
  const out: number[] = [];
  for (const [i, bound] of bounds.entries()) {
    if (typeof bound === "number") {
      out.push(bound);
      continue;
    }
    const axis = axes[i] ?? 0;
    const back = subtractDims(x[axis < 0 ? axis + x.length : axis] ?? null, bound);
    if (typeof back !== "number") return undefined;
    if (back > 0) out.push(-back);
    else if (isEnd) out.push(2 ** 31 - 1);
    else return undefined;
  }
  return out;
}
