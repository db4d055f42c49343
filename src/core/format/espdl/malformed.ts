import type { FileDetail } from "../../base/detail.ts";
import { fail } from "../../base/problem.ts";

/** Throws `model.malformed`: what is wrong at this offset of the file. */
export function malformed(offset: number, what: FileDetail): never {
  return fail({ code: "model.malformed", offset, what });
}
