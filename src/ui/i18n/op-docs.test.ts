import { expect, test } from "vitest";
import { catalogue } from "../../core/ops/catalogue.ts";
import { opDocsZh } from "./op-docs.ts";

/** Names of functions, attributes and operators: what is left of a formula's words. */
const FORMULA_WORDS = /\b(exp|log|max|min|tanh|alpha|beta|gamma|slope|Sigmoid|HardSigmoid|Softplus|Elu)\b/g;

test("every operator's line is told in Chinese, unless it is a formula", () => {
  for (const [op, { doc = "" }] of catalogue) {
    const words = doc.replace(FORMULA_WORDS, "").match(/[a-z]{2,}/gi) ?? [];
    if (words.length > 0) expect(opDocsZh[op], `${op}: ${doc}`).toMatch(/[\u4e00-\u9fff−]/);
  }
  for (const op of Object.keys(opDocsZh)) expect(catalogue.has(op), op).toBe(true);
});
