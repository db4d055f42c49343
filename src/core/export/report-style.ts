/** Style of the report; light or dark as the reader's system asks. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6470; --paper: #ffffff; --line: #d9dee5; --tile: #f5f7fa; --level: #6b7f99; --error: #c2410c; --bar: #2563a8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --soft: #9aa5b3; --paper: #14171c; --line: #313843; --tile: #1c2128; --level: #8494aa; --error: #fb923c; --bar: #5b9bdd; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 40px 0 8px; }
h3 { font-size: 15px; margin: 20px 0 4px; overflow-wrap: anywhere; }
.hash, .note, .legend, .none { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 12px; margin-top: 20px; }
.tile { background: var(--tile); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; }
.tile strong { display: block; font-size: 22px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 12px 0; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
th.n, td.n { text-align: right; padding-right: 24px; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
.grid { stroke: var(--line); stroke-width: 1; }
polyline { fill: none; stroke-width: 1.5; }
.level { stroke: var(--level); }
.error { stroke: var(--error); }
.bar { fill: var(--bar); }
.level-key::before, .error-key::before { content: ""; display: inline-block; width: 14px; height: 3px; margin: 0 5px 3px 0; background: var(--level); }
.error-key { margin-left: 14px; }
.error-key::before { background: var(--error); }
@media print { main { max-width: none; padding: 0; } section { break-inside: avoid; } }
`;
