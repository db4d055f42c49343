import type { ValueName } from "../../core/ir/graph.ts";
import type { TimeMarks } from "./time-label.ts";

/** History kept on one value, as the graph shows it. */
export interface CacheMark {
  /** Proposed is dashed, accepted and forced are solid, removed is struck through. */
  readonly state: "proposed" | "accepted" | "forced" | "removed";
  readonly frames: number;
  readonly bytes: number;
  /** Frames by which the value lags offline. */
  readonly delay: number;
  /** Elements per frame; taken from 4-byte elements if absent. */
  readonly channels?: number;
}

export interface SplitMark {
  /** Tensors that cross this cut, the marked one included. */
  readonly crossing: number;
  /** Bytes per step over all crossing tensors. */
  readonly bytes: number;
}

/** Everything that is painted over the structure. Marks never move a node. */
export interface GraphMarks {
  readonly caches: ReadonlyMap<ValueName, CacheMark>;
  readonly splits: ReadonlyMap<ValueName, SplitMark>;
  /** Every value that crosses some cut. */
  readonly crossing: ReadonlySet<ValueName>;
  /** Node key → index of its module; nodes are tinted when there are several modules. */
  readonly moduleOf: ReadonlyMap<string, number>;
  /** Keys of nodes that refuse to stream. */
  readonly refused: ReadonlySet<string>;
  /** Keys of nodes at which something approximate begins. */
  readonly approximate: ReadonlySet<string>;
  /** Keys of nodes that the model beside this one does not have. */
  readonly unmatched?: ReadonlySet<string>;
  /** Present while the graph shows how time runs on its edges. */
  readonly times?: TimeMarks;
  /** Value → its time axis. */
  readonly timeAxis: ReadonlyMap<ValueName, number>;
  /** Node key → largest error of the last comparison, as a portion of the value's range. */
  readonly errors?: ReadonlyMap<string, number>;
  /** Node key → 0 (harmless) … 1 (the worst that colours tell apart) and above, which orders only. */
  readonly nodeHeat?: ReadonlyMap<string, number>;
}

/** Marks that change while they are shown. */
export interface MarksSource {
  /** The same object as long as nothing has changed. */
  readonly now: () => GraphMarks;
  /** Calls back after every change, and perhaps without one. @returns what ends it. */
  readonly subscribe: (changed: () => void) => () => void;
}

/** Marks that stay as they are. */
export const fixedMarks = (marks: GraphMarks): MarksSource => ({
  now: () => marks,
  subscribe: () => () => {},
});

export const NO_MARKS: GraphMarks = {
  caches: new Map(),
  splits: new Map(),
  crossing: new Set(),
  moduleOf: new Map(),
  refused: new Set(),
  approximate: new Set(),
  timeAxis: new Map(),
};

/** What is selected: an op by its node key, a value by its name (graph inputs and outputs are values), or a group of ops. */
export interface GraphSelection {
  readonly kind: "node" | "value" | "group";
  readonly id: string;
}
