import type { ChipFit } from "../../engine/esp/fit-chip.ts";
import { useStage, useStudio } from "./studio-context.ts";
import { useFeed } from "./use-feed.ts";
import { useFitParts } from "./use-fit-parts.ts";

/** What the chips make of the model as it was converted last, asked for while someone looks; none while that is unknown. */
export function useFits(): readonly ChipFit[] {
  const { stages } = useStudio();
  const parts = useFitParts();
  useFeed(stages.fit, parts);
  return useStage("fit").result ?? [];
}
