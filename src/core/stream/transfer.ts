import { named } from "../base/detail.ts";
import type { StreamRule } from "../ops/op.ts";
import { accumulate } from "./accumulate.ts";
import { only, refused, type Transfer, type TransferInput } from "./flow.ts";
import { overlap } from "./overlap.ts";
import { recurrent } from "./recurrent.ts";
import { crop, extend } from "./rows/crop.ts";
import { interpolate, mirror } from "./rows/edge.ts";
import { dataMovementJunk, join, pointwise, spread } from "./rows/join.ts";
import { lastFrames } from "./rows/last-frames.ts";
import { regroup } from "./rows/regroup.ts";
import { window } from "./rows/window.ts";

/** The transfer table: how a rule turns the facts of the inputs into the fact of the output and the node's plan. */
export function transfer(rule: StreamRule, input: TransferInput): Transfer {
  switch (rule.kind) {
    case "refuse":
      return refused(rule.reason, rule.detail);
    case "pointwise":
      return pointwise(input);
    case "perFrame":
      return spread(
        join(rule.axis, input, dataMovementJunk, rule.rewrite && { rewrite: rule.rewrite }),
        rule.axes,
      );
    case "window":
      return window(rule, input);
    case "overlap": {
      const [flow, ...others] = input.flows;
      if (!flow || others.some((f) => f)) return refused("timeVaryingConstant", { code: "weights" });
      return overlap(rule, flow, input);
    }
    case "regroup":
      return regroup(rule, input);
    case "crop":
      return crop(rule, input);
    case "extend":
      return extend(rule, input);
    case "mirror":
      return mirror(rule, input);
    case "interpolate":
      return interpolate(rule, input);
    case "lastFrames":
      return lastFrames(rule, input);
    case "accumulate": {
      const flow = only(input);
      return flow
        ? accumulate(rule.exclusive, flow, input.holdChunk)
        : refused("dataDependent", named("axis"));
    }
    case "recurrent":
      return recurrent(rule, input, join(0, input, dataMovementJunk));
  }
}
