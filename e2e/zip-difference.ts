import { unzipSync } from "fflate";

/** Paths of files that two zips do not hold with the same bytes, each with what differs; empty if the zips are one. */
export function zipDifference(a: Uint8Array, b: Uint8Array): readonly string[] {
  if (equalBytes(a, b)) return [];
  const [left, right] = [unzipSync(a), unzipSync(b)];
  const paths = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
  const differences = paths.flatMap((path) => {
    const [x, y] = [left[path], right[path]];
    if (!x || !y) return [`${path}: only in ${x ? "the first" : "the second"}`];
    if (equalBytes(x, y)) return [];
    const at = x.findIndex((byte, i) => byte !== y[i]);
    const around = (bytes: Uint8Array) =>
      new TextDecoder().decode(bytes.subarray(Math.max(0, at - 40), at + 40));
    return [`${path} at byte ${at}: …${around(x)}… and …${around(y)}…`];
  });
  return differences.length > 0 ? differences : ["the files are equal, their packing is not"];
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
