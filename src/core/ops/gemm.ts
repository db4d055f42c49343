import { defineOp, type OpDefinition, refuse, type StreamContext, type StreamRule } from "./op.ts";
import { countPerFrame, dimOf, inferred } from "./rules/operand.ts";
import { variesAt } from "./rules/time.ts";

const gemm = defineOp("Gemm", "alpha·A·B + beta·C on matrices.", (attributes) => {
  const transA = attributes.int("transA", 0) !== 0;
  const transB = attributes.int("transB", 0) !== 0;

  function stream({ axes, operands }: StreamContext): StreamRule {
    const [axisA, axisB, axisC] = axes;
    const c = operands[2];
    if (axisC !== undefined) return refuse("unknownOp", { code: "streamingInput", name: "C" });
    if (axisA !== undefined && axisB !== undefined) return refuse("timeContracted");
    const axis =
      axisA === (transA ? 1 : 0) ? 0 : axisB !== undefined && axisB === (transB ? 0 : 1) ? 1 : undefined;
    if (axis === undefined) return refuse("timeContracted");
    if (c && variesAt(c, 2 - axis) !== false)
      return refuse("timeVaryingConstant", { code: "input", index: 2 });
    return { kind: "perFrame", axis };
  }

  return {
    infer: ([a, b]) => [inferred(a?.dtype ?? b?.dtype, [dimOf(a, transA ? 1 : 0), dimOf(b, transB ? 0 : 1)])],
    stream,
    quant: {
      inputs: ["activation", "weight", "bias"],
      channelAxis: transB ? 0 : 1,
      output: "own",
    },
    cost: ([a], [y]) => ({ macs: countPerFrame(y?.shape) * countPerFrame([dimOf(a, transA ? 0 : 1)]) }),
  };
});

export const gemmOps: readonly OpDefinition[] = [gemm];
