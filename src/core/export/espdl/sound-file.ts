import { encodeEspdlModel } from "../../format/espdl/encode-espdl.ts";
import type { EspdlModel } from "../../format/espdl/espdl-model.ts";
import { findFaults } from "../../format/espdl/find-faults.ts";

/** The bytes of a file that was written here. What the runtime's loader would crash on is a bug of the lowering: throws Error. */
export function soundFile(model: EspdlModel): Uint8Array {
  const faults = findFaults(model);
  if (faults.length > 0)
    throw new Error(
      `${model.graph.name}: ${faults.map((f) => `${f.where}: ${JSON.stringify(f.what)}`).join("; ")}`,
    );
  return encodeEspdlModel(model);
}
