import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { toStreaming } from "../src/core/stream/streaming-model.ts";
import { analyse } from "../src/engine/analyse.ts";
import { openModel } from "../src/engine/open-model.ts";
import { sharedData } from "../test/shared-data.ts";
import { type Bench, cpuSeconds, type Measurement } from "./bench.ts";

const GOAL_SECONDS = 0.5;

/** The largest graph of the shared models, as torch wrote it, and the largest of those that are offline forms. */
const LARGEST = "models/Xiaobin-Rong__gtcrn/gtcrn.onnx";
const LARGEST_OFFLINE = "models/Xiaobin-Rong__gtcrn/exports/gtcrn_offline_op17_dynT.onnx";

export const conversion: Bench = {
  name: "From the bytes of a real model to its streaming form",
  run() {
    return Promise.resolve([
      ...measured(LARGEST, "read, normal form, time axes, facts", (bytes, name) => {
        const opened = openModel([{ name, bytes }]);
        analyse(opened);
        return opened.original.graph.nodes.length;
      }),
      ...measured(LARGEST_OFFLINE, "the same, and the streaming graph", (bytes, name) => {
        const opened = openModel([{ name, bytes }]);
        const { stream } = analyse(opened, { mix: 2 });
        toStreaming(opened.normalized, stream, { chunk: stream.minimalChunk });
        return opened.original.graph.nodes.length;
      }),
    ]);
  },
};

/** Nothing where the shared models are absent. */
function measured(
  path: string,
  what: string,
  work: (bytes: Uint8Array, name: string) => number,
): Measurement[] {
  const file = sharedData(path);
  if (file === undefined) return [];
  const bytes = new Uint8Array(readFileSync(file));
  let nodes = 0;
  const seconds = cpuSeconds(5, () => {
    nodes = work(bytes, basename(file));
  });
  return [
    {
      what: `${nodes} nodes: ${what}, CPU s`,
      value: seconds.toFixed(3),
      goal: { text: `≤ ${GOAL_SECONDS}`, met: seconds <= GOAL_SECONDS },
    },
  ];
}
