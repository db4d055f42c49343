import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { begin, commit, HISTORY_DEPTH, type History, redo, undo } from "./history.ts";

type H = History<{ readonly n: number }, string>;

const edits = fc.array(
  fc.record({ n: fc.nat(), group: fc.option(fc.constantFrom("a", "b"), { nil: undefined }) }),
  {
    maxLength: 30,
  },
);
const built = edits.map((list) =>
  list.reduce<H>((h, { n, group }) => commit(h, { n }, `edit ${n}`, group), begin({ n: 0 })),
);
const repeat = (h: H, times: number, step: (h: H) => H) => {
  let result = h;
  for (let i = 0; i < times; i++) result = step(result);
  return result;
};

describe("history", () => {
  it("comes back: redo n times after undo n times", () => {
    fc.assert(
      fc.property(built, fc.nat({ max: 40 }), (h, wanted) => {
        const n = Math.min(wanted, h.past.length);
        const back = repeat(repeat(h, n, undo), n, redo);
        expect(back.past).toEqual(h.past);
        expect(back.present).toBe(h.present);
        expect(back.future).toEqual(h.future);
      }),
    );
  });

  it("undoes to the first document, whatever was edited", () => {
    fc.assert(
      fc.property(built, (h) => {
        expect(repeat(h, h.past.length + 1, undo).present.n).toBe(0);
      }),
    );
  });

  it("forgets the future on a new edit", () => {
    const h = commit(undo(commit(begin<{ n: number }, string>({ n: 0 }), { n: 1 }, "one")), { n: 2 }, "two");
    expect(h.future).toEqual([]);
    expect(h.past.map((s) => s.label)).toEqual(["two"]);
  });

  it("joins edits of one group, until an undo ends it", () => {
    const slide = (h: H, n: number) => commit(h, { n }, "slide", "slider");
    const dragged = [1, 2, 3].reduce<H>(slide, begin({ n: 0 }));
    expect(dragged.past).toHaveLength(1);
    expect(undo(dragged).present.n).toBe(0);
    expect(slide(undo(dragged), 5).past).toHaveLength(1);
  });

  it("keeps a bounded number of steps", () => {
    const h = repeat(begin({ n: 0 }), HISTORY_DEPTH + 50, (x) => commit(x, { n: x.present.n + 1 }, "more"));
    expect(h.past).toHaveLength(HISTORY_DEPTH);
  });
});
