import type { GraphMarks } from "./graph-marks.ts";
import type { SceneNode } from "./graph-scene.ts";

/** Heat of a box; of a group the hottest of its ops. */
export function heatOf({ nodeHeat }: GraphMarks, node: SceneNode): number | undefined {
  if (!node.members) return nodeHeat?.get(node.id);
  let most: number | undefined;
  for (const { key } of node.members) {
    const heat = nodeHeat?.get(key);
    if (heat !== undefined && !(heat <= (most ?? -1))) most = heat;
  }
  return most;
}

/** Groups are asked at every picture, their ops are looked through once per set. */
const holding = new WeakMap<ReadonlySet<string>, WeakMap<SceneNode, boolean>>();

/** Whether an op of the box is among these keys. */
export function holdsAny(keys: ReadonlySet<string>, node: SceneNode): boolean {
  if (node.kind === "op") return keys.has(node.id);
  if (!node.members || keys.size === 0) return false;
  const answers = holding.get(keys) ?? new WeakMap<SceneNode, boolean>();
  holding.set(keys, answers);
  const answer = answers.get(node) ?? node.members.some(({ key }) => keys.has(key));
  answers.set(node, answer);
  return answer;
}

/** Module of a box; of a group only if it lies wholly in one. */
export function moduleOf({ moduleOf: modules }: GraphMarks, node: SceneNode): number | undefined {
  if (modules.size === 0) return undefined;
  if (!node.members) return modules.get(node.id);
  const [first] = node.members;
  const module = modules.get(first?.key ?? "");
  return node.members.every(({ key }) => modules.get(key) === module) ? module : undefined;
}

/** Marks on values inside a closed group, as short text: "▣ 3 ✂ 1". */
export function hiddenMarks({ caches, splits }: GraphMarks, node: SceneNode): string {
  if (!node.members || (caches.size === 0 && splits.size === 0)) return "";
  let [cached, cut] = [0, 0];
  for (const { outputs } of node.members) {
    for (const value of outputs) {
      const cache = caches.get(value);
      if (cache && cache.state !== "removed") cached++;
      if (splits.has(value)) cut++;
    }
  }
  return [cached > 0 ? `▣ ${cached}` : "", cut > 0 ? `✂ ${cut}` : ""].filter((t) => t !== "").join("  ");
}
