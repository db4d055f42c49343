import type { RangeChoice, RangeReport } from "../../../worker/protocol.ts";
import type { Text } from "../../i18n/text.ts";
import { shortReal } from "../../widgets/numbers.ts";

/** `−4` with a true minus sign. */
export function signed(exponent: number): string {
  return String(exponent).replace("-", "−");
}

/** "exponent −4", "scale 0.0123". */
export function gridName({ exponent, step }: RangeChoice, { t }: Text): string {
  return exponent === undefined
    ? t("distribution.scaleNamed", { scale: shortReal(step) })
    : t("distribution.exponentNamed", { exponent: signed(exponent) });
}

/** Why a value has another scale than it would take on its own; undefined where it has the same. */
export function noteOfMove({ alone, placed }: RangeReport, text: Text): string | undefined {
  if (!placed || placed.step === alone.step) return undefined;
  const names = { own: gridName(alone, text), placed: gridName(placed, text) };
  // Only what a value meets makes its steps coarser; a search makes them finer too.
  return text.t(placed.step > alone.step ? "distribution.shared" : "distribution.freed", names);
}
