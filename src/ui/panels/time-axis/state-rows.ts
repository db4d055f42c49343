import type { Shape } from "../../../core/ir/graph.ts";
import { byteLength, sizeOf } from "../../../core/ir/tensor.ts";
import type { Plan, StateChoice } from "../../../core/plan/plan.ts";
import { type StateClue, stateDims } from "../../../core/stream/state-pairs.ts";
import type { StateProposals } from "../../../engine/carried/analyse-plan.ts";
import type { ModelSummary } from "../../../engine/reports.ts";

/** One state of the model, proposed or as the user says. */
export interface StateRow extends StateChoice {
  readonly shape: Shape;
  readonly bytes: number;
  /** 0 to 1; absent where the user named the pair. */
  readonly confidence?: number;
  readonly why: readonly StateClue[];
}

export interface StateView {
  /** open: proposals wait for an answer; denied: the user said that there are none. */
  readonly status: "open" | "confirmed" | "denied" | "none";
  readonly rows: readonly StateRow[];
  /** Ports that are in no pair. */
  readonly freeInputs: readonly string[];
  readonly freeOutputs: readonly string[];
  /** Inputs that are neither states nor have a time axis; what they are fixed at, if so. */
  readonly still: readonly { readonly input: string; readonly value?: number }[];
}

/** The states of a model as the time-axis step shows them. */
export function stateView(
  proposals: StateProposals,
  plan: Pick<Plan, "states" | "fixed" | "axes">,
  summary: Pick<ModelSummary, "inputs">,
): StateView {
  const { states, fixed = {}, axes } = plan;
  const proposed = proposals.pairs.map(({ input, output, init = 0 }) => ({ input, output, init }));
  const rows = (states ?? proposed).map((state): StateRow => {
    const known = proposals.pairs.find((p) => p.input === state.input && p.output === state.output);
    const declared = summary.inputs.find((v) => v.name === state.input);
    const shape = known?.shape ?? declared?.shape ?? [];
    const bytes = byteLength(known?.dtype ?? declared?.dtype ?? "float32", sizeOf(stateDims({ shape })));
    return {
      ...state,
      shape,
      bytes,
      why: known?.why ?? ["confirmed"],
      ...(known && { confidence: known.confidence }),
    };
  });
  const taken = new Set(rows.flatMap((r) => [r.input, r.output]));
  const freeInputs = proposals.inputs.filter((name) => !taken.has(name));
  const confirmed = states !== undefined && states.length > 0;
  return {
    status: confirmed ? "confirmed" : states ? "denied" : rows.length > 0 ? "open" : "none",
    rows,
    freeInputs,
    freeOutputs: proposals.outputs.filter((name) => !taken.has(name)),
    still: confirmed
      ? freeInputs
          .filter((input) => axes[input] === undefined)
          .map((input) => ({ input, ...(fixed[input] !== undefined && { value: fixed[input] }) }))
      : [],
  };
}

/** The pairs of a view as a plan keeps them. */
export function choicesOf(rows: readonly StateRow[]): StateChoice[] {
  return rows.map(({ input, output, init }) => ({ input, output, init }));
}
