import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { sliceAxis } from "../core/ir/axis.ts";
import type { ValueName } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import type { TimeAxes } from "../core/stream/analysis.ts";
import { filledTensor } from "../core/stream/filled-tensor.ts";
import { type StatePair, stateDims } from "../core/stream/state-pairs.ts";
import type { Block } from "./blocks.ts";
import type { OpenedModel } from "./open-model.ts";
import type { Job, Runtime, Session } from "./ports.ts";

/** How the frames of one input reach a model that already streams. */
export interface Roll {
  readonly axis: number;
  /** Frames that one step reads. */
  readonly window: number;
  /** Frames between steps; smaller than `window` where the host keeps an overlap. */
  readonly hop: number;
}

export interface RollOptions {
  readonly pairs: readonly StatePair[];
  /** Streaming inputs; all others are given to every step as they are. */
  readonly rolls: Readonly<Record<ValueName, Roll>>;
}

/**
 * Runs a model that carries its own states, unchanged, step by step as a device would: states start as at reset, what a
 * step gives out is what the next one reads.
 */
export class RolledModel {
  private readonly session: Session;
  private readonly options: RollOptions;

  private constructor(session: Session, options: RollOptions) {
    this.session = session;
    this.options = options;
  }

  /** The file as it was opened. */
  static async open(runtime: Runtime, opened: OpenedModel, options: RollOptions): Promise<RolledModel> {
    return new RolledModel(await runtime.open(encodeModel(opened.original)), options);
  }

  /** From reset over the whole input: per output that is no state, its tensor of every step. */
  async run(inputs: Block, job: Pick<Job<never>, "checkpoint">): Promise<Map<ValueName, Tensor[]>> {
    const { pairs, rolls } = this.options;
    const states = new Map(pairs.map((p) => [p.input, filledTensor(p.dtype, stateDims(p), p.init ?? 0)]));
    const stateOutputs = new Set(pairs.map((p) => p.output));
    const names = this.session.outputNames.filter((name) => !stateOutputs.has(name));
    const results = new Map<ValueName, Tensor[]>(names.map((name) => [name, []]));
    const steps = stepsOf(inputs, rolls);
    for (let step = 0; step < steps; step++) {
      if (step % 64 === 0) await job.checkpoint();
      const feeds: Record<string, Tensor> = {};
      for (const name of this.session.inputNames) feeds[name] = feedOf(name, step, { inputs, rolls, states });
      const outputs = await this.session.run(feeds);
      for (const [name, list] of results) list.push(outputs[name] as Tensor);
      for (const { input, output, dtype } of pairs) {
        states.set(input, { ...(outputs[output] as Tensor), dtype });
      }
    }
    return results;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

interface Given {
  readonly inputs: Block;
  readonly rolls: RollOptions["rolls"];
  readonly states: ReadonlyMap<ValueName, Tensor>;
}

function feedOf(name: ValueName, step: number, { inputs, rolls, states }: Given): Tensor {
  const state = states.get(name);
  if (state) return state;
  const tensor = inputs[name];
  if (!tensor) throw new Error(`input ${name} is missing`);
  const roll = rolls[name];
  if (!roll) return tensor;
  const from = step * roll.hop;
  return sliceAxis(tensor, roll.axis, from, from + roll.window);
}

/** Whole steps that the shortest input has frames for. */
function stepsOf(inputs: Block, rolls: RollOptions["rolls"]): number {
  const counts = Object.entries(rolls).map(([name, { axis, window, hop }]) => {
    const frames = inputs[name]?.dims[axis] ?? 0;
    return Math.max(0, Math.floor((frames - window) / hop) + 1);
  });
  return counts.length === 0 ? 0 : Math.min(...counts);
}

/** Steps of equal window and hop: `chunk` frames each. */
export function rollsOf(axes: TimeAxes, chunk: number): Record<ValueName, Roll> {
  return Object.fromEntries(
    Object.entries(axes).map(([name, axis]) => [name, { axis, window: chunk, hop: chunk }]),
  );
}
