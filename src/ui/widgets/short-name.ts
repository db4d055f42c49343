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
  const short = new Map(all.map((name) => [name, shortName(name, length)]));
  const shown = (name: string) => short.get(name) ?? shortName(name, length);
  /** Names that were told apart together. */
  const group = new Map(all.map((name) => [name, [name] as readonly string[]]));
  for (;;) {
    const met = grouped(all, shown).filter((alike) => alike.length > 1);
    if (met.length === 0) return shown;
    for (const alike of met) {
      // Another of these has told them apart already.
      if (new Set(alike.map(shown)).size === alike.length) continue;
      // With those that each was told apart from before: what is kept now must do for all of them.
      const joint = [...new Set(alike.flatMap((name) => group.get(name) ?? [name]))];
      const grown = alike.every((name) => joint.length > (group.get(name)?.length ?? 0));
      const texts = grown ? toldApart(joint) : joint.map((name) => [name, name] as const);
      for (const [name, text] of texts) {
        group.set(name, joint);
        short.set(name, text);
      }
    }
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
  return names.map((name, i) => {
    const text = spelled(split[i] ?? [], kept);
    const whole = split[i]?.join("/") ?? name;
    return [name, whole.length <= text.length ? whole : text] as const;
  });
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
