/** Markup that is safe to insert: made by `html` or the functions of this file only. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | undefined | readonly Markup[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for element content and quoted attributes. Control characters become spaces: HTML forbids most of them. */
export function escapeHtml(text: string): string {
  const visible = Array.from(text, (c) => (c < " " ? " " : c)).join("");
  return visible.replace(/[&<>"']/g, (c) => ESCAPES[c] ?? c);
}

/** Template that escapes every inserted text; Markup and lists of Markup are inserted as they are. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: strings.reduce((out, s, i) => out + insert(parts[i - 1]) + s) };
}

function insert(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  return "markup" in part ? part.markup : part.map((p) => p.markup).join("");
}

/** A table. Columns whose first cell is a number are right-aligned. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | Markup)[])[],
): Markup {
  const [first] = rows;
  if (!first) return html`<p class="none">None.</p>`;
  const numeric = first.map((cell) => typeof cell === "number");
  const side = (column: number) => (numeric[column] ? "n" : "t");
  return html`<div class="wide"><table>
<thead><tr>${head.map((h, i) => html`<th scope="col" class="${side(i)}">${h}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map((cell, i) => html`<td class="${side(i)}">${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>
`;
}
