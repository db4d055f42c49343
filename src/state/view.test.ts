import { describe, expect, it } from "vitest";
import { createView, preferredLanguage, select, selectBack, selectForward } from "./view.ts";

function storage(initial?: string) {
  const kept = new Map<string, string>(initial === undefined ? [] : [["rill.view", initial]]);
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

describe("the view", () => {
  it("takes the language from the browser, Chinese of any kind as Simplified Chinese", () => {
    expect(preferredLanguage(["zh-TW", "en"])).toBe("zh-CN");
    expect(preferredLanguage(["fr", "zh-CN"])).toBe("zh-CN");
    expect(preferredLanguage(["fr", "en-GB", "zh"])).toBe("en");
    expect(preferredLanguage(["de"])).toBe("en");
  });

  it("keeps preferences between visits, but not what belongs to a model", () => {
    const disk = storage();
    const first = createView(disk, ["en"]);
    first.setState({ language: "zh-CN", theme: "dark", drawerHeight: 411 });
    select(first, { kind: "node", id: "n" });
    const second = createView(disk, ["en"]).getState();
    expect(second).toMatchObject({ language: "zh-CN", theme: "dark", drawerHeight: 411 });
    expect(second.selection).toBeUndefined();
  });

  it("starts fresh from preferences that it cannot read", () => {
    for (const broken of ["{", "null", '{"version":0,"view":{"theme":"dark"}}', '{"version":1}']) {
      expect(createView(storage(broken), []).getState().theme).toBe("system");
    }
  });

  it("walks back and forward through selections", () => {
    const view = createView(undefined, []);
    const ids = () => view.getState().selection?.id;
    for (const id of ["a", "b", "b", "c"]) select(view, { kind: "value", id });
    selectBack(view);
    selectBack(view);
    expect(ids()).toBe("a");
    selectBack(view);
    expect(ids()).toBe("a");
    selectForward(view);
    expect(ids()).toBe("b");
    select(view, { kind: "node", id: "d" });
    selectForward(view);
    expect(ids()).toBe("d");
    expect(view.getState().inspectorTab).toBe("node");
  });
});
