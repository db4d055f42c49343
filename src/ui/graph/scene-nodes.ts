import type { Shape, ValueName } from "../../core/ir/graph.ts";
import { plainName } from "../../core/ir/scoped-name.ts";
import type { NodeSummary } from "../../engine/reports.ts";
import { bodyId } from "../../state/select/bodies.ts";
import type { Measure, SceneNode } from "./graph-scene.ts";
import { middleEllipsis, shapeText, shortLabel } from "./node-text.ts";
import { opFamily } from "./op-family.ts";

const MAX_TEXT = 190;
const MAX_CHIPS = 3;

/** Box of an input or output. */
export function portNode(
  kind: "input" | "output",
  name: ValueName,
  shapes: ReadonlyMap<ValueName, Shape>,
  measure: Measure,
): SceneNode {
  const title = middleEllipsis(plainName(name), MAX_TEXT, (t) => measure(t, "title"));
  return {
    kind,
    id: name,
    title,
    label: shapeText(shapes.get(name)),
    chips: "",
    family: "port",
    value: name,
  };
}

/** Box of an op; one whose subgraphs are closed says that it can be opened. */
export function opNode(
  node: NodeSummary,
  constants: ReadonlyMap<ValueName, string>,
  measure: Measure,
  body: "open" | "closed" = "closed",
): SceneNode {
  const opens = node.subgraphs && body === "closed" ? bodyId(node.key) : undefined;
  const shown: string[] = [];
  let more = 0;
  for (const [i, input] of node.inputs.entries()) {
    const shape = constants.get(input);
    if (shape === undefined) continue;
    if (shown.length < MAX_CHIPS) shown.push(`${chipName(node.op, i)} ${shape}`.trim());
    else more++;
  }
  const chips = shown.join(" · ") + (more > 0 ? ` · +${more}` : "");
  return {
    kind: "op",
    id: node.key,
    title: opens === undefined ? node.op : `⊞ ${node.op}`,
    label: middleEllipsis(shortLabel(node.name, node.op), MAX_TEXT, (t) => measure(t, "label")),
    chips: middleEllipsis(chips, MAX_TEXT, (t) => measure(t, "chip")),
    family: opFamily(node.op),
    value: node.outputs.find((o) => o !== "") ?? "",
    ...(opens !== undefined && { opens }),
  };
}

const MOST_OPS_NAMED = 3;

/** Box of a closed group: it says how many ops it holds, and which most. */
export function groupNode(
  id: string,
  name: string,
  members: readonly NodeSummary[],
  measure: Measure,
): SceneNode {
  const counts = new Map<string, number>();
  for (const { op } of members) counts.set(op, (counts.get(op) ?? 0) + 1);
  const usual = [...counts].sort(([, a], [, b]) => b - a);
  const head = `⊞ ${members.length} · `;
  const room = MAX_TEXT - measure(head, "title");
  const label = usual.slice(0, MOST_OPS_NAMED).map(([op, n]) => `${op} ${n}`);
  return {
    kind: "group",
    id,
    title: head + middleEllipsis(name, room, (t) => measure(t, "title")),
    label: middleEllipsis(label.join(" · "), MAX_TEXT, (t) => measure(t, "label")),
    chips: "",
    family: opFamily(usual[0]?.[0] ?? ""),
    value: "",
    members,
    opens: id,
  };
}

/** W and B where the operator's second and third inputs are weights and bias by convention. */
function chipName(op: string, input: number): string {
  const weighted = opFamily(op) === "linear" || opFamily(op) === "norm";
  return weighted && input === 1 ? "W" : weighted && input === 2 ? "B" : "";
}
