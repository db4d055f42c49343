import { type KernelRefusal, StudioError } from "../../core/base/problem.ts";
import { APP_BYTES, moduleMebibytes } from "../../core/export/esp-idf/flash-plan.ts";
import type { Model } from "../../core/ir/graph.ts";
import { byteLength, sizeOf } from "../../core/ir/tensor.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { toEspdlDialect } from "../../core/program/dialect/espdl-dialect.ts";
import { tensorIn } from "../../core/program/program.ts";
import { programMemory } from "../../core/program/program-memory.ts";
import { consistentWidths } from "../../core/quant/esp/joint/consistent-widths.ts";
import { placeExponents } from "../../core/quant/esp/place-exponents.ts";
import type { Module } from "../../core/stream/module.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";
import type { PlacedModel } from "./chip-model.ts";
import { type ChipModule, chipModules } from "./chip-modules.ts";
import { dialectSupport, type NodeSupport } from "./chip-support.ts";
import { formatsOf } from "./place/formats-of.ts";

/** A node that the chip's runtime cannot compute. */
export interface ChipRefusal {
  readonly node: string;
  readonly op: string;
  readonly reason: KernelRefusal;
}

/** Memory of all modules together, in bytes. */
export interface ChipMemory {
  /** Model files in flash. */
  readonly flashBytes: number;
  readonly parameterBytes: number;
  /** Past frames and states that are kept between steps. */
  readonly cacheBytes: number;
  /** Activations of one run as the runtime lays them out, caches among them that are inputs and outputs. */
  readonly arenaBytes: number;
  /** Flash of the smallest usual module that holds them beside a program, and what the project leaves to the program. */
  readonly moduleFlashBytes: number;
  readonly programBytes: number;
}

/** What a chip makes of a streaming model, before any data: the numbers do not depend on exponents. */
export interface ChipFit {
  readonly target: string;
  readonly bits: 8 | 16;
  /** Nodes as the chip computes them: some stand for several of the model. */
  readonly nodes: readonly NodeSupport[];
  readonly refusals: readonly ChipRefusal[];
  /** Nodes that compute in float there, between conversions. */
  readonly floatNodes: number;
  /** Absent while something is refused. */
  readonly memory?: ChipMemory;
  /** Of all modules: caches that the files keep themselves, and those that are inputs and outputs. Absent with the memory. */
  readonly caches?: { readonly inside: number; readonly explicit: number };
  readonly sramBytes: number;
  readonly psram: boolean;
}

/** What a plan decides about a chip's widths and files. */
export type ChipSettings = Pick<Plan, "bits" | "widths" | "cacheForm" | "compatible">;

/**
 * Every chip's fit under these settings. Chips of one family compute alike, so each family is lowered once. Throws
 * `plan.unknownNode`.
 */
export function fitChips(
  model: Model,
  modules: readonly Module[],
  chips: readonly EspdlTarget[],
  settings: ChipSettings,
): ChipFit[] {
  const families = new Map<EspdlTarget["formats"], ChipFit>();
  return chips.map((target) => {
    const known = families.get(target.formats) ?? fitChip(model, modules, target, settings);
    families.set(target.formats, known);
    const { id, sramBytes, psram } = target;
    return { ...known, target: id, sramBytes, psram };
  });
}

/** Any exponent would do: only structure and sizes are looked at. */
const PLACEHOLDER_EXPONENT = -5;

/** Which nodes the chip refuses, and the memory that the modules take on it. */
function fitChip(
  model: Model,
  modules: readonly Module[],
  target: EspdlTarget,
  settings: ChipSettings,
): ChipFit {
  const { id, sramBytes, psram } = target;
  const { bits = 8, compatible, cacheForm } = settings;
  const dialect = toEspdlDialect(model);
  const asked = formatsOf(model, target, settings);
  const formatOf = compatible ? asked : consistentWidths(dialect.graph, asked);
  const format = target.formats[bits];
  const nodes = dialectSupport(dialect, format.rounding, formatOf);
  const floatNodes = nodes.filter((node) => node.width === "float").length;
  const fit = { target: id, bits, nodes, sramBytes, psram, floatNodes };
  const refusals = nodes.flatMap(({ node, op, refused }): ChipRefusal[] =>
    refused ? [{ node, op, reason: refused }] : [],
  );
  if (refusals.length > 0) return { ...fit, refusals };
  const placement = placeExponents({ graph: dialect.graph, formatOf }, () => PLACEHOLDER_EXPONENT);
  const placed: PlacedModel = { dialect, placement, format, compatible: false };
  try {
    const made = chipModules(placed, modules, target, { explicit: cacheForm === "explicit" });
    const caches = made.flatMap((m) => m.caches);
    const inside = caches.filter((c) => c.inside).length;
    return {
      ...fit,
      refusals: [],
      memory: memoryOf(made),
      caches: { inside, explicit: caches.length - inside },
    };
  } catch (error) {
    const problem = error instanceof StudioError ? error.problem : undefined;
    if (problem?.code !== "target.noKernel") throw error;
    const { node, op, reason } = problem;
    return { ...fit, refusals: [{ node, op, reason }] };
  }
}

function memoryOf(modules: readonly ChipModule[]): ChipMemory {
  let [flashBytes, parameterBytes, cacheBytes, arenaBytes] = [0, 0, 0, 0];
  for (const { module, program, laid, bytes } of modules) {
    const { caches } = module;
    // Caches that are inputs and outputs lie in the arena too: the program keeps what is in them between runs.
    const memory = programMemory(laid.program);
    flashBytes += bytes.byteLength;
    parameterBytes += memory.parameterBytes;
    arenaBytes += memory.arenaBytes;
    for (const { input } of caches) {
      const { dtype, dims } = tensorIn(program, input);
      cacheBytes += byteLength(dtype, sizeOf(dims));
    }
  }
  const moduleFlashBytes = moduleMebibytes(flashBytes) * 2 ** 20;
  return { flashBytes, parameterBytes, cacheBytes, arenaBytes, moduleFlashBytes, programBytes: APP_BYTES };
}
