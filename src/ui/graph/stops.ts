import type { ModelSummary, NodeSummary } from "../../engine/reports.ts";
import { shapeText, shortLabel } from "./node-text.ts";

/** One op, input or output of a model as the outline lists it. */
export interface Stop {
  readonly kind: "op" | "input" | "output";
  /** An op's key, or the name of an input's or output's value. */
  readonly id: string;
  readonly title: string;
  /** May be empty. */
  readonly label: string;
  /** First output of an op, or the value of an input or output. */
  readonly value: string;
  /** Of an op. */
  readonly node?: NodeSummary;
}

const known = new WeakMap<ModelSummary, readonly Stop[]>();

/** Inputs, ops in data-flow order, outputs; made once per model. */
export function stopsOf(summary: ModelSummary): readonly Stop[] {
  const found = known.get(summary) ?? makeStops(summary);
  known.set(summary, found);
  return found;
}

function makeStops({ inputs, nodes, outputs, initializers }: ModelSummary): readonly Stop[] {
  const constants = new Set(initializers.map((i) => i.name));
  const port = (kind: "input" | "output") => (v: ModelSummary["inputs"][number]) => ({
    kind,
    id: v.name,
    title: v.name,
    label: shapeText(v.shape),
    value: v.name,
  });
  return [
    ...inputs.filter((i) => !constants.has(i.name)).map(port("input")),
    ...nodes.flatMap((node) => opStops(node, "")),
    ...outputs.map(port("output")),
  ];
}

/** An op, then what its subgraphs hold; `path` names the attributes that lead there. */
function opStops(node: NodeSummary, path: string): readonly Stop[] {
  const own: Stop = {
    kind: "op",
    id: node.key,
    title: node.op,
    label: path + shortLabel(node.name, node.op),
    value: node.outputs.find((o) => o !== "") ?? "",
    node,
  };
  const inner = node.subgraphs?.flatMap(({ attribute, nodes }) =>
    nodes.flatMap((n) => opStops(n, `${path}${attribute} › `)),
  );
  return inner ? [own, ...inner] : [own];
}
