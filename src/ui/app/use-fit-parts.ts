import { useMemo } from "react";
import type { FitParts } from "../../state/stages.ts";
import { usePlanOf, useSession, useStage } from "./studio-context.ts";

/** What decides a model's fit on chips; undefined while the streaming model is not known, or where none is made for chips. */
export function useFitParts(): FitParts | undefined {
  const model = useSession((s) => s.model);
  const { result: conversion, stale } = useStage("convert");
  const { bits, widths, cacheForm, compatible, states } = usePlanOf(
    "bits",
    "widths",
    "cacheForm",
    "compatible",
    "states",
  );
  const rolled = (states?.length ?? 0) > 0;
  return useMemo(
    () =>
      model && conversion && !stale && !rolled
        ? { model, conversion, bits, widths, cacheForm, compatible }
        : undefined,
    [model, conversion, stale, rolled, bits, widths, cacheForm, compatible],
  );
}
