import { encodeUtf8 } from "../base/utf8.ts";
import { html, type Markup, table } from "./html.ts";
import { short } from "./numbers.ts";
import type { CheckRecord, PackageInput } from "./package-input.ts";
import { REPORT_STYLE } from "./report-style.ts";

/** A page without scripts or outside resources around a report's sections; names in it are data, never markup. */
export function reportPage(
  { name, sha256 }: Pick<PackageInput["model"], "name" | "sha256">,
  title: string,
  sections: Markup,
): Uint8Array {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${{ markup: REPORT_STYLE }}</style>
</head>
<body>
<main>
<h1>${name}</h1>
<p class="hash">SHA-256 ${sha256}</p>
${sections}</main>
</body>
</html>
`;
  return encodeUtf8(page.markup);
}

/** Name, value, note. */
export type Tile = readonly [string, string, string];

/** The numbers at the top. */
export function tilesOf(tiles: readonly Tile[]): Markup {
  return html`<div class="tiles">${tiles.map(
    ([name, value, note]) =>
      html`<div class="tile"><div>${name}</div><strong>${value}</strong><div class="note">${note}</div></div>\n`,
  )}</div>
`;
}

/** What was checked of the finished files. */
export function checksSection(checks: readonly CheckRecord[]): Markup {
  return html`<section>
<h2>Checks of the finished files</h2>
${table(
  ["file", "checked", "result", "largest difference", "allowed"],
  checks.map((c) => [c.file, c.level, c.passed ? "passed" : "failed", short(c.maxAbs), short(c.tolerance)]),
)}</section>
`;
}
