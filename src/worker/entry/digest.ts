import { sha256Hex } from "../../core/base/sha256.ts";

/** The browser's own digest works on a copy; beyond this a copy costs more than slower arithmetic. */
const MOST_COPIED_BYTES = 256 * 2 ** 20;

/** SHA-256 as sha256Hex gives it, by the browser's own code where there is one (pages from other hosts need https for it). */
export async function digestHex(bytes: Uint8Array): Promise<string> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle || bytes.length > MOST_COPIED_BYTES) return sha256Hex(bytes);
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
