/** The last parts of a path-like name, at most about `length` characters: `…/depthwise/Conv`. */
export function shortName(name: string, length = 28): string {
  const trimmed = name.replace(/_output_0$/, "");
  if (trimmed.length <= length) return trimmed;
  const parts = trimmed.split("/");
  let kept = parts.pop() ?? "";
  for (
    let next = parts.pop();
    next !== undefined && kept.length + next.length + 3 <= length;
    next = parts.pop()
  ) {
    kept = `${next}/${kept}`;
  }
  return kept.length <= length ? `…/${kept}` : `…${kept.slice(1 - length)}`;
}

/**
 * Short names for a list in which no two different names may look the same: where `shortName` would make them so, the parts in
 * which they differ are kept (`…/layer.3/…/Conv`), at the cost of length. A name that is not in the list is shortened alone.
 */
export function shortNames(names: Iterable<string>, length = 28): (name: string) => string {
  const all = [...new Set(names)];
  const short = new Map<string, string>();
  for (const alike of grouped(all, (name) => shortName(name, length))) {
    const [only = "", ...others] = alike;
    if (others.length === 0) short.set(only, shortName(only, length));
    else for (const [name, text] of toldApart(alike)) short.set(name, text);
  }
  // Two ways of shortening may still meet; what is whole never does, but for another that was shortened to it.
  for (;;) {
    const met = grouped(all, (name) => short.get(name) ?? name).filter((alike) => alike.length > 1);
    if (met.length === 0) return (name) => short.get(name) ?? shortName(name, length);
    for (const name of met.flat()) short.set(name, name);
  }
}

/** Of names that end alike, the last part and the parts by which each differs from another of them. */
function toldApart(names: readonly string[]): readonly (readonly [string, string])[] {
  const split = names.map((name) => name.replace(/_output_0$/, "").split("/"));
  const depth = Math.max(...split.map((parts) => parts.length));
  const kept = new Set([1]);
  // From the end on, where the parts of paths correspond; a part is kept if it tells some of those apart that still look alike.
  for (let fromEnd = 1; fromEnd <= depth; fromEnd++) {
    const before = classesOf(split, kept);
    const after = classesOf(split, new Set([...kept, fromEnd]));
    if (after > before) kept.add(fromEnd);
    if (after === names.length) break;
  }
  return names.map((name, i) => [name, spelled(split[i] ?? [], kept)] as const);
}

function classesOf(paths: readonly (readonly string[])[], kept: ReadonlySet<number>): number {
  return new Set(paths.map((parts) => spelled(parts, kept))).size;
}

/** The parts at these places from the end, with … for what is left out. */
function spelled(parts: readonly string[], kept: ReadonlySet<number>): string {
  const shown: string[] = [];
  for (const [i, part] of parts.entries()) {
    if (kept.has(parts.length - i)) shown.push(part);
    else if (shown.at(-1) !== "…") shown.push("…");
  }
  return shown.join("/");
}

function grouped(names: readonly string[], key: (name: string) => string): string[][] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const text = key(name);
    const group = groups.get(text);
    if (group) group.push(name);
    else groups.set(text, [name]);
  }
  return [...groups.values()];
}
