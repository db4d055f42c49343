import { describe, expect, it } from "vitest";
import { chordOf, commandFor, isSingleKey } from "./chord.ts";
import { COMMANDS } from "./list.ts";

describe("commands", () => {
  it("have one id each, and no two share a key", () => {
    const ids = COMMANDS.map((c) => c.id);
    expect(new Set(ids).size).toBe(ids.length);
    const keys = COMMANDS.flatMap((c) => [...c.keys]);
    expect(keys.length).toBeGreaterThan(10);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("are spelled as a key press is", () => {
    const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
    const press = (key: string, more: Partial<typeof plain> = {}) => chordOf({ key, ...plain, ...more });
    expect(press("z", { ctrlKey: true })).toBe("Mod+z");
    expect(press("Z", { metaKey: true, shiftKey: true })).toBe("Mod+Shift+z");
    expect(press("?", { shiftKey: true })).toBe("?");
    expect(press("ArrowLeft", { altKey: true })).toBe("Alt+ArrowLeft");
    expect(commandFor(COMMANDS, press("Z", { ctrlKey: true, shiftKey: true }))?.id).toBe("redo");
    expect(commandFor(COMMANDS, press("4"))?.id).toBe("step.splits");
    expect([isSingleKey("c"), isSingleKey("Mod+c"), isSingleKey("Escape")]).toEqual([true, false, false]);
  });
});
