import { expect, test } from "vitest";
import { analyse, GraphSketch, integers, must, runSteps, stackSteps } from "../../../test/stream-lab.ts";
import { floats, floatTensor } from "../ir/tensor.ts";
import { toStreaming } from "./streaming-model.ts";

const WINDOW = 512;
const HOP = 256;
const FRAMES = 12;

/** Periodic square-root Hann: its squares, a hop apart, add up to 1. */
const window = Float64Array.from({ length: WINDOW }, (_, n) => Math.sin((Math.PI * n) / WINDOW));

test.each([1, 2, 3])(
  "T70 overlap-add of 512/256 frames behind a square-root Hann: interior exact, edges listed, chunk %i",
  async (chunk) => {
    const signal = floats(integers(11, [1, 1, (FRAMES - 1) * HOP + WINDOW], 100));
    const frames = new Float32Array(WINDOW * FRAMES);
    for (let t = 0; t < FRAMES; t++)
      for (let n = 0; n < WINDOW; n++) frames[n * FRAMES + t] = (signal[t * HOP + n] ?? 0) * (window[n] ?? 0);
    const diagonal = new Float32Array(WINDOW * WINDOW);
    for (let n = 0; n < WINDOW; n++) diagonal[n * WINDOW + n] = window[n] ?? 0;

    const g = new GraphSketch();
    const x = g.input("x", [1, WINDOW, "T"]);
    const weight = g.constant("w", floatTensor(diagonal, [WINDOW, 1, WINDOW]));
    const model = g.model([g.op("ConvTranspose", [x, weight], { strides: [HOP] }, "y")]);
    const { model: streaming } = toStreaming(model, analyse(model, { x: 2 }), { chunk });
    const [port] = streaming.outputs;
    expect(port).toMatchObject({ delay: 0, framesPerStep: chunk * HOP });

    const feeds = { x: floatTensor(frames, [1, WINDOW, FRAMES]) };
    const steps = await runSteps(model, streaming.modules, feeds, FRAMES / chunk);
    const stacked = stackSteps(steps, "y");
    expect(stacked.dims).toEqual([FRAMES / chunk, 1, 1, chunk * HOP]);
    const y = floats(stacked);
    const wrong = Array.from(y.keys()).filter(
      // Two products and one sum in float32, of numbers up to 100.
      (i) => Math.abs((y[i] ?? 0) - (signal[i] ?? 0)) > 1e-5 * Math.max(1, Math.abs(signal[i] ?? 0)),
    );
    // One window reaches the first hop: those samples alone are not the signal, but for its zeros.
    const edge = Array.from({ length: HOP }, (_, i) => i).filter((i) => signal[i] !== 0);
    expect(wrong).toEqual(edge);
    expect(must(y.at(-1))).toBeCloseTo(must(signal[y.length - 1]), 3);
  },
);
