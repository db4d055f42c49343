import { byteLength, sizeOf } from "../../../core/ir/tensor.ts";
import { channelsLast } from "../../../core/program/layout/channels-last.ts";
import { type Program, tensorIn } from "../../../core/program/program.ts";
import { programCycles } from "../../../core/program/program-cycles.ts";
import { programMemory } from "../../../core/program/program-memory.ts";
import type { ChipCost } from "../../../core/quant/esp/joint/choice-trace.ts";
import type { StreamingModel } from "../../../core/stream/module.ts";
import type { EspdlTarget } from "../../../core/targets/target.ts";
import { moduleProgram, type PlacedModel } from "../chip-model.ts";

/** What a placement takes on the chip; `program` is the whole model under it. */
export type CostOf = (placed: PlacedModel, program: Program) => ChipCost;

/** Of a model that runs as a whole. */
export function offlineCost(target: EspdlTarget): CostOf {
  return (_, program) => programCost(program, target, new Set());
}

/** Of a model that streams: all modules, in every round of the schedule. */
export function streamingCost(
  { modules, roundFrames }: Pick<StreamingModel, "modules" | "roundFrames">,
  target: EspdlTarget,
): CostOf {
  return (placed) => {
    let [bytes, cycles] = [0, 0];
    for (const module of modules) {
      const program = moduleProgram(placed, module);
      const kept = new Set(module.caches.flatMap((c) => [c.input, c.output]));
      const cost = programCost(program, target, kept);
      bytes += cost.bytes;
      cycles += (cost.cycles * roundFrames) / module.chunk;
      for (const { input } of module.caches) {
        const { dtype, dims } = tensorIn(program, input);
        bytes += byteLength(dtype, sizeOf(dims));
      }
    }
    return { bytes, cycles };
  };
}

function programCost(program: Program, target: EspdlTarget, kept: ReadonlySet<string>): ChipCost {
  const laid = channelsLast(program, { vectorBytes: target.vectorBytes }).program;
  const { parameterBytes, arenaBytes } = programMemory(laid, kept);
  return { bytes: parameterBytes + arenaBytes, cycles: programCycles(laid, target.cycles) };
}
