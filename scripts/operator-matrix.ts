import { attributesOf } from "../src/core/ir/attributes.ts";
import { makeNode } from "../src/core/ir/graph.ts";
import { catalogue } from "../src/core/ops/catalogue.ts";
import type { OpDefinition } from "../src/core/ops/op.ts";
import { operatorSupport, supportedOperators } from "../src/core/program/lower/operator-support.ts";

/** Prints the operator matrix as markdown: what Rill knows of each operator. An empty cell is an honest hole. */
const COLUMNS = [
  "shape",
  "stream",
  "quantized output",
  "cost",
  "fold",
  "older opsets",
  "chips",
  "but not on chips",
] as const;

function row(definition: OpDefinition): string {
  const node = makeNode(definition.op, ["x"], ["y"]);
  const rules = definition.bind(attributesOf(node), node);
  const output = rules.quant?.output;
  const cells: Record<(typeof COLUMNS)[number], string> = {
    shape: "yes",
    stream: rules.stream ? "yes" : "",
    "quantized output": typeof output === "object" ? `[${output.join(", ")}]` : (output ?? ""),
    cost: rules.cost ? "MACs" : "",
    fold: rules.fold ? "yes" : "",
    "older opsets": definition.older ? `before ${definition.older.before}` : "",
    ...chipCells(definition.op),
  };
  return `| ${[definition.op, ...COLUMNS.map((c) => cells[c])].join(" | ")} |`;
}

/** Kernels of ESP-DL by width, and the forms that have none. */
function chipCells(op: string): { readonly chips: string; readonly "but not on chips": string } {
  const support = operatorSupport(op);
  if (!support) return { chips: "", "but not on chips": "" };
  const { int8, int16, float32, limits } = support;
  const widths = [int8 && "int8", int16 && "int16", float32 && "float"].filter((w) => w !== false);
  return { chips: widths.join(", "), "but not on chips": limits.join(", ") };
}

/** What the chips have beside ONNX. */
const ownOps = supportedOperators().filter(({ op }) => !catalogue.has(op));

function ownRow(op: string): string {
  const { chips, "but not on chips": limits } = chipCells(op);
  return `| ${[op, ...COLUMNS.slice(0, -2).map(() => ""), chips, limits].join(" | ")} |`;
}

const lines = [
  `| operator | ${COLUMNS.join(" | ")} |`,
  `| ${["", ...COLUMNS].map(() => "---").join(" | ")} |`,
  ...[...catalogue.values()].map(row),
  ...ownOps.map(({ op }) => ownRow(op)),
];
console.log(lines.join("\n"));
