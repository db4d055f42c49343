import { expect, it } from "vitest";
import type { Finding } from "../base/problem.ts";
import { findingsSection } from "./findings-section.ts";

it("tells every finding with its facts as text, but raised exponents, which have a table", () => {
  const raised = { code: "quant.exponentRaised", node: "n", value: "v", reason: "bias", from: -7, to: -6 };
  const other = { code: "stream.warmUpInexact", node: "<b>", frames: 3 };
  const findings = [raised, other].map((problem) => ({ severity: "info", problem }) as unknown as Finding);
  const { markup = "" } = findingsSection(findings) ?? {};
  expect(markup).toContain("stream.warmUpInexact");
  expect(markup).toContain("node: &lt;b&gt;; frames: 3");
  expect(markup).not.toContain("exponentRaised");
  expect(findingsSection(findings.slice(0, 1))).toBeUndefined();
});
