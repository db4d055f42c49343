/** The last parts of a path-like name, at most about `length` characters: `…/depthwise/Conv`. */
export function shortName(name: string, length = 28): string {
  const trimmed = name.replace(/_output_0$/, "");
  if (trimmed.length <= length) return trimmed;
  const parts = trimmed.split("/");
  let kept = parts.pop() ?? "";
  for (
    let next = parts.pop();
    next !== undefined && kept.length + next.length + 3 <= length;
    next = parts.pop()
  ) {
    kept = `${next}/${kept}`;
  }
  return kept.length <= length ? `…/${kept}` : `…${kept.slice(1 - length)}`;
}
