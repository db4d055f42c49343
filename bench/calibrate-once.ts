import { sliceAxis } from "../src/core/ir/axis.ts";
import { analyse } from "../src/engine/analyse.ts";
import { calibrate } from "../src/engine/calibrate.ts";
import type { ClipReader } from "../src/engine/clip-reader.ts";
import { SILENT_JOB } from "../src/engine/ports.ts";
import { createRuntime } from "../src/runtime/ort.ts";
import { wallSeconds } from "./bench.ts";
import { FRAMES_PER_SECOND, INPUT, sampleTcn, sweep } from "./sample-tcn.ts";

/*
 * One calibration in a process of its own, because the peak memory of a process never falls.
 * Argument: minutes of features. Prints {seconds, peakBytes}.
 */

const PERIOD_FRAMES = 8192;
const pattern = sweep(0, PERIOD_FRAMES);

/** Features that repeat a pattern, made as they are read: the reader holds one block, as a reader of audio does. */
function endless(frames: number): ClipReader {
  let at = 0;
  return {
    file: "generated",
    frames,
    seconds: frames / FRAMES_PER_SECOND,
    rewind: () => {
      at = 0;
    },
    read(count) {
      const from = at % PERIOD_FRAMES;
      const length = Math.min(count, frames - at, PERIOD_FRAMES - from);
      at += length;
      return Promise.resolve(
        length === 0 ? undefined : { [INPUT]: sliceAxis(pattern, 2, from, from + length) },
      );
    },
  };
}

const minutes = Number(process.argv[2]);
const opened = sampleTcn();
const analysis = analyse(opened).stream;
const clips = [endless(minutes * 60 * FRAMES_PER_SECOND)];
const seconds = await wallSeconds(() =>
  calibrate({ opened, analysis, chunk: 1, clips }, createRuntime(), SILENT_JOB),
);
console.log(JSON.stringify({ seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }));
