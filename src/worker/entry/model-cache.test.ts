import { expect, it } from "vitest";
import { externalModel } from "../../../test/external-model.ts";
import { ModelCache } from "./model-cache.ts";

/** y = x + w with its one weight in a file beside it. */
function source(weight: number, opening: number) {
  const file = (name: string, bytes: Uint8Array) => ({
    name,
    blob: new Blob([bytes as Uint8Array<ArrayBuffer>]),
  });
  const weights = new Uint8Array(Float32Array.of(weight).buffer);
  return { files: [file("m.onnx", externalModel(["w.bin"])), file("w.bin", weights)], opening };
}

it("takes the weights of the present opening, though the model's own file is the same", async () => {
  const models = new ModelCache();
  const weightOf = async (weight: number, opening: number, sha256?: string) => {
    const opened = await models.get({ ...source(weight, opening), ...(sha256 && { sha256 }) });
    const bytes = opened.externals.get("w.bin") ?? new Uint8Array(4);
    return { opened, weight: new Float32Array(bytes.slice().buffer)[0] };
  };
  const first = await weightOf(1, 1);
  expect(first.weight).toBe(1);
  const { sha256 } = first.opened;
  expect((await weightOf(1, 1, sha256)).opened).toBe(first.opened);
  expect((await weightOf(2, 2, sha256)).weight).toBe(2);
});
