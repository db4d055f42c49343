import type { Finding } from "../base/problem.ts";
import { html, type Markup, table } from "./html.ts";

/** What was noticed on the way and stopped nothing: stable codes, as every surface spells them, with their facts. */
export function findingsSection(findings: readonly Finding[]): Markup | undefined {
  // Raised exponents have a table of their own beside how exponents were found.
  const told = findings.filter(({ problem }) => problem.code !== "quant.exponentRaised");
  if (told.length === 0) return undefined;
  return html`<section>
<h2>Findings</h2>
${table(
  ["severity", "code", "facts"],
  told.map(({ severity, problem }) => [severity, problem.code, factsOf(problem)]),
)}</section>
`;
}

function factsOf({ code: _, ...facts }: Finding["problem"]): string {
  return Object.entries(facts)
    .map(([name, fact]) => `${name}: ${typeof fact === "string" ? fact : JSON.stringify(fact)}`)
    .join("; ");
}
