/** Part of a long list or map of an answer, under the name of its field. */
export interface Piece {
  readonly field: string;
  /** Items of a list, or entries of a map. */
  readonly items: readonly unknown[];
}

/** Longer lists and maps are sent in pieces: the page unpacks each as a task of its own, and stays awake in between. */
const LONGEST_WHOLE = 2000;

/** A record with its long fields empty, and their contents in pieces. Anything but a plain record stays whole. */
export function inPieces(output: unknown): { readonly head: unknown; readonly pieces: readonly Piece[] } {
  if (!isRecord(output)) return { head: output, pieces: [] };
  const long = Object.entries(output).filter(([, value]) => lengthOf(value) > LONGEST_WHOLE);
  if (long.length === 0) return { head: output, pieces: [] };
  const emptied = long.map(([field, value]) => [field, value instanceof Map ? new Map() : []] as const);
  const pieces = long.flatMap(([field, value]) => cut(field, [...(value as Iterable<unknown>)]));
  return { head: { ...output, ...Object.fromEntries(emptied) }, pieces };
}

/** What `inPieces` took apart. The pieces of a field must come in their order. */
export function joined(head: unknown, pieces: readonly Piece[]): unknown {
  if (!isRecord(head) || pieces.length === 0) return head;
  const whole: Record<string, unknown> = { ...head };
  for (const { field, items } of pieces) {
    const into = whole[field];
    if (into instanceof Map) for (const [key, value] of items as [unknown, unknown][]) into.set(key, value);
    else if (Array.isArray(into)) for (const item of items) into.push(item);
  }
  return whole;
}

function cut(field: string, items: readonly unknown[]): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < items.length; at += LONGEST_WHOLE)
    pieces.push({ field, items: items.slice(at, at + LONGEST_WHOLE) });
  return pieces;
}

function lengthOf(value: unknown): number {
  if (value instanceof Map) return value.size;
  return Array.isArray(value) ? value.length : 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
}
