/** How many steps back a history keeps. */
export const HISTORY_DEPTH = 200;

/** An earlier or later document, and what the edit between it and its neighbour towards the present did. */
interface Step<Doc, Label> {
  readonly doc: Doc;
  readonly label: Label;
}

/** Documents by reference: unchanged parts are shared, so 200 steps of a plan cost little. */
export interface History<Doc, Label> {
  readonly past: readonly Step<Doc, Label>[];
  readonly present: Doc;
  readonly future: readonly Step<Doc, Label>[];
  /** Group of the last edit; the next edit of the same group joins it. */
  readonly group?: string;
}

/** A history with nothing to undo. */
export function begin<Doc, Label>(doc: Doc): History<Doc, Label> {
  return { past: [], present: doc, future: [] };
}

/** Makes `doc` the present. The same document again changes nothing; the same `group` extends the last step. */
export function commit<Doc, Label>(
  history: History<Doc, Label>,
  doc: Doc,
  label: Label,
  group?: string,
): History<Doc, Label> {
  if (Object.is(doc, history.present)) return history;
  const joins = group !== undefined && group === history.group && history.past.length > 0;
  const past = joins
    ? history.past
    : [...history.past, { doc: history.present, label }].slice(-HISTORY_DEPTH);
  return { past, present: doc, future: [], ...(group === undefined ? {} : { group }) };
}

/** One step back; the same history if there is none. */
export function undo<Doc, Label>(history: History<Doc, Label>): History<Doc, Label> {
  const last = history.past.at(-1);
  if (!last) return history;
  return {
    past: history.past.slice(0, -1),
    present: last.doc,
    future: [{ doc: history.present, label: last.label }, ...history.future],
  };
}

/** One step forward; the same history if there is none. */
export function redo<Doc, Label>(history: History<Doc, Label>): History<Doc, Label> {
  const [next, ...future] = history.future;
  if (!next) return history;
  return { past: [...history.past, { doc: history.present, label: next.label }], present: next.doc, future };
}
