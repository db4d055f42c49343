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

/** Whether an op of the box is among these keys. */
export function holdsAny(keys: ReadonlySet<string>, node: SceneNode): boolean {
  if (node.kind === "op") return keys.has(node.id);
  return node.members?.some(({ key }) => keys.has(key)) ?? false;
}

/** Module of a box; of a group only if it lies wholly in one. */
export function moduleOf({ moduleOf: modules }: GraphMarks, node: SceneNode): number | undefined {
  if (!node.members) return modules.get(node.id);
  const [first] = node.members;
  const module = modules.get(first?.key ?? "");
  return node.members.every(({ key }) => modules.get(key) === module) ? module : undefined;
}

/** Marks on values inside a closed group, as short text: "▣ 3 ✂ 1". */
export function hiddenMarks({ caches, splits }: GraphMarks, node: SceneNode): string {
  const values = node.members?.flatMap((m) => m.outputs) ?? [];
  const cached = values.filter((v) => caches.has(v) && caches.get(v)?.state !== "removed").length;
  const cut = values.filter((v) => splits.has(v)).length;
  return [cached > 0 ? `▣ ${cached}` : "", cut > 0 ? `✂ ${cut}` : ""].filter((t) => t !== "").join("  ");
}
