import { named } from "../base/detail.ts";
import type { AttributeReader } from "../ir/attributes.ts";
import type { Dim, Node, Shape } from "../ir/graph.ts";
import {
  type Cost,
  defineOp,
  type OpDefinition,
  type OperandInfo,
  type Operands,
  type RecurrentState,
  refuse,
  type StreamContext,
  type StreamRule,
} from "./op.ts";
import { sameDim } from "./rules/dim.ts";
import { countPerFrame, dimOf, inferred, vectorOf } from "./rules/operand.ts";

interface Family {
  readonly op: "LSTM" | "GRU" | "RNN";
  /** Name, input and output of everything that is carried from frame to frame. */
  readonly states: readonly { readonly name: string; readonly input: number; readonly output: number }[];
}

const SEQUENCE_LENGTHS = 4;

/** Sizes as the attributes and operands state them: X is [time, batch, input], or [batch, time, input] in layout 1. */
function sizesOf(attributes: AttributeReader, [x, , r]: Operands) {
  const batchFirst = attributes.int("layout", 0) !== 0;
  return {
    batchFirst,
    time: dimOf(x, batchFirst ? 1 : 0),
    batch: dimOf(x, batchFirst ? 0 : 1),
    directions: dimOf(r, 0),
    hidden: attributes.optionalInt("hidden_size") ?? dimOf(r, 2),
  };
}

function stateShape(attributes: AttributeReader, operands: Operands): Shape {
  const { batchFirst, batch, directions, hidden } = sizesOf(attributes, operands);
  return batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
}

/** Whether the lengths of all sequences are that of the whole input. */
function coversAll(lengths: OperandInfo | undefined, time: Dim): boolean {
  return vectorOf(lengths)?.every((d) => sameDim(d, time)) ?? false;
}

function recurrentStream(
  family: Family,
  attributes: AttributeReader,
  node: Node,
  { axes, operands }: StreamContext,
): StreamRule {
  const axis = axes[0];
  if (axis === undefined || axes.some((a, i) => i > 0 && a !== undefined))
    return refuse("dataDependent", { code: "streamingStates" });
  if (axis === 2) return refuse("timeContracted");
  const { batchFirst, time } = sizesOf(attributes, operands);
  if (axis === (batchFirst ? 0 : 1)) return acrossFrames(node, batchFirst);
  const direction = attributes.string("direction", "forward");
  if (direction !== "forward") return refuse("timeReversed", named(direction));
  const lengths = operands[SEQUENCE_LENGTHS];
  if (lengths && !coversAll(lengths, time)) return refuse("dataDependent", named("sequence_lens"));
  const shape = stateShape(attributes, operands);
  const states: RecurrentState[] = [];
  for (const state of family.states) {
    const given = operands[state.input];
    if (given && !given.constant) return refuse("dataDependent", { code: "initialState", name: state.name });
    states.push({ ...state, shape, ...(given?.constant && { init: given.constant }) });
  }
  const last = family.states.map(() => "state" as const);
  return { kind: "recurrent", outputs: [axis, ...last], states, dropped: lengths ? [SEQUENCE_LENGTHS] : [] };
}

/** Time on the batch axis (a network over frequency): every frame is a sequence of its own. */
function acrossFrames(node: Node, batchFirst: boolean): StreamRule {
  // Sequence lengths and initial states carry one entry per frame here.
  if (node.inputs.slice(SEQUENCE_LENGTHS, 7).some((name) => name !== ""))
    return refuse("timeVaryingConstant", { code: "stateVaries" });
  const [axis, ofState] = batchFirst ? [0, 0] : [2, 1];
  return { kind: "perFrame", axis, axes: [axis, ofState, ofState] };
}

function recurrent(family: Family, doc: string): OpDefinition {
  return defineOp(family.op, doc, (attributes, node) => ({
    infer(operands) {
      const { batchFirst, time, batch, directions, hidden } = sizesOf(attributes, operands);
      const all: Shape = batchFirst ? [batch, time, directions, hidden] : [time, directions, batch, hidden];
      const last = stateShape(attributes, operands);
      const dtype = operands[0]?.dtype;
      return [all, ...family.states.map(() => last)]
        .slice(0, node.outputs.length)
        .map((shape) => inferred(dtype, shape));
    },
    stream: (context) => recurrentStream(family, attributes, node, context),
    cost([x, w, r]): Cost {
      // One row of X per frame and sequence, through every row of both matrices, in each direction.
      const rows = countPerFrame(x?.shape?.slice(0, 2));
      return { macs: rows * (countPerFrame(w?.shape) + countPerFrame(r?.shape)) };
    },
  }));
}

const HIDDEN = { name: "h", input: 5, output: 1 } as const;
const CELL = { name: "c", input: 6, output: 2 } as const;

const lstm = recurrent({ op: "LSTM", states: [HIDDEN, CELL] }, "Long short-term memory over a sequence.");
const gru = recurrent({ op: "GRU", states: [HIDDEN] }, "Gated recurrent unit over a sequence.");
const rnn = recurrent({ op: "RNN", states: [HIDDEN] }, "Plain recurrence over a sequence.");

export const recurrentOps: readonly OpDefinition[] = [lstm, gru, rnn];
