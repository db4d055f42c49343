import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../state/commands/list.ts";
import { GRAPH_KEYS } from "../graph/graph-key-list.ts";
import { graphAction } from "../graph/graph-keys.ts";

const press = (chord: string) => {
  const parts = chord.split("+").filter((p) => p !== "");
  const last = parts.at(-1) ?? "";
  const key = chord === "+" ? "+" : last === "Space" ? " " : last;
  return {
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: parts.includes("Shift"),
    isComposing: false,
  };
};

describe("the keys of the graph", () => {
  it("all do something", () => {
    for (const { keys } of GRAPH_KEYS)
      for (const chord of keys) expect(graphAction(press(chord), "on"), chord).toBeDefined();
  });

  it("are all listed, in the graph's rows or as a command", () => {
    const listed = new Set<string>([...GRAPH_KEYS, ...COMMANDS].flatMap(({ keys }) => [...keys]));
    const same: Readonly<Record<string, string>> = { "=": "+" };
    for (const key of "abcdefghijklmnopqrstuvwxyz0123456789+-=[]?/") {
      const plain = graphAction(press(key), "on");
      if (plain) expect(listed.has(same[key] ?? key), key).toBe(true);
      if (!/[a-z]/.test(key)) continue;
      const shifted = graphAction(press(`Shift+${key}`), "on");
      // A letter whose Shift changes nothing needs no row of its own.
      if (JSON.stringify(shifted) !== JSON.stringify(plain))
        expect(listed.has(`Shift+${key}`), key).toBe(true);
    }
  });
});
