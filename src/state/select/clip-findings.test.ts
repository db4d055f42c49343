import { expect, test } from "vitest";
import { inferFeatures } from "../../core/audio/infer-features.ts";
import type { ClipInspection } from "../../worker/protocol.ts";
import { clipFindings } from "./clip-findings.ts";

function clip(file: string, peak: number, rateHz = 16000): ClipInspection {
  const levels = { peak, clippedFraction: 0, silentFraction: 0 };
  const summary = {
    file,
    sha256: "",
    kind: "audio",
    rateHz,
    channels: 1,
    durationSeconds: 1,
    ...levels,
  } as const;
  return { file, summary };
}

test("silent, quiet and broken clips are named, good ones are not", () => {
  const broken = {
    code: "audio.malformed",
    file: "b",
    offset: 4,
    what: { code: "name", name: "data" },
  } as const;
  const findings = clipFindings(
    [clip("good", 0.5), clip("zero", 0), clip("soft", 0.001), clip("off", 0), { file: "b", problem: broken }],
    { features: {}, leftOut: new Set(["off"]) },
  );
  expect(findings.map(({ severity, problem }) => [severity, problem.code])).toEqual([
    ["warning", "audio.silent"],
    ["warning", "audio.quiet"],
    ["error", "audio.malformed"],
  ]);
  expect(findings[1]?.problem).toMatchObject({ file: "soft", peakDb: expect.closeTo(-60, 6) });
});

test("clips of other rates than the features want stand together in one line", () => {
  const raw = inferFeatures([1, "T"], 1).settings;
  const findings = clipFindings([clip("a", 1, 44100), clip("b", 1), clip("c", 1, 44100)], {
    features: { x: raw },
    leftOut: new Set(),
  });
  expect(findings).toEqual([
    {
      severity: "info",
      problem: { code: "audio.resampled", files: ["a", "c"], rateHz: 44100, needRateHz: raw.rateHz },
    },
  ]);
});
