/** Between the parts of a name that lives in a subgraph; no exporter writes it. */
const MARK = " › ";

/** Where a subgraph hangs: key of its node, attribute, and so on inwards; "" is the main graph. */
export type Scope = string;

/** The scope of a node's subgraph. */
export function innerScope(nodeKey: string, attribute: string): Scope {
  return nodeKey + MARK + attribute;
}

/** A name of a subgraph as it is told apart from the same name elsewhere. */
export function scopedName(scope: Scope, name: string): string {
  return scope === "" || name === "" ? name : scope + MARK + name;
}

/** The name as the file has it. */
export function plainName(name: string): string {
  return name.slice(name.lastIndexOf(MARK) + (name.includes(MARK) ? MARK.length : 1));
}

/** Whether a name lives in a subgraph. */
export function isScoped(name: string): boolean {
  return name.includes(MARK);
}

/** Keys of the nodes round a name, the outermost first; empty for the main graph. */
export function ownersOf(name: string): readonly string[] {
  const parts = name.split(MARK);
  return parts.flatMap((_, i) =>
    i % 2 === 0 && i + 1 < parts.length ? [parts.slice(0, i + 1).join(MARK)] : [],
  );
}

/** Attributes and keys on the way to a name: [key, attribute, key, attribute, …, name]. */
export function pathOf(name: string): readonly string[] {
  return name.split(MARK);
}
