import { describe, expect, it } from "vitest";
import {
  createView,
  preferredLanguage,
  select,
  selectAll,
  selectBack,
  selectBesides,
  selectForward,
  toggleSelected,
  type ViewStore,
} from "./view.ts";

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

  describe("with several selected", () => {
    const node = (id: string) => ({ kind: "node", id }) as const;
    const chosen = (view: ViewStore) => view.getState().together.map((s) => s.id);
    function walked(...ids: readonly string[]) {
      const view = createView(undefined, []);
      select(view, node("a"));
      for (const id of ids) selectBesides(view, node(id), "walk");
      return view;
    }

    it("arrows take further ones in, and on the way back out again", () => {
      const view = walked("b", "c");
      expect(chosen(view)).toEqual(["a", "b", "c"]);
      selectBesides(view, node("b"), "walk");
      expect(chosen(view)).toEqual(["a", "b"]);
      selectBesides(view, node("a"), "walk");
      expect(view.getState()).toMatchObject({ selection: node("a"), together: [] });
    });

    it("a click takes one in or out, wherever it stands", () => {
      const view = walked("b", "c");
      selectBesides(view, node("a"), "toggle");
      expect(chosen(view)).toEqual(["b", "c"]);
      selectBesides(view, { kind: "value", id: "v" }, "toggle");
      expect(view.getState()).toMatchObject({ selection: { kind: "value", id: "v" }, inspectorTab: "node" });
      expect(chosen(view)).toEqual(["b", "c", "v"]);
    });

    it("a rectangle takes in what is not selected yet", () => {
      const view = walked("b");
      selectAll(view, [node("b"), node("c"), node("d")]);
      expect(chosen(view)).toEqual(["a", "b", "c", "d"]);
    });

    it("selecting one alone ends it, and so does going back", () => {
      const view = walked("b");
      select(view, node("b"));
      expect(view.getState()).toMatchObject({ selection: node("b"), together: [] });
      selectBesides(view, node("c"), "toggle");
      select(view, node("d"));
      selectBack(view);
      expect(view.getState()).toMatchObject({ selection: node("c"), together: [] });
    });

    it("Space takes the last out, one after another, and the very last back in", () => {
      const view = walked("b", "c");
      toggleSelected(view);
      expect(chosen(view)).toEqual(["a", "b"]);
      toggleSelected(view);
      toggleSelected(view);
      expect(view.getState().selection).toBeUndefined();
      toggleSelected(view);
      expect(view.getState().selection).toEqual(node("a"));
    });
  });
});
