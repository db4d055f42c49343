import type { Model } from "../../../core/ir/graph.ts";
import { floats } from "../../../core/ir/tensor.ts";
import { infoOf } from "../../../core/ir/walk.ts";
import { Observer } from "../../../core/quant/observe.ts";
import type { Statistics } from "../../../core/quant/statistic.ts";
import { encodeGraph } from "../../encode-graph.ts";
import type { Job, Runtime } from "../../ports.ts";
import type { Sample } from "./observe-samples.ts";
import type { ReferenceSample } from "./trial-twin.ts";

/** What the float model answers to every sample. `model`: with the samples' dims, not in any dialect. */
export async function referenceSamples(
  model: Model,
  samples: readonly Sample[],
  runtime: Runtime,
  job: Job<unknown>,
): Promise<ReferenceSample[]> {
  const session = await runtime.open(encodeGraph(model.graph, model.opsets));
  try {
    const answered: ReferenceSample[] = [];
    for (const inputs of samples) {
      await job.checkpoint();
      answered.push({ inputs, outputs: new Map(Object.entries(await session.run(inputs))) });
    }
    return answered;
  } finally {
    await session.release();
  }
}

/** Statistics of every float value of the model over whole samples: what calibration on clips gives for a model that streams. */
export async function observeStatistics(
  model: Model,
  samples: readonly Sample[],
  runtime: Runtime,
  job: Job<unknown>,
): Promise<Statistics> {
  const info = infoOf(model.graph);
  const made = model.graph.nodes.flatMap((n) => n.outputs).filter((name) => name !== "");
  const outputs = made.map((name) => ({ name, ...info(name) }));
  const session = await runtime.open(encodeGraph({ ...model.graph, outputs }, model.opsets));
  const observers = new Map<string, Observer>();
  try {
    for (const inputs of samples) {
      await job.checkpoint();
      const results = { ...(await session.run(inputs)), ...inputs };
      for (const [name, tensor] of Object.entries(results)) {
        if (tensor.dtype !== "float32") continue;
        const observer = observers.get(name) ?? new Observer();
        observers.set(name, observer);
        observer.add(floats(tensor));
      }
    }
  } finally {
    await session.release();
  }
  return new Map([...observers].map(([name, observer]) => [name, observer.statistic()]));
}
