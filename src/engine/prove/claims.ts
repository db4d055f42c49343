import { StudioError } from "../../core/base/problem.ts";
import { doubles, doubleTensor } from "../../core/interpret/doubles.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { nodeKey } from "../../core/ir/graph.ts";
import { elements, sizeOf, type Tensor } from "../../core/ir/tensor.ts";
import type { CheckReason, CheckVerdict } from "../../core/proof/proof.ts";
import { extentsFor } from "../../core/stream/extents.ts";
import type { StreamFact } from "../../core/stream/fact.ts";
import type { Block } from "../blocks.ts";
import { changedFrames } from "../changed-frames.ts";
import { declaredFrames } from "../original.ts";
import type { Runtime } from "../ports.ts";
import { probeFacts } from "../probe-facts.ts";
import type { Check, CheckTools } from "./check.ts";
import { ExactStream, exactInputs, exactOffline } from "./exact-runs.ts";
import { orNotCovered } from "./exact-setting.ts";
import { type ProofSubject, spanOf } from "./subject.ts";

/**
 * Whether delay and receptive field are what is declared: one input frame is changed, and what changes with it is located,
 * offline in exact arithmetic and in the stream. The opened file itself is probed in the runtime, too, at several lengths:
 * a fact that a measurement contradicts is named with the first node.
 */
async function claimsVerdict(subject: ProofSubject, tools: CheckTools): Promise<CheckVerdict> {
  const { opened, analysis } = subject;
  const { seed, replacements } = tools.setting;
  const chunk = subject.streaming.roundFrames;
  const { steps, neededSteps } = spanOf(subject, 1 / 2);
  const probed = await probe(subject, tools.runtime);
  const evidence = { perturbations: 0, values: 0, confirmed: 0, probed: probed.values };
  if (probed.reason) return { check: "claims", status: "failed", evidence, reason: probed.reason };
  if (steps < neededSteps)
    return { check: "claims", status: probed.values > 0 ? "passed" : "skipped", evidence };
  const inputs = exactInputs(analysis, steps * chunk, seed);
  const at = { chunk, steps };
  const base = exactOffline(opened.normalized, analysis, replacements, at, inputs);
  const measured = new Map<ValueName, { past: number; future: number }>();
  const middle = Math.floor((steps * chunk) / 2);
  for (const frame of new Set([middle, middle + Math.max(1, Math.floor((3 * chunk) / 8))])) {
    if (frame >= steps * chunk) continue;
    const changed = changedAt(inputs, subject, frame);
    const other = exactOffline(opened.normalized, analysis, replacements, at, changed);
    evidence.perturbations++;
    for (const node of analysis.graph.nodes) {
      for (const value of node.outputs) {
        const found = beyond(value, frame, { subject, base, other, measured });
        if (!found) continue;
        const reason = { code: "probeDisagrees", value, node: nodeKey(node), ...found } as const;
        return { check: "claims", status: "failed", evidence, reason };
      }
    }
    // The stream is asked once.
    const late =
      frame === middle && (await wrongDelay(subject, { inputs, changed, base, other, steps }, tools));
    if (late) return { check: "claims", status: "failed", evidence, reason: late };
  }
  for (const [value, { past, future }] of measured) {
    const field = fieldOf(analysis.facts.get(value));
    evidence.values++;
    if (field && past === field.past && future === field.future) evidence.confirmed++;
  }
  return { check: "claims", status: "passed", evidence };
}

/** Elements of all values in one run of the runtime: more are not worth a second opinion. */
const MOST_PROBED_ELEMENTS = 8e6;
const LEAST_PROBED_FRAMES = 48;

/** Frames of the probing runs: two receptive fields, if that is affordable; undefined if the file's own length is not. */
function framesToProbe({ opened, analysis }: Pick<ProofSubject, "opened" | "analysis">): number | undefined {
  const { minimalChunk } = analysis;
  const extents = extentsFor(analysis, minimalChunk);
  let [elements, reach] = [0, 1];
  for (const [value, fact] of analysis.facts) {
    if (fact.kind === "static") continue;
    elements += sizeOf(extents.shape(value) ?? []);
    const { past, future } = fact.field;
    if (Number.isFinite(past)) reach = Math.max(reach, past + future + 1);
  }
  const affordable = Math.floor(MOST_PROBED_ELEMENTS / Math.max(1, elements)) * minimalChunk;
  const declared = declaredFrames(opened.original.graph, analysis.axes) ?? 0;
  if (affordable < Math.max(declared, 4 * minimalChunk)) return undefined;
  return Math.min(affordable, Math.max(LEAST_PROBED_FRAMES, 2 * Math.ceil(reach)));
}

/** The rules' facts against those measured on the opened file. */
async function probe(
  { opened, analysis }: ProofSubject,
  runtime: Runtime,
): Promise<{ readonly values: number; readonly reason?: CheckReason }> {
  const frames = framesToProbe({ opened, analysis });
  // The file of an approximated model is another model.
  if (frames === undefined || analysis.approximate.size > 0) return { values: 0 };
  try {
    const report = await probeFacts(opened, analysis, runtime, { frames });
    const found = report.findings.find((f) => f.problem.code === "stream.probeDisagrees")?.problem;
    if (found?.code !== "stream.probeDisagrees") return { values: report.values.length };
    const { value, node, fact, derived, measured } = found;
    return {
      values: report.values.length,
      reason: { code: "probeDisagrees", value, node, fact, derived, measured },
    };
  } catch (error) {
    if (error instanceof StudioError && error.problem.code === "model.runtimeRefused") return { values: 0 };
    throw error;
  }
}

