import { concatAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import type { Tensor } from "../../core/ir/tensor.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { stepInputs } from "../carried/clip-blocks.ts";
import { type RunnablePort, Stepper } from "../stepper.ts";
import { type ChipModule, chipFeed, fromChip, runnableChipModule } from "./chip-modules.ts";
import type { ChipBlock, ChipSubject } from "./compare-chip.ts";
import { twinRuntime } from "./twin-session.ts";

/**
 * Every output of a module over all steps, stacked with the run as first axis, in ONNX order; with `inner` also every value inside
 * that the analysis knows.
 */
export async function runStreaming(
  { modules, chunk, analysis, rounding }: ChipSubject,
  { steps, inputs }: Pick<ChipBlock, "steps" | "inputs">,
  inner: boolean,
): Promise<Map<ValueName, Tensor>> {
  const ports = inner ? innerPorts(modules, analysis) : modules.map(() => []);
  const runnable = modules.map((m, i) => {
    const plain = runnableChipModule(m, chunk);
    return { ...plain, outputs: [...plain.outputs, ...(ports[i] ?? [])] };
  });
  const stepper = await Stepper.open(twinRuntime(rounding, { everything: inner }), runnable);
  const runs = new Map<ValueName, Tensor[]>();
  try {
    for (let step = 0; step < steps; step++) {
      for (const run of await stepper.step(chipFeeds(modules, stepInputs(inputs, analysis, chunk, step)))) {
        const module = modules[run.module];
        for (const [name, tensor] of run.outputs) {
          const list = runs.get(name) ?? [];
          if (module) list.push(fromChip(module, name, tensor));
          runs.set(name, list);
        }
      }
    }
  } finally {
    await stepper.release();
  }
  return new Map([...runs].map(([name, list]) => [name, stacked(list)]));
}

/** Values inside modules, each in the first that makes it, in the chip's layout. */
function innerPorts(modules: readonly ChipModule[], analysis: StreamAnalysis): RunnablePort[][] {
  const taken = new Set(modules.flatMap((m) => m.module.outputs.map((p) => p.name)));
  return modules.map(({ laid, module }) => {
    const read = new Set(module.inputs.map((p) => p.name));
    return laid.program.kernels
      .flatMap((k) => k.outputs)
      .flatMap((name): RunnablePort[] => {
        const kind = analysis.facts.get(name)?.kind ?? "static";
        const tensor = laid.program.tensors.get(name);
        if (kind === "static" || !tensor || taken.has(name) || read.has(name)) return [];
        taken.add(name);
        return [{ name, dtype: tensor.dtype, shape: tensor.dims }];
      });
  });
}

/** Float inputs of one step as the chip receives them; those that no module reads are left out. */
export function chipFeeds(
  modules: readonly ChipModule[],
  inputs: Readonly<Record<ValueName, Tensor>>,
): Record<ValueName, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, part]) => {
      const reader = modules.find((m) => m.module.inputs.some((p) => p.name === name));
      return reader ? [[name, chipFeed(reader, name, part)] as const] : [];
    }),
  );
}

/** Results of single runs with the run as first axis. */
function stacked(runs: readonly Tensor[]): Tensor {
  return concatAxis(
    runs.map((t) => ({ ...t, dims: [1, ...t.dims] })),
    0,
  );
}
