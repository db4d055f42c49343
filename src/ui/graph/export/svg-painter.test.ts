import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escaped, SvgPainter } from "./svg-painter.ts";
import { parseXml, textsIn } from "./test-xml.ts";

const STYLE = { face: "label", color: "#123456" } as const;

function fileOf(paint: (painter: SvgPainter) => void, title = "model"): string {
  const painter = new SvgPainter({ width: 200, height: 100 }, title);
  painter.begin({ scale: 2, panX: 5, panY: 10 }, "#ffffff");
  paint(painter);
  return painter.finish().join("");
}

describe("SVG", () => {
  test("any text is escaped and comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (text, title) => {
        const root = parseXml(fileOf((p) => p.text(text, 1, 2, STYLE), title));
        expect(root.name).toBe("svg");
        const legal = (t: string) => parseXml(`<t>${escaped(t)}</t>`).text;
        expect(textsIn(root, "text")).toEqual([legal(text)]);
        expect(textsIn(root, "title")).toEqual([legal(title)]);
      }),
    );
  });

  test("markup in names stays text; what XML cannot hold is replaced", () => {
    expect(escaped(`a<b>&"c'`)).toBe("a&lt;b&gt;&amp;&quot;c&apos;");
    expect(escaped("a\u0000b\uD800c\uFFFF")).toBe("a\uFFFDb\uFFFDc\uFFFD");
    expect(escaped("卷积 🎧")).toBe("卷积 🎧");
  });

  test("boxes, edges, arrows and lines are one element each look", () => {
    const file = fileOf((p) => {
      p.boxes([0, 0, 10, 5, 20, 0, 10, 5], {
        fill: "#fff",
        stroke: { color: "#000", width: 1, dash: [4, 2] },
        radius: 9,
      });
      p.edges(
        [Float32Array.of(0, 0, 10, 20), Float32Array.of(5, 0, 5, 9)],
        { color: "#00f", width: 3 },
        "curved",
      );
      p.arrows([1, 2], "#f00");
      p.lines([0, 0, 3, 4], { color: "#0f0", width: 1 });
    });
    expect(parseXml(file).name).toBe("svg");
    expect(file).toContain('<rect x="20" y="0" width="10" height="5" rx="2.5"/>');
    // Widths and dashes are screen px: half as much in a world seen at twice its size.
    expect(file).toContain('stroke-width="0.5" stroke-dasharray="2 1"');
    expect(file).toContain("M0 0C0 11 10 9 10 20M5 0L5 9");
    expect(file).toContain("M0 0L3 4");
  });
});
