import type { ApproximationRecord } from "../../core/export/package-input.ts";
import type { Approximation } from "../analyse.ts";
import type { Job, Runtime } from "../ports.ts";
import type { CompareProgress, ParityReport } from "../reports.ts";
import { type CompareInput, compareFloat } from "./compare-float.ts";
import { measureApproximation } from "./measure-approximation.ts";

export interface CompareApproximateInput extends CompareInput {
  readonly approximation: Approximation;
}

/**
 * Two comparisons of an approximated model. The streaming modules must equal the offline form of the approximated model
 * like any other: else the verdict is "different". What the approximation itself costs is measured against the opened
 * file; that is what the outputs' errors tell, and the verdict is "approximate", however small they are.
 */
export async function compareApproximate(
  { approximation, ...input }: CompareApproximateInput,
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<ParityReport> {
  const conversion = await compareFloat({ ...input, withoutFile: true }, runtime, job);
  const measured = await measureApproximation({ ...input, approximation }, runtime, job);
  const { reference, errors, summaries, traces, runs } = measured;
  const outputs = input.streaming.outputs.map((p) => p.name);
  const record: ApproximationRecord = {
    reference,
    nodes: approximation.applied.map(({ node, op, approximation: kind, values }) => {
      const error = values.map((v) => errors.get(v)).find((e) => e !== undefined);
      return { node, op, approximation: kind, ...(error && { error }) };
    }),
    outputs: outputs.map((v) => errors.get(v)).filter((e) => e !== undefined),
  };
  const form = reference === "clip" ? "anyLength" : "ownLength";
  return {
    ...conversion,
    outputs: conversion.outputs.map((s) => summaries.get(s.value) ?? s),
    values: conversion.values.map((s) => summaries.get(s.value) ?? s),
    traces: conversion.traces.map((t) => traces.get(t.value) ?? t),
    approximation: record,
    original: { form, runs, maxRelative: 0 },
  };
}
