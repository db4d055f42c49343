import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PngStream } from "./png-stream.ts";

/** Chunks of a PNG in order; their checksums are compared with those of the zlib library. */
function chunksOf(file: Buffer): { name: string; data: Buffer }[] {
  const chunks: { name: string; data: Buffer }[] = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    chunks.push({
      name: file.toString("latin1", at + 4, at + 8),
      data: file.subarray(at + 8, at + 8 + length),
    });
    at += length + 12;
  }
  return chunks;
}

/** RGB rows of a file whose rows are all filtered "up" (PNG specification, 9.2). */
function pixelsOf(file: Buffer): { width: number; height: number; rgb: number[] } {
  const chunks = chunksOf(file);
  const head = chunks[0]?.data ?? Buffer.alloc(0);
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const rows = inflateSync(Buffer.concat(chunks.filter((c) => c.name === "IDAT").map((c) => c.data)));
  const rgb: number[] = [];
  for (let row = 0; row < height; row++) {
    const from = row * (3 * width + 1);
    expect(rows[from]).toBe(2);
    for (let i = 0; i < 3 * width; i++)
      rgb.push(((rows[from + 1 + i] ?? 0) + (rgb[(row - 1) * 3 * width + i] ?? 0)) & 255);
  }
  return { width, height, rgb };
}

test("pixels come back, in whatever stripes they were written", async () => {
  const pictures = fc.record({
    width: fc.integer({ min: 1, max: 9 }),
    stripes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
    seed: fc.nat(255),
  });
  await fc.assert(
    fc.asyncProperty(pictures, async ({ width, stripes, seed }) => {
      const height = stripes.reduce((a, b) => a + b, 0);
      const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * i + seed * i) & 255);
      const png = new PngStream(width, height);
      let row = 0;
      for (const rows of stripes) {
        await png.rows(rgb.slice(3 * width * row, 3 * width * (row + rows)));
        row += rows;
      }
      const file = Buffer.concat(await png.finish());
      expect([...file.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
      expect(pixelsOf(file)).toEqual({ width, height, rgb: [...rgb] });
      expect(chunksOf(file).at(-1)?.name).toBe("IEND");
    }),
    { numRuns: 30 },
  );
});

test("the last chunk of any PNG has this checksum", async () => {
  const png = new PngStream(1, 1);
  await png.rows(new Uint8Array(3));
  // PNG specification, 11.2.5: IEND is empty, so its checksum is that of its name.
  expect(
    Buffer.concat(await png.finish())
      .subarray(-4)
      .toString("hex"),
  ).toBe("ae426082");
});
