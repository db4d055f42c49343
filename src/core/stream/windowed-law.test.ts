import { describe, expect, test } from "vitest";
import { windowedLaw } from "./windowed-law.ts";

// [name, k, dilation, stride, padStart, delay, history, extra, carried, delayOut]
const TABLE = [
  ["W01 pointwise", 1, 1, 1, 0, 0, 0, 0, 0, 0],
  ["W02 causal", 3, 1, 1, 2, 0, 2, 0, 2, 0],
  ["W03 same", 3, 1, 1, 1, 0, 2, 0, 2, 1],
  ["W04 anticausal", 3, 1, 1, 0, 0, 2, 0, 2, 2],
  ["W05 valid", 3, 1, 1, 0, 0, 2, 0, 2, 2],
  ["W06 dilated causal", 3, 4, 1, 8, 0, 8, 0, 8, 0],
  ["W07 dilated same", 3, 2, 1, 2, 0, 4, 0, 4, 2],
  ["W08 same after same", 5, 1, 1, 2, 2, 4, 0, 4, 4],
  ["W09 same after delay", 3, 1, 1, 1, 2, 2, 0, 2, 3],
  ["W10 semicausal", 4, 1, 2, 2, 0, 2, 0, 2, 0],
  ["W11 causal strided", 4, 1, 2, 3, 0, 3, 0, 3, 0],
  ["W12 k3 s2 pads(1,1)", 3, 1, 2, 1, 0, 1, 0, 1, 0],
  ["W13 odd delay", 3, 1, 2, 1, 1, 2, 0, 2, 1],
  ["W14 odd delay, even kernel", 4, 1, 2, 1, 1, 2, 0, 2, 1],
  ["W15 k8 s4 pads(4,0)", 8, 1, 4, 4, 0, 4, 0, 4, 0],
  ["W16 k8 s4 pads(7,0)", 8, 1, 4, 7, 0, 7, 0, 7, 0],
  ["W17 k15 s6 pads(9,5)", 15, 1, 6, 9, 0, 9, 0, 9, 0],
  ["W18 k1 s2", 1, 1, 2, 0, 0, 0, 0, 0, 0],
  ["W19 k1 s2 odd delay: phase skip", 1, 1, 2, 0, 1, -1, 0, -1, 0],
  ["W20 k2 s3", 2, 1, 3, 0, 1, -1, 0, -1, 0],
  ["W21 k2 s3 pads(1,0)", 2, 1, 3, 1, 1, 0, 0, 0, 0],
  ["W22 over-padded", 3, 1, 1, 4, 0, 2, 2, 4, 0],
  ["W23 over-padded strided", 3, 1, 3, 5, 0, 2, 3, 5, 0],
  ["W24 dilated strided delayed", 3, 2, 2, 4, 3, 3, 0, 3, 1],
  ["W25 pool k2 s2", 2, 1, 2, 0, 0, 0, 0, 0, 0],
  ["W26 pool k3 s2 pads(1,1)", 3, 1, 2, 1, 0, 1, 0, 1, 0],
  ["W27 pool k2 s2 odd delay", 2, 1, 2, 0, 1, 1, 0, 1, 1],
  ["W28 pool k4 s4", 4, 1, 4, 0, 0, 0, 0, 0, 0],
  ["W29 pool k4 pads(3,0)", 4, 1, 1, 3, 0, 3, 0, 3, 0],
  ["W30 STFT 512/256 centred", 512, 1, 256, 256, 0, 256, 0, 256, 0],
  ["W31 STFT 512/128 centred", 512, 1, 128, 256, 0, 384, 0, 384, 1],
  ["W32 STFT 400/160", 400, 1, 160, 0, 0, 320, 0, 320, 2],
  ["W33 STFT 400/160 centred", 400, 1, 160, 200, 0, 360, 0, 360, 1],
] as const;

describe("windowedLaw", () => {
  test.each(TABLE)("%s", (_, k, dilation, stride, padStart, delay, history, extra, carried, delayOut) => {
    const kernel = dilation * (k - 1) + 1;
    expect(windowedLaw({ kernel, stride, padStart, delay })).toEqual({ history, extra, carried, delayOut });
  });

  test("every window reads the frames that offline reads", () => {
    for (let kernel = 1; kernel <= 7; kernel++)
      for (let stride = 1; stride <= 4; stride++)
        for (let padStart = -2; padStart <= 9; padStart++)
          for (let delay = 0; delay <= 5; delay++) {
            const plan = windowedLaw({ kernel, stride, padStart, delay });
            // Physical output p starts at physical input p·stride − carried; its logical twin starts where offline does.
            const logicalStart = -plan.carried - delay;
            expect(logicalStart + plan.delayOut * stride + padStart).toBe(0);
            const outputs = (frames: number) => Math.floor((frames + plan.history - kernel) / stride) + 1;
            expect(outputs(stride * 3)).toBe(3);
          }
  });
});
