import { sha256Hex } from "../base/sha256.ts";
import { decodeUtf8, encodeUtf8 } from "../base/utf8.ts";

export const CHECKSUM_FILE = "SHA256SUMS";

/** Lines as `sha256sum -c` reads them, by path in code-unit order, of every file but the list itself. */
export function checksumFile(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const paths = [...files.keys()].filter((path) => path !== CHECKSUM_FILE).sort();
  return encodeUtf8(
    paths.map((path) => `${sha256Hex(files.get(path) ?? new Uint8Array(0))}  ${path}\n`).join(""),
  );
}

/** Path → hash of a list, or undefined if a line has another form. */
export function readChecksums(bytes: Uint8Array): Map<string, string> | undefined {
  const sums = new Map<string, string>();
  for (const line of decodeUtf8(bytes).split("\n")) {
    if (line === "") continue;
    const match = /^([0-9a-f]{64}) [ *](.+)$/.exec(line);
    if (!match) return undefined;
    sums.set(match[2] ?? "", match[1] ?? "");
  }
  return sums;
}
