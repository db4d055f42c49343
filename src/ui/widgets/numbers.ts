/** A real in at most four significant digits: 0.1234, 12.3, 1.2e-7, −∞. */
export function shortReal(x: number): string {
  if (x === 0) return "0";
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "–" : x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  const text = size >= 0.001 && size < 100_000 ? String(Number(x.toPrecision(4))) : x.toExponential(1);
  return minus(text);
}

/** With true minus signs, exponents included. */
function minus(text: string): string {
  return text.replaceAll("-", "−");
}

/** `31.2 dB`, never broken between lines; equal signals have no error to speak of. */
export function decibels(db: number): string {
  return Number.isFinite(db) ? `${minus(db.toFixed(1))}\u00a0dB` : db > 0 ? "∞\u00a0dB" : "–";
}

/** `12.3 KiB`: memory of chips is counted in powers of two. */
export function kibibytes(bytes: number): string {
  const kib = bytes / 1024;
  return `${kib < 10 ? kib.toFixed(2) : kib < 100 ? kib.toFixed(1) : kib.toFixed(0)}\u00a0KiB`;
}
