import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { KernelRefusal } from "../../src/core/base/problem.ts";
import type { Model } from "../../src/core/ir/graph.ts";
import type { EspdlTarget } from "../../src/core/targets/target.ts";
import { chipSupport } from "../../src/engine/esp/chip-support.ts";
import type { Sample } from "../../src/engine/esp/place/observe-samples.ts";
import { atDimsOf } from "../../src/engine/esp/place/offline-samples.ts";
import { openModel } from "../../src/engine/open-model.ts";
import type { Runtime } from "../../src/engine/ports.ts";
import { goldenModel } from "../../test/golden.ts";
import { sharedData } from "../../test/shared-data.ts";
import { sharedModels, sharedSamples } from "./shared-samples.ts";

/** A model that is measured, with the data to do it. */
export interface ChipSubject {
  readonly name: string;
  /** Dims as the samples have them. */
  readonly model: Model;
  readonly samples: readonly Sample[];
  /** Where the samples come from. */
  readonly said: string;
  /** Into how many parts the samples are divided, and how many of these are held back in turn. */
  readonly parts: number;
  readonly measured: number;
}

/** A model to be opened when its turn comes. */
export interface SubjectSource {
  readonly name: string;
  open(runtime: Runtime): Promise<ChipSubject>;
}

/** Every golden model, every shared one, and nothing of what is absent. */
export function subjectSources(): SubjectSource[] {
  const golden = sharedData("espdl/golden");
  const models = sharedData("models");
  return [
    ...(golden ? readdirSync(golden).sort() : []).map(
      (name): SubjectSource => ({
        name,
        open: () => {
          const { model, samples } = goldenModel(join(golden ?? "", name));
          const said = "its calibration data";
          return Promise.resolve({ name, model, samples, said, parts: 4, measured: 4 });
        },
      }),
    ),
    ...sharedModels().map((path): SubjectSource => {
      const name = relative(models ?? "", path).replace(/\.onnx$/, "");
      return { name, open: (runtime) => sharedSubject(name, path, runtime) };
    }),
  ];
}

/** Each half of the data is held back once: its stretches are from the same clips as the other half's. */
async function sharedSubject(name: string, path: string, runtime: Runtime): Promise<ChipSubject> {
  const opened = openModel([{ name: basename(path), bytes: new Uint8Array(readFileSync(path)) }]);
  const { samples, said } = await sharedSamples(opened, runtime);
  const model = atDimsOf(opened.normalized, samples[0] ?? {});
  return { name, model, samples, said, parts: 2, measured: 2 };
}

/** What the chip does not run of a model, each operator with its reason once; nothing if it runs all. */
export function refusalsOf(model: Model, target: EspdlTarget, bits: 8 | 16): string[] {
  const refused = chipSupport(model, target, bits).flatMap(({ op, refused }): [string, KernelRefusal][] =>
    refused ? [[op, refused]] : [],
  );
  return [...new Set(refused.map(([op, reason]) => `${op} (${reason})`))];
}
