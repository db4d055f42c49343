import { useMemo } from "react";
import type { Statistic } from "../../../core/quant/statistic.ts";
import { chipOf } from "../../../state/select/chips.ts";
import type { RangeQuestion } from "../../../worker/protocol.ts";
import { usePlanOf, useResult, useStale } from "../../app/studio-context.ts";

export interface Placed {
  readonly question: RangeQuestion;
  /** The scale comes from a comparison with other inputs. */
  readonly placedStale: boolean;
  /** The comparison knows every value that is kept as integers, and this is none of them. */
  readonly inside: boolean;
}

/** What to ask about a value: as the plan's method takes it alone, and as the last comparison for this target has it. */
export function usePlaced(value: string, statistic: Statistic): Placed {
  const plan = usePlanOf("target", "bits", "method");
  const stale = useStale("compare");
  const report = useResult("compare")?.quantization;
  const target = chipOf(plan.target)?.id ?? plan.target;
  const same = report?.target === target;
  const params = same ? report.params.get(value) : undefined;
  const bits = params?.dtype === "int16" ? 16 : params?.dtype === "int8" ? 8 : (plan.bits ?? 8);
  const { method } = plan;
  const question = useMemo(
    () => ({ statistic, target, bits, method, params }) as const,
    [statistic, target, bits, method, params],
  );
  return { question, placedStale: stale, inside: same && !stale && params === undefined };
}
