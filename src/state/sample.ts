import type { NamedBlob } from "../worker/protocol.ts";
import { openFiles } from "./open-files.ts";
import { runAll } from "./replay.ts";
import type { Studio } from "./studio.ts";

/** One sample project of `samples/index.json`; paths are relative to that folder. */
export interface Sample {
  readonly id: string;
  readonly model: string;
  readonly plan?: string;
  readonly clips: readonly string[];
}

const FOLDER = "samples";

/** Opens the first sample project and runs the whole job on it. */
export async function trySample(studio: Studio): Promise<boolean> {
  const index = await readIndex(studio);
  const [sample] = index;
  if (!sample) return false;
  const paths = [sample.model, ...(sample.plan === undefined ? [] : [sample.plan]), ...sample.clips];
  const files = await Promise.all(paths.map((path) => readFile(studio, path)));
  await openFiles(studio, files);
  return runAll(studio);
}

async function readIndex(studio: Studio): Promise<readonly Sample[]> {
  const blob = await studio.fetchAsset(`${FOLDER}/index.json`);
  const index = JSON.parse(await blob.text()) as { readonly samples: readonly Sample[] };
  return index.samples;
}

async function readFile(studio: Studio, path: string): Promise<NamedBlob> {
  return { name: path.split("/").at(-1) ?? path, blob: await studio.fetchAsset(`${FOLDER}/${path}`) };
}