function changedAt(inputs: Block, { analysis }: ProofSubject, frame: number): Block {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, t]) => {
      const axis = analysis.axes[name];
      // An input at a pace of its own would change at another moment.
      if (axis === undefined || t.dtype !== "float64" || analysis.paces?.[name]) return [name, t];
      const data = Float64Array.from(doubles(t));
      const [extent, inner] = [t.dims[axis] ?? 1, sizeOf(t.dims.slice(axis + 1))];
      for (let from = frame * inner; from < data.length; from += extent * inner)
        for (let i = from; i < from + inner; i++) data[i] = (data[i] as number) + 5 + (i % 3);
      return [name, doubleTensor(data, t.dims)];
    }),
  );
}

function fieldOf(
  fact: StreamFact | undefined,
): { readonly past: number; readonly future: number } | undefined {
  return fact?.kind === "stream" ? fact.field : undefined;
}

interface Perturbed {
  readonly subject: ProofSubject;
  readonly base: ReadonlyMap<ValueName, Tensor>;
  readonly other: ReadonlyMap<ValueName, Tensor>;
  readonly measured: Map<ValueName, { past: number; future: number }>;
}

/** Input frame t reaches value frame j only if j/rate − past ≤ t ≤ j/rate + future. */
function beyond(value: ValueName, at: number, { subject, base, other, measured }: Perturbed) {
  const fact = subject.analysis.facts.get(value);
  const [a, b] = [base.get(value), other.get(value)];
  if (fact?.kind !== "stream" || !a || !b) return undefined;
  const changed = changedFrames(a, b, fact.axis);
  if (!changed) return undefined;
  const position = (frame: number): number => (frame * fact.rate.den) / fact.rate.num;
  const own = { past: position(changed.last) - at, future: at - position(changed.first) };
  const known = measured.get(value) ?? own;
  measured.set(value, { past: Math.max(known.past, own.past), future: Math.max(known.future, own.future) });
  for (const side of ["past", "future"] as const) {
    // Positions of frames are sums of fractions.
    if (own[side] > fact.field[side] + 1e-6)
      return { fact: side, derived: `≤ ${fact.field[side]}`, measured: String(own[side]) };
  }
  return undefined;
}

interface Runs extends Omit<Perturbed, "subject" | "measured"> {
  readonly inputs: Block;
  readonly changed: Block;
  readonly steps: number;
}

/** The stream must show the change exactly `delay` frames behind offline. */
async function wrongDelay(
  subject: ProofSubject,
  { inputs, changed, base, other, steps }: Runs,
  { setting, job }: CheckTools,
): Promise<CheckReason | undefined> {
  const { analysis, streaming } = subject;
  const streams = await Promise.all(
    [inputs, changed].map(async (block) => {
      const made = new Map<string, Tensor>();
      await new ExactStream(streaming, setting.replacements).run(
        block,
        steps,
        {
          after({ index, values }) {
            for (const { name, kind } of streaming.outputs) {
              const tensor = values.get(name);
              if (kind === "stream" && tensor) made.set(`${index} ${name}`, tensor);
            }
          },
        },
        job,
      );
      return made;
    }),
  );
  for (const { name, axis } of streaming.outputs) {
    const fact = analysis.facts.get(name);
    const [a, b] = [base.get(name), other.get(name)];
    if (fact?.kind !== "stream" || axis === undefined || !a || !b || setting.except.has(name)) continue;
    const offline = changedFrames(a, b, axis)?.first;
    const shown = firstChange(streams, name, axis, fact.delay);
    if (offline === undefined || shown === undefined || shown - offline === fact.delay) continue;
    const node = analysis.graph.nodes.find((n) => n.outputs.includes(name));
    const places = { value: name, node: node ? nodeKey(node) : name };
    const numbers = { derived: String(fact.delay), measured: String(shown - offline) };
    return { code: "probeDisagrees", ...places, fact: "delay", ...numbers };
  }
  return undefined;
}

/** First frame of a stream, junk included, that is another in the second run. */
function firstChange(
  [one, two]: readonly ReadonlyMap<string, Tensor>[],
  name: ValueName,
  axis: number,
  junk: number,
): number | undefined {
  for (const [key, a] of one ?? []) {
    if (!key.endsWith(` ${name}`)) continue;
    const b = two?.get(key);
    const changed = b && elements(a).length > 0 ? changedFrames(a, b, axis) : undefined;
    const frame = changed && Number(key.split(" ", 1)[0]) * (a.dims[axis] ?? 0) + changed.first;
    if (frame !== undefined && frame >= junk) return frame;
  }
  return undefined;
}

export const claims: Check = {
  id: "claims",
  run: (subject, tools) => orNotCovered("claims", () => claimsVerdict(subject, tools)),
};
