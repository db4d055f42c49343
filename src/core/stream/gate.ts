import type { ValueName } from "../ir/graph.ts";
import type { StreamAnalysis } from "./analysis.ts";
import type { Module, Port } from "./module.ts";

/**
 * The module with its first runs left out where nothing but junk would enter (reference: §10 of the theory: start after
 * delay/framesPerRun runs). That is hold for a whole module: caches keep their initial contents, which is the padding
 * that offline sees, so no mask is needed; what the runs would give out is junk too, and zeros stand for it. A module
 * that counts positions itself, or hands on constant junk other than zero, is not gated.
 */
export function gated(module: Module, analysis: StreamAnalysis): Module {
  const gateRuns = gateRunsOf(module, analysis);
  if (gateRuns === 0) return module;
  const caches = module.caches.map((cache) => ({
    ...cache,
    holdSteps: Math.max(gateRuns, cache.holdSteps ?? 0),
  }));
  return { ...module, gateRuns, caches };
}

function gateRunsOf({ inputs, outputs, caches }: Module, analysis: StreamAnalysis): number {
  if (analysis.warmUp !== "hold" && analysis.warmUp !== "causal-free") return 0;
  if (caches.some((c) => c.kind === "position")) return 0;
  const moving = inputs.filter((p) => p.kind !== "static");
  if (moving.length === 0 || moving.some((p) => p.kind === "perStep")) return 0;
  if (!outputs.every((p) => p.kind === "stream" && zerosWillDo(analysis, p.name))) return 0;
  const runs = Math.min(...moving.map(junkRuns));
  // A module whose outputs are true earlier than its inputs are (a crop) cannot wait for them.
  return outputs.every((p) => junkRuns(p) >= runs) ? runs : 0;
}

function junkRuns({ delay, framesPerStep }: Port): number {
  return Math.floor(delay / framesPerStep);
}

function zerosWillDo(analysis: StreamAnalysis, value: ValueName): boolean {
  const fact = analysis.facts.get(value);
  return fact?.kind === "stream" && (fact.junk.kind !== "const" || fact.junk.value === 0);
}
