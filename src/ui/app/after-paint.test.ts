import { expect, test } from "vitest";
import { createAfterPaint } from "./after-paint.ts";

/** A page whose frames and clock the test moves. */
function page() {
  let frames: (() => void)[] = [];
  let timers: (() => void)[] = [];
  const taken = (from: "frames" | "timers") => {
    const now = from === "frames" ? frames : timers;
    if (from === "frames") frames = [];
    else timers = [];
    for (const callback of now) callback();
  };
  return {
    afterPaint: createAfterPaint({
      nextFrame: (callback) => frames.push(callback),
      later: (callback) => timers.push(callback),
    }),
    frame: () => taken("frames"),
    wait: () => taken("timers"),
  };
}

test("what waits comes once, together, with the frame behind the present one", () => {
  const { afterPaint, frame } = page();
  const calls: string[] = [];
  const first = () => calls.push("first");
  afterPaint(first);
  afterPaint(first);
  afterPaint(() => calls.push("second"));
  frame();
  expect(calls).toEqual([]);
  frame();
  expect(calls).toEqual(["first", "second"]);
  frame();
  expect(calls).toEqual(["first", "second"]);
});

test("a hidden page paints nothing, and what waits comes all the same, once", () => {
  const { afterPaint, frame, wait } = page();
  let calls = 0;
  afterPaint(() => calls++);
  wait();
  expect(calls).toBe(1);
  frame();
  frame();
  expect(calls).toBe(1);
});

test("what is asked for meanwhile waits for a frame of its own", () => {
  const { afterPaint, frame } = page();
  const calls: string[] = [];
  afterPaint(() => {
    calls.push("outer");
    afterPaint(() => calls.push("inner"));
  });
  frame();
  frame();
  expect(calls).toEqual(["outer"]);
  frame();
  frame();
  expect(calls).toEqual(["outer", "inner"]);
});
