import { describe, expect, test } from "vitest";
import { explainVerdict } from "./explain-proof.ts";
import { PROOF_TEXTS } from "./proof-texts.ts";

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe("texts of proofs", () => {
  test("say the same things in both languages, with the same placeholders", () => {
    const [en, zh] = [PROOF_TEXTS.en, PROOF_TEXTS["zh-CN"]];
    for (const [code, text] of Object.entries(en.reasons))
      expect(placeholders(zh.reasons[code as keyof typeof zh.reasons]), code).toEqual(placeholders(text));
    expect(placeholders(zh.divergence)).toEqual(placeholders(en.divergence));
  });

  test("name the operator, the frame and both numbers", () => {
    const first = { value: "y", node: "y", op: "Conv", frame: 3, offline: 1, streaming: Number.NaN };
    const verdict = {
      check: "chunks",
      status: "failed",
      evidence: {},
      reason: { code: "atChunk", chunk: 4 },
      first,
    } as const;
    expect(explainVerdict(verdict, "en")).toBe("at chunk 4; y (Conv), frame 3: offline 1, streaming NaN");
    expect(explainVerdict(verdict, "zh-CN")).not.toMatch(/[{}]/);
  });
});
