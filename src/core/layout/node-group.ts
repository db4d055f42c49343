/**
 * Consecutive nodes that can be shown as one box. Since nodes stand in topological order, boxes made of such runs never
 * form a cycle, whichever of them are open.
 */
export interface NodeGroup {
  /** The same for the same structure, however often it is found. */
  readonly id: string;
  readonly label: string;
  /** Nodes first … end (exclusive). */
  readonly first: number;
  readonly end: number;
  /** Groups inside, in order; nodes between them belong to this group directly. */
  readonly children: readonly NodeGroup[];
}

/** What grouping looks at, one entry per node in topological order. */
export interface GroupInput {
  /** Name with its scopes, such as "/enc/block.1/Conv"; "" if it has none. */
  readonly names: readonly string[];
  readonly ops: readonly string[];
}
