import { describe, expect, it } from "vitest";
import { shortName } from "./short-name.ts";

describe("shortName", () => {
  it("keeps what is short, and whole parts from the end of what is long", () => {
    expect(shortName("164")).toBe("164");
    expect(shortName("/layer/layer.0/depthwise/Conv_output_0")).toBe("…/layer.0/depthwise/Conv");
    expect(shortName("a".repeat(60)).length).toBeLessThanOrEqual(28);
  });
});
