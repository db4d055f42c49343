import { describe, expect, test } from "vitest";
import { StudioError } from "../core/base/problem.ts";
import { countOf, type OptionKind, onlyPositional, readArguments } from "./arguments.ts";
import { PLAN_OPTIONS } from "./plan-options.ts";
import { rill } from "./rill.ts";

const KINDS: Readonly<Record<string, OptionKind>> = {
  data: "list",
  axis: "values",
  chunk: "value",
  output: "value",
  json: "flag",
};

const refusal = (words: string[]): string => {
  try {
    onlyPositional(readArguments(words, KINDS), "MODEL");
    return "accepted";
  } catch (error) {
    if (error instanceof StudioError && error.problem.code === "cli.usage") return error.problem.what;
    throw error;
  }
};

describe("command line", () => {
  test("help names every option that decides a plan", async () => {
    let help = "";
    const out = (text: string) => {
      help += text;
    };
    await rill(["--help"], { out, err: out });
    for (const name of Object.keys(PLAN_OPTIONS)) expect(help).toContain(`--${name}`);
  });

  test("a list takes every word up to the next option", () => {
    const args = readArguments(
      ["m.onnx", "--data", "a.wav", "b", "--chunk", "4", "--json", "-o", "out"],
      KINDS,
    );
    expect(args.positionals).toEqual(["m.onnx"]);
    expect(args.values("data")).toEqual(["a.wav", "b"]);
    expect(args.value("chunk")).toBe("4");
    expect(args.value("output")).toBe("out");
    expect(args.flag("json")).toBe(true);
  });

  test("the short form of the output takes its value in every way", () => {
    for (const words of [["-o", "out"], ["-oout"], ["-o=out"], ["--output=out"]])
      expect(readArguments(words, { output: "value" }).value("output")).toBe("out");
  });

  test("the model may also come after an option with one value", () => {
    const args = readArguments(["--axis", "x=2", "--axis", "y=1", "m.onnx", "--data=a.wav"], KINDS);
    expect(onlyPositional(args, "MODEL")).toBe("m.onnx");
    expect(args.values("axis")).toEqual(["x=2", "y=1"]);
    expect(args.values("data")).toEqual(["a.wav"]);
  });

  test("what does not fit is named", () => {
    expect(refusal([])).toBe("MODEL is missing");
    expect(refusal(["a", "b"])).toBe("unexpected word b");
    expect(refusal(["a", "--chunks", "2"])).toBe("unknown option --chunks");
    expect(refusal(["a", "--chunk"])).toBe("--chunk needs a value");
    expect(refusal(["a", "--chunk", "--json"])).toBe("--chunk needs a value");
    expect(refusal(["a", "--json=yes"])).toBe("--json takes no value");
    expect(refusal(["a", "--chunk", "1", "--chunk", "2"])).toBe("--chunk is given twice");
    expect(() => countOf("1.5", "--chunk")).toThrow();
    expect(() => countOf("0", "--chunk")).toThrow();
    expect(countOf("12", "--chunk")).toBe(12);
  });
});
