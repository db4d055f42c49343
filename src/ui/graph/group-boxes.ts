import type { NodeGroup } from "../../core/layout/node-group.ts";

/** Which groups are shown as their contents; "all": no group is shown at all. */
export type OpenGroups = "all" | ReadonlySet<string>;

export interface Grouping {
  readonly groups: readonly NodeGroup[];
  readonly open: OpenGroups;
  /** Keys of the nodes whose subgraphs are shown; none if absent. */
  readonly bodies?: ReadonlySet<string>;
}

/** A box: one op by its index in the model, or a closed group. */
export type Entry = number | NodeGroup;

/** An open group: what surrounds entries first … end (exclusive). */
export interface OpenFrame {
  readonly group: NodeGroup;
  readonly first: number;
  readonly end: number;
}

/** Boxes of a model of `count` ops in order, and the open groups round them, outer ones first. */
export function shownEntries(
  count: number,
  { groups, open }: Grouping,
): { readonly entries: readonly Entry[]; readonly frames: readonly OpenFrame[] } {
  const entries: Entry[] = [];
  const frames: OpenFrame[] = [];
  if (open === "all") return { entries: Array.from({ length: count }, (_, i) => i), frames };
  const walk = (level: readonly NodeGroup[], first: number, end: number): void => {
    let at = first;
    for (const group of level) {
      while (at < group.first) entries.push(at++);
      at = group.end;
      if (!open.has(group.id)) {
        entries.push(group);
        continue;
      }
      const place = frames.length;
      const begin = entries.length;
      walk(group.children, group.first, group.end);
      frames.splice(place, 0, { group, first: begin, end: entries.length });
    }
    while (at < end) entries.push(at++);
  };
  walk(groups, 0, count);
  return { entries, frames };
}
