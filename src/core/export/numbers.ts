/*
 * Numbers as the reports print them. Only operations whose result the language defines exactly: equal input gives
 * equal text in every engine.
 */

/** Three significant digits: "0", "0.0123", "1.23e-7". */
export function short(x: number): string {
  if (x === 0) return "0";
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "not a number" : x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  if (Number.isInteger(x) && size < 1e6) return String(x);
  return size >= 1e-3 && size < 1e6 ? String(Number(x.toPrecision(3))) : x.toExponential(2);
}

/** SQNR with one decimal; without any error there is no ratio. */
export function decibels(x: number): string {
  return Number.isFinite(x) ? `${x.toFixed(1)} dB` : x > 0 ? "equal" : "−∞ dB";
}

/** Whole numbers in groups of three. */
export function grouped(x: number): string {
  return String(x).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function kilobytes(bytes: number): string {
  return bytes < 1024
    ? `${bytes} B`
    : bytes < 1024 * 1024
      ? `${(bytes / 1024).toFixed(1)} KiB`
      : `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
}

export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "scalar" : shape.join(" × ");
}

/** "1 step", "2 steps". */
export function counted(n: number, noun: string): string {
  return `${grouped(n)} ${noun}${n === 1 ? "" : "s"}`;
}
