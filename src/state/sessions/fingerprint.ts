import { sha256Hex } from "../../core/base/sha256.ts";
import type { ModelSource } from "../../worker/protocol.ts";

/** Content hashes of files, and names for answers: what stands for an object from one visit to the next. */
export class Identities {
  readonly #hashes = new WeakMap<Blob, string>();
  readonly #answers = new WeakMap<object, string>();

  /** SHA-256 of a file's bytes, read once. */
  async hash(blob: Blob): Promise<string> {
    const known = this.#hashes.get(blob);
    if (known !== undefined) return known;
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const hash = await sha256(bytes);
    this.#hashes.set(blob, hash);
    return hash;
  }

  /** The hash of a file that was read or stated before. */
  known(blob: Blob): string | undefined {
    return this.#hashes.get(blob);
  }

  /** States the hash of a file that is known without reading it. */
  setHash(blob: Blob, sha256: string): void {
    this.#hashes.set(blob, sha256);
  }

  nameAnswer(answer: object, identity: string): void {
    this.#answers.set(answer, identity);
  }

  answerName(answer: object): string | undefined {
    return this.#answers.get(answer);
  }

  /**
   * The inputs of a stage as text that is equal on every visit: files by their hashes, a model by its own (and its external data), answers by their
   * names. Undefined if some file was not hashed or some answer not named yet.
   */
  fingerprint(parts: object): string | undefined {
    let complete = true;
    const text = JSON.stringify(parts, (_, value: unknown) => {
      if (typeof value !== "object" || value === null) return value;
      if ("files" in value && "sha256" in value) return modelText(value as ModelSource);
      if ("blob" in value && value.blob instanceof Blob) {
        const hash = this.#hashes.get(value.blob);
        if (hash === undefined) complete = false;
        return { name: "name" in value ? value.name : "", hash };
      }
      if ("statistics" in value) {
        const answer = this.#answers.get(value);
        if (answer === undefined) complete = false;
        return { answer };
      }
      return Array.isArray(value) ? value : sorted(value);
    });
    return complete ? text : undefined;
  }
}

/**
 * A model by the hash of its own file. External data may take long to read: it is told by name, size and when it was written; what
 * was written since counts as other data.
 */
function modelText({ sha256, files }: ModelSource): object {
  const [, ...externals] = files;
  if (externals.length === 0) return { model: sha256 };
  const data = externals.map(({ name, blob }) => [
    name,
    blob.size,
    blob instanceof File ? blob.lastModified : 0,
  ]);
  return { model: sha256, data };
}

/** Storage may give members back in another order. */
function sorted(record: object): object {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** By the browser where it may (secure origins only), else by our own code. */
async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!globalThis.crypto?.subtle) return sha256Hex(bytes);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hex(digest);
}

/** A name that nothing else has. */
export function newIdentity(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
