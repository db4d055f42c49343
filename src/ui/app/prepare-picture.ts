import type { ModelSummary } from "../../engine/reports.ts";
import { allNodes } from "../../state/select/all-nodes.ts";
import { groupsOf, openSet } from "../../state/select/groups.ts";
import { NO_BODIES } from "../../state/view.ts";
import { sceneOf } from "../graph/measured-scene.ts";
import { typesOf } from "../graph/search.ts";
import { stopsOf } from "../graph/stops.ts";

/** Smaller models are shown within a frame or two anyway. */
const LARGE = 500;

/**
 * Finds what the first look at a model asks for, each part a task of its own, so that the page stays awake. Everything is
 * kept per model: the screen finds it made.
 */
export async function preparePicture(summary: ModelSummary): Promise<void> {
  if (summary.nodes.length < LARGE) return;
  const parts = [
    () => allNodes(summary),
    () => groupsOf(summary),
    () => stopsOf(summary),
    () => typesOf(summary),
    () => sceneOf(summary, firstLook(summary)),
  ];
  for (const find of parts) {
    await nextTask();
    find();
  }
  await nextTask();
}

/** What is open when a model has just been opened. */
function firstLook(summary: ModelSummary) {
  const open = openSet(summary, { openGroups: "auto" });
  return { groups: groupsOf(summary), open, bodies: NO_BODIES };
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
