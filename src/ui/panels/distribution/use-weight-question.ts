import { useMemo } from "react";
import type { WeightQuestion } from "../../../engine/weight-grid.ts";
import { chipOf } from "../../../state/select/chips.ts";
import { usePlanOf, useResult, useStale } from "../../app/studio-context.ts";

/** How a weight is stored on the plan's target: as the last comparison chose it, while that stands. */
export function useWeightQuestion(name: string): WeightQuestion {
  const plan = usePlanOf("target", "bits");
  const stale = useStale("compare");
  const report = useResult("compare")?.quantization;
  const target = chipOf(plan.target)?.id ?? plan.target;
  const params = !stale && report?.target === target ? report.params.get(name) : undefined;
  const bits = plan.bits ?? 8;
  return useMemo(() => ({ target, bits, params }), [target, bits, params]);
}
