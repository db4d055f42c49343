import { StudioError } from "../core/base/problem.ts";
import type { NamedBlob } from "../worker/protocol.ts";
import { openFiles } from "./open-files.ts";
import { runAll } from "./replay.ts";
import type { Sample } from "./session.ts";
import type { Studio } from "./studio.ts";

const FOLDER = "samples";

/** Reads which sample projects there are. A page without samples has none to offer. */
export async function loadSamples(studio: Studio): Promise<void> {
  try {
    studio.session.setState({ samples: await readIndex(studio) });
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
  }
}

/** Opens a sample project, the first one without an id, and runs the whole job on it. True if a package came out. */
export async function trySample(studio: Studio, id?: string): Promise<boolean> {
  const { session } = studio;
  const before = session.getState();
  session.setState({ replaying: true });
  try {
    const samples = await readIndex(studio);
    const sample = samples.find((s) => id === undefined || s.id === id);
    if (!sample) return false;
    const files = await readSample(studio, sample);
    // What was opened meanwhile is wanted more.
    const { model, opening } = session.getState();
    if (model !== before.model || opening !== before.opening) return false;
    session.setState({ clips: [] });
    await openFiles(studio, files, sample.id);
    return await runAll(studio);
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    session.setState({ notices: [error.problem] });
    return false;
  } finally {
    session.setState({ replaying: false });
  }
}

/** The files of a sample project: model, plan, clips. */
async function readSample(studio: Studio, sample: Sample): Promise<readonly NamedBlob[]> {
  const paths = [sample.model, ...(sample.plan === undefined ? [] : [sample.plan]), ...sample.clips];
  return Promise.all(paths.map((path) => readFile(studio, path)));
}

/** The files of the sample project of that id; none if the page has no such sample. */
export async function sampleFiles(studio: Studio, id: string): Promise<readonly NamedBlob[]> {
  const sample = (await readIndex(studio)).find((s) => s.id === id);
  return sample ? readSample(studio, sample) : [];
}

async function readIndex(studio: Studio): Promise<readonly Sample[]> {
  const blob = await studio.fetchAsset(`${FOLDER}/index.json`);
  const index = JSON.parse(await blob.text()) as { readonly samples: readonly Sample[] };
  return index.samples;
}

async function readFile(studio: Studio, path: string): Promise<NamedBlob> {
  return { name: path.split("/").at(-1) ?? path, blob: await studio.fetchAsset(`${FOLDER}/${path}`) };
}
