import { sliceAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import type { Tensor } from "../../core/ir/tensor.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import type { Block } from "../blocks.ts";
import type { Session } from "../ports.ts";

/** The opened file as it stands, at any length that it takes. */
export class OpenedFile {
  readonly session: Session;
  runs = 0;

  constructor(session: Session) {
    this.session = session;
  }

  async run(inputs: Block): Promise<Record<ValueName, Tensor>> {
    const feeds = this.session.inputNames.map((name) => [name, inputs[name] as Tensor] as const);
    const results = await this.session.run(Object.fromEntries(feeds));
    this.runs++;
    return results;
  }
}

/** Frames [from, to) of every streaming input. */
export function framesOf(
  inputs: Block,
  { axes }: Pick<StreamAnalysis, "axes">,
  [from, to]: readonly [number, number],
): Block {
  const part = ([name, t]: readonly [string, Tensor]) => {
    const axis = axes[name];
    return [name, axis === undefined ? t : sliceAxis(t, axis, from, to)] as const;
  };
  return Object.fromEntries(Object.entries(inputs).map(part));
}
