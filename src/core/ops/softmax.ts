import type { AttributeReader } from "../ir/attributes.ts";
import { intAttribute, makeNode, type Node } from "../ir/graph.ts";
import { defineOp, type OpDefinition, type QuantRule, refuse, type UpgradeContext } from "./op.ts";
import { fromFront, inferred } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/**
 * Before opset 13 the operator worked on the input flattened to two axes at `axis` (default 1). Exact equivalents:
 * one axis if all but one flattened extents are 1, else Flatten, the operator, and a Reshape back.
 */
function unflatten(
  node: Node,
  attributes: AttributeReader,
  context: UpgradeContext,
): readonly Node[] | undefined {
  const shape = context.operand(node.inputs[0] ?? "")?.shape;
  if (!shape) return undefined;
  const first = fromFront(attributes.int("axis", 1), shape.length);
  const wide = shape.map((d, i) => (i >= first && d !== 1 ? i : -1)).filter((i) => i >= 0);
  if (wide.length <= 1) {
    const axis = wide[0] ?? shape.length - 1;
    return [{ ...node, attributes: { ...node.attributes, axis: intAttribute(axis) } }];
  }
  const [x = ""] = node.inputs;
  const [y = ""] = node.outputs;
  const flat = context.fresh(`${y}.flat`);
  const soft = context.fresh(`${y}.soft`);
  const size = context.fresh(`${y}.shape`);
  return [
    makeNode("Flatten", [x], [flat], { axis: intAttribute(first) }),
    { ...node, inputs: [flat], outputs: [soft], attributes: { ...node.attributes, axis: intAttribute(1) } },
    makeNode("Shape", [x], [size]),
    makeNode("Reshape", [soft, size], [y]),
  ];
}

interface SoftmaxTraits {
  readonly quant?: QuantRule;
  /** Whether it is a share of a sum of exponentials, and in which form. */
  readonly share?: "linear" | "log";
}

function softmaxLike(op: string, doc: string, { quant, share }: SoftmaxTraits): OpDefinition {
  return defineOp(
    op,
    doc,
    (attributes) => ({
      infer: ([x]) => [inferred(x?.dtype, x?.shape)],
      stream: (context) =>
        unaryAlong(context, (axis, rank) =>
          fromFront(attributes.int("axis", -1), rank) === axis
            ? refuse("timeReduced")
            : { kind: "perFrame", axis },
        ),
      reduction([x]) {
        const axis = x?.shape && fromFront(attributes.int("axis", -1), x.shape.length);
        return share && axis !== undefined ? { kind: "softmax", axis, log: share === "log" } : undefined;
      },
      ...(quant && { quant }),
    }),
    { before: 13, upgrade: unflatten },
  );
}

const softmax = softmaxLike("Softmax", "exp(x) over its sum along an axis.", {
  quant: { inputs: ["activation"], output: [0, 1] },
  share: "linear",
});
const logSoftmax = softmaxLike("LogSoftmax", "Logarithm of Softmax along an axis.", { share: "log" });
const hardmax = softmaxLike("Hardmax", "1 at the first largest value along an axis, else 0.", {});

export const softmaxOps: readonly OpDefinition[] = [softmax, logSoftmax, hardmax];
