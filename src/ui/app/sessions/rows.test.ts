import { expect, it } from "vitest";
import { EMPTY_PLAN } from "../../../state/document.ts";
import { begin, commit } from "../../../state/history.ts";
import type { SavedSession } from "../../../state/sessions/saved-session.ts";
import { deeds } from "./rows.ts";

const texts = (progress: Partial<SavedSession["progress"]>, edits = 0) => {
  let history: SavedSession["history"] = begin(EMPTY_PLAN);
  for (let i = 0; i < edits; i++) {
    history = commit(history, { ...EMPTY_PLAN, chunk: i + 2 }, { edit: "chunk" });
  }
  return deeds({ history, progress: { ops: 3, ...progress } }).map(({ text, params }) => [text, params]);
};

it("tells the last thing that was done, after the number of decisions", () => {
  expect(texts({})).toEqual([["sessions.did.opened", {}]]);
  expect(texts({ calibratedClips: 2 }, 3)).toEqual([
    ["sessions.did.edited", { n: 3 }],
    ["sessions.did.calibrated", { n: 2 }],
  ]);
  expect(texts({ calibratedClips: 2, sqnrDb: -1.25 })).toEqual([["sessions.did.compared", { db: "−1.3" }]]);
  expect(texts({ sqnrDb: 30, verified: true })).toEqual([["sessions.did.verified", {}]]);
});
