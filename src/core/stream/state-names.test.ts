import { describe, expect, test } from "vitest";
import { matchNames } from "./state-names.ts";

describe("names of one state before and after a step", () => {
  test.each([
    ["conv_cache", "conv_cache_out"],
    ["cache", "new_cache"],
    ["cache_in", "cache_out"],
    ["in_cache0", "out_cache0"],
    ["tcn_cache_1_0", "tcn_cache_1_0_out"],
    ["h01", "hn1"],
    ["h0", "hn"],
    ["c0", "cn"],
    ["prev_state", "next_state"],
    ["state", "stateN"],
    ["vad_initial_h", "vad_gru_Y_h"],
    ["cached_len_0", "new_cached_len_0"],
    ["past_key_values.0.key", "present.0.key"],
    ["cache.conv1", "cache.conv1.next"],
    ["cache./act/Relu_output_0", "cache./act/Relu_output_0.next"],
  ])("%s → %s", (input, output) => expect(matchNames(input, output)).toBe("exact"));

  test("state k → state k + 1", () => {
    expect(matchNames("state_3", "state_4")).toBe("counted");
    expect(matchNames("state_3", "state_5")).toBeUndefined();
  });

  test.each([
    ["input", "output"],
    ["input_1", "output_1"],
    ["input.1", "output.2"],
    ["mix", "enh"],
    ["in_cache0", "out_cache1"],
    ["tcn_cache_1_0", "tcn_cache_2_0_out"],
    ["h01", "hn2"],
    ["state_out", "state_in"],
    ["x", "x"],
  ])("%s is not %s", (input, output) => expect(matchNames(input, output)).toBeUndefined());
});
