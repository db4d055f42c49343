/**
 * JSON with two spaces of indentation, keys in code-unit order and a final newline: equal data, equal bytes.
 * Short arrays of plain values stay on one line. `undefined` members are left out; numbers that JSON lacks
 * (infinities, NaN) become null; Maps are written as objects.
 */
export function stableJson(value: unknown): string {
  return `${write(value, "")}\n`;
}

const LINE_WIDTH = 100;

function write(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as ArrayLike<unknown>, (item) => write(item ?? null, inner));
    const line = `[${items.join(", ")}]`;
    if (items.every((item) => !/[{[\n]/.test(item)) && line.length <= LINE_WIDTH) return line;
    return block("[", "]", items, indent);
  }
  if (typeof value === "object" && value !== null) {
    const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
    const members = entries
      .filter(([, v]) => v !== undefined)
      .map(([key, v]) => [String(key), v] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, v]) => `${JSON.stringify(key)}: ${write(v, inner)}`);
    return members.length === 0 ? "{}" : block("{", "}", members, indent);
  }
  return JSON.stringify(value) ?? "null";
}

function block(open: string, close: string, items: readonly string[], indent: string): string {
  if (items.length === 0) return open + close;
  return `${open}\n${items.map((item) => `${indent}  ${item}`).join(",\n")}\n${indent}${close}`;
}
