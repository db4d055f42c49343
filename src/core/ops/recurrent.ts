import type { Shape } from "../ir/graph.ts";
import { defineOp, type OpDefinition, refuse } from "./op.ts";
import { dimOf, inferred } from "./rules/operand.ts";

/**
 * X is [time, batch, input] (layout 0) or [batch, time, input]; R is [directions, gates·hidden, hidden].
 * Recurrence along an axis that is not the stream's (a bidirectional network over frequency) is frame by frame.
 */
function recurrent(op: string, doc: string, outputs: 2 | 3): OpDefinition {
  return defineOp(op, doc, (attributes, node) => {
    const batchFirst = attributes.int("layout", 0) !== 0;
    return {
      infer([x, , r]) {
        const directions = dimOf(r, 0);
        const hidden = attributes.optionalInt("hidden_size") ?? dimOf(r, 2);
        const [time, batch] = batchFirst ? [dimOf(x, 1), dimOf(x, 0)] : [dimOf(x, 0), dimOf(x, 1)];
        const all: Shape = batchFirst ? [batch, time, directions, hidden] : [time, directions, batch, hidden];
        const last: Shape = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
        return [all, last, last]
          .slice(0, Math.min(outputs, node.outputs.length))
          .map((s) => inferred(x?.dtype, s));
      },
      stream({ axes }) {
        const axis = axes[0];
        if (axis === undefined || axes.some((a, i) => i > 0 && a !== undefined)) return refuse("stateful");
        const batchAxis = batchFirst ? 0 : 1;
        if (axis !== batchAxis) return refuse(axis === 2 ? "timeContracted" : "stateful");
        // Sequence lengths and initial states carry one entry per frame here.
        if (node.inputs.slice(4, 7).some((name) => name !== ""))
          return refuse("timeVaryingConstant", "state");
        if (node.outputs.slice(1).some((name) => name !== "")) return refuse("stateful", "final state");
        return { kind: "perFrame", axis: batchFirst ? 0 : 2 };
      },
    };
  });
}

const lstm = recurrent("LSTM", "Long short-term memory over a sequence.", 3);
const gru = recurrent("GRU", "Gated recurrent unit over a sequence.", 2);
const rnn = recurrent("RNN", "Plain recurrence over a sequence.", 2);

export const recurrentOps: readonly OpDefinition[] = [lstm, gru, rnn];
