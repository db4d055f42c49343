import { isScoped } from "../../core/ir/scoped-name.ts";
import type { GraphMarks, GraphSelection } from "./graph-marks.ts";
import { type GraphScene, selectedNode } from "./graph-scene.ts";
import { heatOf, holdsAny } from "./group-marks.ts";
import type { Picture } from "./picture.ts";

export type Direction = "next" | "previous" | "left" | "right";

/** Box to go to from the selection; the first box if nothing is selected, undefined at an end. */
export function neighbour(
  picture: Picture,
  selection: GraphSelection | undefined,
  direction: Direction,
): number | undefined {
  const { scene, layout } = picture;
  const from = currentNode(scene, selection);
  if (from === undefined) return scene.nodes.length > 0 ? 0 : undefined;
  if (direction === "left" || direction === "right") return sibling(picture, from, direction);
  if (selection?.kind === "value" && selectedNode(scene, selection) === undefined) {
    // From a value: to the box that makes it, or to its first reader.
    return direction === "previous" ? from : firstReader(scene, selection.id);
  }
  const edges = (direction === "next" ? scene.outEdges : scene.inEdges)[from] ?? [];
  const ends = edges.flatMap((e) => scene.edges[e]?.[direction === "next" ? "target" : "source"] ?? []);
  const x = layout.centers[2 * from] ?? 0;
  const cost = (v: number) =>
    Math.abs((layout.rank[v] ?? 0) - (layout.rank[from] ?? 0)) * 1e6 +
    Math.abs((layout.centers[2 * v] ?? 0) - x);
  return ends.reduce<number | undefined>(
    (best, v) => (best === undefined || cost(v) < cost(best) ? v : best),
    undefined,
  );
}

/** Box that stands for the selection; of a value, the box that makes it. */
export function currentNode(scene: GraphScene, selection: GraphSelection | undefined): number | undefined {
  const node = selectedNode(scene, selection);
  if (node !== undefined || selection?.kind !== "value") return node;
  return scene.producerOf.get(selection.id);
}

function firstReader(scene: GraphScene, value: string): number | undefined {
  return scene.edges[scene.edgesOf.get(value)?.[0] ?? -1]?.target;
}

/** Nearest box of the same row on that side. */
function sibling({ layout }: Picture, from: number, direction: "left" | "right"): number | undefined {
  const x = layout.centers[2 * from] ?? 0;
  let best: number | undefined;
  let nearest = Number.POSITIVE_INFINITY;
  for (let v = 0; v < layout.rank.length; v++) {
    if (v === from || layout.rank[v] !== layout.rank[from]) continue;
    const away = ((layout.centers[2 * v] ?? 0) - x) * (direction === "right" ? 1 : -1);
    if (away <= 0 || away >= nearest) continue;
    best = v;
    nearest = away;
  }
  return best;
}

/**
 * Next (+1) or previous (−1) box that asks for attention, round the end: while heat is shown the hot ones, worst first;
 * else, or when nothing is hot, those that are refused, in data-flow order.
 */
export function nextTrouble(
  scene: GraphScene,
  marks: GraphMarks,
  selection: GraphSelection | undefined,
  step: 1 | -1,
): number | undefined {
  const hot = hottest(scene, marks);
  if (hot.length > 0) {
    const from = hot.indexOf(currentNode(scene, selection) ?? -1);
    return hot.at(from < 0 ? (step > 0 ? 0 : -1) : (from + step) % hot.length);
  }
  const refused = scene.nodes.flatMap((n, v) => (holdsAny(marks.refused, n) ? [v] : []));
  return nextOf(refused, scene, selection, step);
}

/** Boxes with heat, worst first; of equals the earlier. */
function hottest(scene: GraphScene, marks: GraphMarks): readonly number[] {
  if (!marks.nodeHeat) return [];
  // An output is called as the op that makes it.
  const isWork = ({ kind }: GraphScene["nodes"][number]) => kind === "op" || kind === "group";
  const heats = scene.nodes.map((node) => (isWork(node) ? (heatOf(marks, node) ?? 0) : 0));
  const hot = heats.flatMap((heat, v) => (heat > 0 ? [v] : []));
  return hot.sort((a, b) => {
    const [x, y] = [heats[a] ?? 0, heats[b] ?? 0];
    // Compared, not subtracted: a value that is lost wholly has infinite heat.
    return x === y ? a - b : x > y ? -1 : 1;
  });
}

/** Next (+1) or previous (−1) box that makes a cached or split value, in data-flow order, round the end. */
export function nextMarked(
  scene: GraphScene,
  marks: GraphMarks,
  selection: GraphSelection | undefined,
  step: 1 | -1,
): number | undefined {
  const values = [...marks.caches.keys(), ...marks.splits.keys()];
  const makers = new Set(values.flatMap((value) => scene.producerOf.get(value) ?? []));
  return nextOf(
    [...makers].sort((a, b) => a - b),
    scene,
    selection,
    step,
  );
}

function nextOf(
  boxes: readonly number[],
  scene: GraphScene,
  selection: GraphSelection | undefined,
  step: 1 | -1,
): number | undefined {
  const from = currentNode(scene, selection) ?? (step > 0 ? -1 : scene.nodes.length);
  if (step > 0) return boxes.find((v) => v > from) ?? boxes[0];
  return boxes.findLast((v) => v < from) ?? boxes.at(-1);
}

/** Value that C and S act on: the selected one, or the first output of the selected op. */
export function markable(scene: GraphScene, selection: GraphSelection | undefined): string | undefined {
  // What lives in a subgraph is looked at only.
  if (!selection || isScoped(selection.id)) return undefined;
  if (selection.kind === "value") return selection.id;
  const node = selectedNode(scene, selection);
  return node === undefined ? undefined : scene.nodes[node]?.value || undefined;
}
