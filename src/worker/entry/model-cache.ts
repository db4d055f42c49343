import { modelAmong, type NamedBytes, type OpenedModel, openModel } from "../../engine/open-model.ts";
import type { ModelSource, StageProgress } from "../protocol.ts";
import { bytesOf, requireRoom } from "../read-file.ts";
import { digestHex } from "./digest.ts";

/** The model that this worker has open. A worker without it opens it again from the files. */
export class ModelCache {
  #opened: OpenedModel | undefined;
  #opening: number | undefined;

  /** The opened model of a source. Throws what `openModel` and `bytesOf` throw. */
  async get(source: ModelSource, report: (progress: StageProgress) => void = () => {}): Promise<OpenedModel> {
    const { sha256, opening } = source;
    if (sha256 !== undefined && this.#opened?.sha256 === sha256 && this.#opening === opening)
      return this.#opened;
    requireRoom(source.files);
    // Two models at once may be more than there is room for; one that does not open leaves none, and the next call reads again.
    this.#opened = undefined;
    const files: NamedBytes[] = [];
    for (const [done, file] of source.files.entries()) {
      report({ stage: "read", done, total: source.files.length, what: file.name });
      files.push(await bytesOf(file));
    }
    report({ stage: "open", done: 0, total: 0 });
    this.#opened = openModel(files, await digestHex(modelAmong(files).bytes));
    this.#opening = opening;
    return this.#opened;
  }
}
