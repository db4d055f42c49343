import { findRepeats } from "./find-repeats.ts";
import type { GroupInput, NodeGroup } from "./node-group.ts";

/** Fewer boxes than this on one level need no groups above them. */
const MOST_SIBLINGS = 150;
/** Nodes of a run that nothing else tells apart. */
const RUN_NODES = 200;
/** Portion of the nodes whose names must have scopes for scopes to be believed. */
const LEAST_SCOPED = 0.5;
const DEEPEST_SCOPE = 24;

/**
 * Groups from the scopes in the names; without them from repeated sequences of operators; without those plain runs. Levels with
 * too many boxes get a level of runs above them. Linear in the number of nodes.
 */
export function groupNodes({ names, ops }: GroupInput): readonly NodeGroup[] {
  const scopes = filledScopes(names.map(scopesOf));
  const scoped = scopes.reduce((n, s) => n + (s.length > 0 ? 1 : 0), 0);
  const groups = scoped >= LEAST_SCOPED * ops.length ? byScope(scopes, 0, ops.length, 0, "") : byRepeats(ops);
  return packed(groups, 0, ops.length, "");
}

/** Scopes of a name from the outermost; the last part is the node's own. */
function scopesOf(name: string): readonly string[] {
  return name
    .split("/")
    .filter((part) => part !== "")
    .slice(0, -1)
    .slice(0, DEEPEST_SCOPE);
}

/** A node without scopes among nodes of one scope (a folded constant, an op made by a pass) belongs there. */
function filledScopes(scopes: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const filled = [...scopes];
  let [before, open] = [-1, 0];
  for (const [i, scope] of scopes.entries()) {
    if (scope.length === 0) continue;
    if (before >= 0 && open < i) {
      const common = commonPrefix(scopes[before] ?? [], scope);
      for (let k = open; k < i; k++) filled[k] = common;
    }
    [before, open] = [i, i + 1];
  }
  return filled;
}

function commonPrefix(a: readonly string[], b: readonly string[]): readonly string[] {
  const differs = a.findIndex((part, i) => part !== b[i]);
  return differs < 0 ? a : a.slice(0, differs);
}

function byScope(
  scopes: readonly (readonly string[])[],
  first: number,
  end: number,
  depth: number,
  path: string,
): readonly NodeGroup[] {
  const groups: NodeGroup[] = [];
  for (let from = first; from < end; ) {
    const part = scopes[from]?.[depth];
    let to = from + 1;
    while (to < end && scopes[to]?.[depth] === part) to++;
    if (part !== undefined && to - from > 1) groups.push(scopeGroup(scopes, from, to, depth, path));
    from = to;
  }
  return groups;
}

function scopeGroup(
  scopes: readonly (readonly string[])[],
  first: number,
  end: number,
  depth: number,
  path: string,
): NodeGroup {
  const label = scopes[first]?.[depth] ?? "";
  const here = `${path}/${label}`;
  const children = byScope(scopes, first, end, depth + 1, here);
  const [only] = children;
  // A scope that holds nothing but one scope is no level of its own.
  if (only && only.first === first && only.end === end) return { ...only, label: `${label}/${only.label}` };
  return { id: `${here}@${first}`, label, first, end, children: packed(children, first, end, here) };
}

function byRepeats(ops: readonly string[]): readonly NodeGroup[] {
  return findRepeats(ops).flatMap(({ start, period, count }) =>
    Array.from({ length: count }, (_, i): NodeGroup => {
      const first = start + i * period;
      const label = `${ops[first]} … ${ops[first + period - 1]} ${i + 1}/${count}`;
      return { id: `repeat@${first}+${period}`, label, first, end: first + period, children: [] };
    }),
  );
}

/** The same groups, with runs above them where the boxes of the level would be too many to survey. */
function packed(
  groups: readonly NodeGroup[],
  first: number,
  end: number,
  path: string,
): readonly NodeGroup[] {
  const covered = groups.reduce((n, g) => n + g.end - g.first, 0);
  const boxes = groups.length + (end - first - covered);
  if (boxes <= MOST_SIBLINGS || end - first <= RUN_NODES) return groups;
  const perRun = Math.max(2, Math.min(RUN_NODES, Math.ceil(Math.sqrt(boxes))));
  const runs: NodeGroup[] = [];
  let [from, at, held, next] = [first, first, 0, 0];
  const close = () => {
    if (held > 1) runs.push(runOf(groups, from, at, path));
    else runs.push(...groups.filter((g) => g.first >= from && g.end <= at));
    [from, held] = [at, 0];
  };
  while (at < end) {
    const group = groups[next];
    if (group?.first === at) {
      at = group.end;
      next++;
    } else at++;
    held++;
    if (held === perRun) close();
  }
  if (held > 0) close();
  return runs;
}

function runOf(groups: readonly NodeGroup[], first: number, end: number, path: string): NodeGroup {
  const children = groups.filter((g) => g.first >= first && g.end <= end);
  const [head, tail] = [children[0], children.at(-1)];
  const label = head && tail && head !== tail ? `${head.label} … ${tail.label}` : `${first + 1}–${end}`;
  return { id: `${path}/run@${first}-${end}`, label, first, end, children };
}
