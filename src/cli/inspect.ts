import { stableJson } from "../core/base/stable-json.ts";
import { short } from "../core/export/numbers.ts";
import type { Shape } from "../core/ir/graph.ts";
import type { StreamFact } from "../core/stream/fact.ts";
import { type StatePairs, stateBytes, statePairs } from "../core/stream/state-pairs.ts";
import { type Analysis, analyse, requireAxis } from "../engine/analyse.ts";
import { type ProbeReport, probeFacts, type ValueProbe } from "../engine/probe-facts.ts";
import type { ModelSummary } from "../engine/reports.ts";
import { summarize } from "../engine/summarize.ts";
import { explain } from "../explain/explain.ts";
import { createRuntime } from "../runtime/ort.ts";
import { onlyPositional, readArguments } from "./arguments.ts";
import { inspectQuantized } from "./inspect-quantized.ts";
import { axesFrom } from "./plan-options.ts";
import { readModel } from "./read-model.ts";
import { pairRows } from "./state-text.ts";
import { columns, EXIT, offersText, type Terminal } from "./terminal.ts";

/** `rill inspect`: what a model is, what streams in it, and what does not with its reason. */
export async function inspect(words: readonly string[], terminal: Terminal): Promise<number> {
  const args = readArguments(words, { json: "flag", axis: "values", probe: "flag" });
  const opened = readModel(onlyPositional(args, "MODEL"));
  const summary = summarize(opened);
  if (opened.espdl) return inspectQuantized(summary, opened.espdl, { json: args.flag("json"), terminal });
  const axes = axesFrom(args.values("axis"), opened);
  const analysis = analyse(opened, axes);
  const states = statePairs(opened.normalized, opened.inference);
  if (args.flag("probe")) requireAxis(analysis);
  const probe = args.flag("probe") ? await probeFacts(opened, analysis.stream, createRuntime()) : undefined;
  const found: Found = { summary, analysis, states, ...(probe && { probe }) };
  terminal.out(args.flag("json") ? stableJson(asJson(found)) : asText(found));
  return probe && probe.findings.length > 0 ? EXIT.notVerified : EXIT.verified;
}

interface Found {
  readonly summary: ModelSummary;
  readonly analysis: Analysis;
  readonly states: StatePairs;
  readonly probe?: ProbeReport;
}

function asJson({ summary, analysis: { candidates, stream }, states, probe }: Found): object {
  const { name, sha256, irVersion, opset, producer, inputs, outputs, opHistogram, parameterCount } = summary;
  return {
    model: { name, sha256, irVersion, opset, producer, parameterCount },
    inputs,
    outputs,
    ops: opHistogram,
    axes: candidates,
    facts: stream.facts,
    refusals: stream.refusals,
    states: states.pairs,
    ...(probe && { probe }),
    support: summary.support,
    findings: summary.findings,
    modules: [],
    parity: null,
    quantization: null,
    files: [],
  };
}

function asText({ summary, analysis: { candidates, stream }, states, probe }: Found): string {
  const value = (v: { name: string; dtype?: string; shape?: Shape }) => [
    v.name,
    v.dtype ?? "?",
    shapeText(v.shape),
  ];
  const chosen = new Map(candidates.map((c) => [c.input, c]));
  const inputs = summary.inputs.map((v) => {
    const axis = chosen.get(v.name)?.chosen;
    return [...value(v), axis === undefined ? "does not stream" : `time axis ${axis}`];
  });
  const outputs = summary.outputs.map((v) => [...value(v), factText(stream.facts.get(v.name))]);
  const mark = (yes: boolean) => (yes ? "yes" : "no");
  const ops = summary.support.map((s) => [s.op, s.count, mark(s.shape), mark(s.stream), mark(s.quant)]);
  const refusals = stream.refusals.map(
    (f) => `  ${f.problem.code}: ${explain(f.problem, "en")}\n${offersText(f.problem)}`,
  );
  return [
    `${summary.name}: opset ${summary.opset}, ${summary.parameterCount} parameters, ${summary.nodes.length} nodes\n`,
    `SHA-256 ${summary.sha256}\n`,
    `\nInputs\n${columns(inputs)}`,
    `\nOutputs\n${columns(outputs)}`,
    `\nOperators\n${columns([["operator", "count", "shape", "streams", "int8"], ...ops])}`,
    states.pairs.length === 0 ? "" : statesText(states),
    refusals.length === 0 ? "" : `\nDoes not stream\n${refusals.join("")}`,
    probe ? probeText(probe, summary) : "",
  ].join("");
}

function statesText({ pairs }: StatePairs): string {
  return `\nAlready streaming: ${stateBytes(pairs)} bytes of state from step to step\n${columns(pairRows(pairs))}`;
}

function probeText({ lengths, values, findings }: ProbeReport, { outputs }: ModelSummary): string {
  const moving = values.filter((v) => v.axis !== undefined || v.reactions.length > 0).length;
  const lines = findings.map((f) => `  ${f.problem.code}: ${explain(f.problem, "en")}\n`);
  const head = `\nMeasured at ${lengths.join(", ")} frames: ${values.length} values, ${moving} depend on time`;
  const seen = values.filter((v) => outputs.some((o) => o.name === v.value)).map(measuredRow);
  const verdict = lines.length === 0 ? "; nothing contradicts the rules\n" : `\n${lines.join("")}`;
  return `${head}${verdict}${columns(seen)}`;
}

function measuredRow({ value, axis, rate, field }: ValueProbe): string[] {
  return [
    value,
    axis === undefined ? "no axis follows the input" : `time axis ${axis}`,
    rate ? `${rate.num}${rate.den === 1 ? "" : `/${rate.den}`} frames per input frame` : "",
    field ? `reads at least ${short(field.past)} frames back, ${short(field.future)} ahead` : "",
  ];
}

function shapeText(shape: Shape | undefined): string {
  return shape ? `[${shape.map((d) => d ?? "?").join(", ")}]` : "any shape";
}

function factText(fact: StreamFact | undefined): string {
  if (!fact || fact.kind === "static") return "does not stream";
  const late = fact.delay === 0 ? "no delay" : `delay ${fact.delay}`;
  return fact.kind === "stream" ? `time axis ${fact.axis}, ${late}` : `once per step, ${late}`;
}
