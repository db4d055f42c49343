import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fail, StudioError } from "../core/base/problem.ts";
import { type NamedBytes, type OpenedModel, openModel } from "../engine/open-model.ts";
import { systemDetail } from "./system-detail.ts";

/** The bytes of a file. Throws `file.notFound` if there is none, `file.notReadable` if it is a folder or locked. */
export function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    const what = existsSync(path) ? systemDetail(error) : undefined;
    return what
      ? fail({ code: "file.notReadable", file: path, what })
      : fail({ code: "file.notFound", file: path });
  }
}

/** The model in a file; external data is taken from the files beside it. Throws what `openModel` throws. */
export function readModel(path: string): OpenedModel {
  const model: NamedBytes = { name: basename(path), bytes: readBytes(path) };
  try {
    return openModel([model]);
  } catch (error) {
    if (!(error instanceof StudioError) || error.problem.code !== "model.externalMissing") throw error;
    const beside = error.problem.files.flatMap((name): NamedBytes[] => {
      try {
        return [{ name, bytes: new Uint8Array(readFileSync(join(dirname(path), name))) }];
      } catch {
        return [];
      }
    });
    return openModel([model, ...beside]);
  }
}
