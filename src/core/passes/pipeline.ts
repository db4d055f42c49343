import type { Model } from "../ir/graph.ts";
import { applyPatch, type Patch } from "../ir/patch.ts";
import { cancelPad } from "./cancel-pad.ts";
import { removeDeadCode } from "./dead-code.ts";
import { dropZeroStates } from "./drop-zero-states.ts";
import { foldBatchNorm } from "./fold-batch-norm.ts";
import { foldConstants } from "./fold-constants.ts";
import { foldPad } from "./fold-pad.ts";
import { identityGather } from "./identity-gather.ts";
import { type InferenceResult, inferShapes } from "./infer-shapes.ts";
import { inlineFunctions } from "./inline-functions.ts";
import { inlineIf } from "./inline-if.ts";
import { loopToScan } from "./loop-to-scan.ts";
import type { Pass } from "./pass.ts";
import { removeIdentity } from "./remove-identity.ts";
import { resolveAutoPad } from "./resolve-auto-pad.ts";
import { sequenceToSplit } from "./sequence-to-split.ts";
import { splitPad } from "./split-pad.ts";
import { staticOperands } from "./static-operands.ts";
import { unfoldGather } from "./unfold-gather.ts";
import { upgradeOpset } from "./upgrade-opset.ts";

/** The order of one round; rounds repeat until nothing changes. */
export const PASSES: readonly Pass[] = [
  foldConstants,
  inlineIf,
  loopToScan,
  sequenceToSplit,
  staticOperands,
  resolveAutoPad,
  identityGather,
  unfoldGather,
  removeIdentity,
  dropZeroStates,
  cancelPad,
  foldPad,
  splitPad,
  foldBatchNorm,
  removeDeadCode,
];

/** Every round removes or simplifies something, so this bound is never met by a terminating set of passes. */
const MOST_ROUNDS = 64;

export interface PassChange {
  readonly pass: string;
  /** Nodes removed, added or replaced, and initializers set or removed. */
  readonly changes: number;
}

export interface Normalized {
  readonly model: Model;
  readonly log: readonly PassChange[];
  /** What is known of the model's values. */
  readonly inference: InferenceResult;
}

/**
 * The model in the one form that analysis and conversion read: opset 18 where an exact spelling exists, constants as
 * initializers, no identities, pads and batch norms folded. Inputs, outputs and their names are those of the original.
 */
export function normalize(original: Model): Normalized {
  const log: PassChange[] = [];
  const inlined = inlineFunctions(original);
  log.push({ pass: "inline-functions", changes: inlined.changes });
  const upgraded = upgradeOpset(inlined.model);
  log.push({ pass: "upgrade-opset", changes: upgraded.changes });
  let model = upgraded.model;
  // Shapes are found once per graph: most passes leave it as it is.
  let inference = inferShapes(model);
  let ops = opsOf(model);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let changed = false;
    for (const pass of PASSES) {
      if (pass.needs && !pass.needs.some((op) => ops.has(op))) continue;
      const next = runPass(pass, model, inference);
      if (!next) continue;
      changed = true;
      model = next.model;
      inference = inferShapes(model);
      ops = opsOf(model);
      log.push({ pass: pass.name, changes: next.changes });
    }
    if (!changed) return { model, log, inference };
  }
  throw new Error("normalisation does not settle");
}

function opsOf({ graph }: Model): ReadonlySet<string> {
  const ops = new Set<string>();
  for (const { op, domain } of graph.nodes) if (domain === "") ops.add(op);
  return ops;
}

/** Applies one pass; undefined if it has nothing to do. */
export function runPass(
  pass: Pass,
  model: Model,
  inference: InferenceResult = inferShapes(model),
): { readonly model: Model; readonly changes: number } | undefined {
  const patch = pass.run({ model, inference });
  if (!patch) return undefined;
  return { model: { ...model, graph: applyPatch(model.graph, patch) }, changes: sizeOfPatch(patch) };
}

function sizeOfPatch(patch: Patch): number {
  return (
    (patch.removeNodes?.size ?? 0) +
    (patch.addNodes?.length ?? 0) +
    (patch.replaceNodes?.size ?? 0) +
    (patch.setInitializers?.size ?? 0) +
    (patch.removeInitializers?.size ?? 0)
  );
}
