import type { Model } from "../../ir/graph.ts";
import { runPass } from "../../passes/pipeline.ts";
import { fuseBiasAdd } from "./fuse-bias-add.ts";
import { fuseSwish } from "./fuse-swish.ts";
import { normAsConv } from "./norm-as-conv.ts";
import { paddedPoints } from "./padded-points.ts";
import { recurrentStates } from "./recurrent-states.ts";
import { registeredForms } from "./registered-forms.ts";
import { zeroInsertion } from "./zero-insertion.ts";

const PASSES = [
  registeredForms,
  normAsConv,
  fuseBiasAdd,
  fuseSwish,
  zeroInsertion,
  paddedPoints,
  recurrentStates,
];

/**
 * A normalised model in the operators that ESP-DL computes: norms that no product could take as convolutions, biases inside products,
 * Swish as one op, ConvTranspose as InsertZeros and Conv, padding no narrower than its kernel as a Pad, recurrences with all their
 * states. Names of values survive. The graph is no longer ONNX; `espdl-runnable.ts` spells it for a runtime.
 */
export function toEspdlDialect(model: Model): Model {
  return PASSES.reduce((m, pass) => runPass(pass, m)?.model ?? m, model);
}
