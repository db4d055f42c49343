import { inferFeatures } from "../core/audio/infer-features.ts";
import type { Finding } from "../core/base/problem.ts";
import { printApproximation } from "../core/plan/approximation-text.ts";
import type { FeatureSettings } from "../core/plan/plan.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import { guardsOf } from "../core/stream/facts.ts";
import { cacheProposals } from "../core/stream/proposals.ts";
import type { Analysis } from "./analyse.ts";
import type { AnalysisReport, StartReport } from "./reports.ts";

/** What the studio shows of an analysis: candidates, facts, refusals, proposals and the front ends that the shapes suggest. */
export function analysisReport({ stream, candidates, approximation }: Analysis): AnalysisReport {
  const asked = approximation?.unused ?? {};
  return {
    tried: stream.axes,
    approximated: approximation?.applied ?? [],
    findings: [
      ...Object.entries(asked).map(
        ([node, unused]): Finding => ({
          severity: "warning",
          problem: { code: "plan.approximationUnused", node, approximation: printApproximation(unused) },
        }),
      ),
      ...stream.limits.map(
        ({ node, frames }): Finding => ({
          severity: "warning",
          problem: { code: "stream.lengthLimited", node, frames },
        }),
      ),
      ...assumedSizes(stream),
    ],
    axes: candidates,
    facts: stream.facts,
    refusals: stream.refusals,
    proposals: cacheProposals(stream),
    start: startReport(stream),
    minimalChunk: stream.minimalChunk,
    defaultFeatures: defaultFeatures({ stream }),
  };
}

/** Free axes of streaming inputs that are neither time nor the batch in front. */
function assumedSizes({ axes, inference }: Pick<StreamAnalysis, "axes" | "inference">): Finding[] {
  return Object.entries(axes).flatMap(([input, time]) =>
    (inference.info(input).shape ?? []).flatMap((symbol, axis): Finding[] => {
      if (typeof symbol !== "string" || axis === time || axis === 0) return [];
      return [{ severity: "warning", problem: { code: "stream.sizeAssumed", input, axis, symbol } }];
    }),
  );
}

function startReport(stream: StreamAnalysis): StartReport {
  const bounds = stream.graph.outputs.map(({ name }) => {
    const fact = stream.facts.get(name);
    const wrong = stream.wrong.get(name) ?? 0;
    const perFrame = fact?.kind === "stream" ? fact.rate.den / fact.rate.num : 1;
    return { wrong, inputFrames: wrong * perFrame };
  });
  return {
    guarded: guardsOf(stream).length,
    wrongFrames: Math.max(0, ...bounds.map((b) => b.wrong)),
    wrongInputFrames: Math.max(0, ...bounds.map((b) => b.inputFrames)),
  };
}

/** Streaming input → front end inferred from its shape. */
export function defaultFeatures({ stream }: Pick<Analysis, "stream">): Record<string, FeatureSettings> {
  return Object.fromEntries(
    Object.entries(stream.axes).map(([name, axis]) => [
      name,
      inferFeatures(stream.inference.info(name).shape, axis).settings,
    ]),
  );
}
