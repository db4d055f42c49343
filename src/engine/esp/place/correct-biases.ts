import type { ValueName } from "../../../core/ir/graph.ts";
import { elements, floats, type Tensor } from "../../../core/ir/tensor.ts";
import { inferShapes } from "../../../core/passes/infer-shapes.ts";
import { runnableDialect } from "../../../core/program/dialect/espdl-runnable.ts";
import { tensorIn } from "../../../core/program/program.ts";
import {
  type BiasedNode,
  type Biases,
  biasedNodes,
  ChannelMeans,
  correctedBias,
} from "../../../core/quant/esp/bias-correction.ts";
import type { BiasStep, BiasTrace } from "../../../core/quant/esp/joint/choice-trace.ts";
import { placementOf } from "../../../core/quant/esp/joint/exponent-state.ts";
import type { FormatOf } from "../../../core/quant/esp/slots-of.ts";
import { encodeGraph } from "../../encode-graph.ts";
import type { Job, Runtime } from "../../ports.ts";
import type { ErrorBench } from "./error-bench.ts";
import { decibels, type FoundExponents, LEAST_GAIN } from "./search-exponents.ts";
import type { Trial } from "./trial-twin.ts";

export interface BiasSearch {
  readonly bench: ErrorBench;
  readonly formatOf: FormatOf;
  readonly found: FoundExponents;
  /** Whether the bias of a value may change; every one may if absent. */
  readonly mayCorrect?: (value: ValueName) => boolean;
  /** Multiplications and elements that trials may cost together. */
  readonly work: number;
}

export interface CorrectedBiases {
  readonly biases: Biases;
  readonly trace: BiasTrace;
}

/**
 * Bias correction: what rounding and clipping shift on average, channel by channel, is taken off the bias of the node where it
 * appears, one node after another from the inputs on, each if it lowers the error at the outputs and the chip's limits hold as they
 * are. After Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction (2019), §4.2, with means measured on
 * the samples. Louder copies decide with the others, but are no part of the means. Reports the portion of the nodes that it has
 * tried. Throws `job.cancelled`.
 */
export async function correctBiases(
  { bench, formatOf, found, mayCorrect = () => true, work }: BiasSearch,
  runtime: Runtime,
  job: Job<number>,
): Promise<CorrectedBiases> {
  const { info } = inferShapes(runnableDialect(bench.dialect));
  const made = new Set(found.trial.program.tensors.keys());
  const nodes = biasedNodes(bench.dialect.graph, (value) => info(value).shape?.length).flatMap((node) => {
    const measured = made.has(node.makes) ? node.makes : node.rectified;
    return mayCorrect(node.makes) && measured !== undefined && made.has(measured)
      ? [{ ...node, measured }]
      : [];
  });
  const means = await floatMeans(bench, nodes, runtime, job);
  const { state } = found.settled;
  const biases = new Map<ValueName, Tensor>();
  const steps: BiasStep[] = [];
  let best = found.trial;
  let worked = 0;
  for (const [i, node] of nodes.entries()) {
    if (worked >= work) break;
    job.report(i / nodes.length);
    await job.checkpoint();
    const float = means.get(node.measured);
    if (!float) continue;
    const error = float.map((mean, c) => mean - (twinMeans(bench, node, best)[c] ?? 0));
    const bias = correctedBias(node, error);
    const next = bench.corrected(new Map([...biases, [node.makes, bias]]));
    const { joint, limits } = next.problemOf(formatOf);
    const settled = limits.settle(state);
    if (!settled || JSON.stringify(settled.state) !== JSON.stringify(state)) continue;
    const trial = next.twin.run(next.twin.program(placementOf(joint, state)), best);
    worked += trial.work;
    if (!(trial.noise < best.noise * (1 - LEAST_GAIN.up))) continue;
    biases.set(node.makes, bias);
    steps.push({ value: node.makes, beforeDb: decibels(best.noise), afterDb: decibels(trial.noise) });
    best = trial;
  }
  job.report(1);
  return { biases, trace: { steps, tried: nodes.length, sqnrDb: decibels(best.noise) } };
}

type Measured = BiasedNode & { readonly measured: ValueName };

/** Means of float values by channel, over the samples that are no louder copies. */
async function floatMeans(
  { dialect, samples }: ErrorBench,
  nodes: readonly Measured[],
  runtime: Runtime,
  job: Job<unknown>,
): Promise<ReadonlyMap<ValueName, Float64Array>> {
  if (nodes.length === 0) return new Map();
  const runnable = runnableDialect(dialect);
  const { info } = inferShapes(runnable);
  const outputs = nodes.map(({ measured }) => ({ ...info(measured), name: measured }));
  const means = new Map(nodes.map((n) => [n.measured, meansOf(n)]));
  const session = await runtime.open(encodeGraph({ ...runnable.graph, outputs }, runnable.opsets));
  try {
    for (const { inputs, weight } of samples) {
      if (weight !== undefined) continue;
      await job.checkpoint();
      const values = await session.run(inputs);
      for (const [name, mean] of means) {
        const value = values[name];
        if (value) mean.add(floats(value), value.dims);
      }
    }
  } finally {
    await session.release();
  }
  return new Map([...means].map(([name, mean]) => [name, mean.means()]));
}

function twinMeans({ samples }: ErrorBench, node: Measured, { program, values }: Trial): Float64Array {
  const means = meansOf(node);
  const { exponents = [0] } = tensorIn(program, node.measured);
  for (const [i, { weight }] of samples.entries()) {
    const value = values[i]?.get(node.measured);
    if (weight === undefined && value) means.add(elements(value), value.dims, 2 ** (exponents[0] ?? 0));
  }
  return means.means();
}

const meansOf = ({ bias, axis }: BiasedNode): ChannelMeans => new ChannelMeans(floats(bias).length, axis);
