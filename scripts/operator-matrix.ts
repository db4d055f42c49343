import { attributesOf } from "../src/core/ir/attributes.ts";
import { makeNode } from "../src/core/ir/graph.ts";
import { catalogue } from "../src/core/ops/catalogue.ts";
import type { OpDefinition } from "../src/core/ops/op.ts";

/** Prints the operator matrix as markdown: what Rill knows of each operator. An empty cell is an honest hole. */
const COLUMNS = ["shape", "stream", "quantized output", "cost", "fold", "older opsets"] as const;

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
  };
  return `| ${[definition.op, ...COLUMNS.map((c) => cells[c])].join(" | ")} |`;
}

const lines = [
  `| operator | ${COLUMNS.join(" | ")} |`,
  `| ${["", ...COLUMNS].map(() => "---").join(" | ")} |`,
  ...[...catalogue.values()].map(row),
];
console.log(lines.join("\n"));
