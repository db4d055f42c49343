import type { Plan } from "../../core/plan/plan.ts";
import type { Stages } from "../stages.ts";
import type { Studio } from "../studio.ts";
import { usableClips } from "./clips.ts";

type StateOf<K extends keyof Stages> = ReturnType<Stages[K]["store"]["getState"]>;

/** What every stage answers at this moment. */
export interface Answers {
  readonly open: StateOf<"open">;
  readonly analyse: StateOf<"analyse">;
  readonly convert: StateOf<"convert">;
  readonly inspect: StateOf<"inspect">;
  readonly calibrate: StateOf<"calibrate">;
  readonly compare: StateOf<"compare">;
  readonly package: StateOf<"package">;
  /** Clips that are switched on and readable. */
  readonly usedClips: number;
  /** Names of clips that are switched off. */
  readonly leftOut: ReadonlySet<string>;
  /** What clips are made into, as planned. */
  readonly features: Plan["features"];
}

export function answersOf({ stages, session, document }: Studio): Answers {
  const inspect = stages.inspect.store.getState();
  return {
    open: stages.open.store.getState(),
    analyse: stages.analyse.store.getState(),
    convert: stages.convert.store.getState(),
    inspect,
    calibrate: stages.calibrate.store.getState(),
    compare: stages.compare.store.getState(),
    package: stages.package.store.getState(),
    usedClips: usableClips(session.getState().clips, inspect.result).length,
    leftOut: new Set(session.getState().clips.flatMap((c) => (c.used ? [] : [c.file.name]))),
    features: document.getState().present.features,
  };
}
