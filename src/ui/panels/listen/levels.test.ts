import { describe, expect, it } from "vitest";
import type { Track, TrackId } from "../../../engine/listen/listen.ts";
import { gainOf, levelDb } from "./levels.ts";

const track = (id: TrackId, rms: number, peak = 3 * rms): Track => ({
  id,
  samples: new Float32Array(),
  rms,
  peak,
});

describe("gainOf", () => {
  const offline = track("offline", 0.1);
  it("brings every track to the float model's loudness, if asked to", () => {
    const quiet = track("quantized", 0.02);
    expect(gainOf(quiet, [offline, quiet], true)).toBeCloseTo(5, 12);
    expect(gainOf(quiet, [offline, quiet], false)).toBe(1);
    expect(gainOf(offline, [offline, quiet], true)).toBe(1);
  });

  it("never cuts samples off, and leaves silence alone", () => {
    const peaky = track("difference", 0.001, 0.5);
    expect(gainOf(peaky, [offline, peaky], true)).toBe(2);
    expect(gainOf(track("difference", 0), [offline], true)).toBe(1);
    expect(levelDb(offline)).toBeCloseTo(-20, 12);
  });
});
