import { short } from "../core/export/numbers.ts";
import type { CheckVerdict, EvidenceName, ProofReport } from "../core/proof/proof.ts";
import { explainVerdict } from "../explain/explain-proof.ts";
import { PROOF_TEXTS } from "../explain/proof-texts.ts";
import { columns } from "./terminal.ts";

/** The proof as a table: one line per check, with its numbers or its reason. */
export function proofText(proof: ProofReport): string {
  const { checks, status, verdict } = PROOF_TEXTS.en;
  const rows = proof.checks.map((c) => [checks[c.check].title, status[c.status], toldOf(c)]);
  return `proof: ${verdict[proof.verdict]}\n${columns(rows)}`;
}

function toldOf(verdict: CheckVerdict): string {
  const { evidence } = PROOF_TEXTS.en;
  const numbers = Object.entries(verdict.evidence).map(
    ([name, n]) => `${short(n)} ${evidence[name as EvidenceName]}`,
  );
  return [explainVerdict(verdict, "en"), numbers.join(", ")].filter((text) => text !== "").join("; ");
}
