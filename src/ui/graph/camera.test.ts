import { afterEach, describe, expect, test, vi } from "vitest";
import { Camera } from "./camera.ts";
import { centreOn, toScreen } from "./viewport.ts";

const FAR = { scale: 2, panX: -300, panY: 40 };

function cameraOf({ lessMotion }: { readonly lessMotion: boolean }) {
  vi.stubGlobal("matchMedia", () => ({ matches: lessMotion }));
  const told: string[] = [];
  const camera = new Camera({
    moved: () => told.push("moved"),
    gliding: (is) => told.push(is ? "sets out" : "rests"),
  });
  camera.resize({ width: 400, height: 300 });
  return { camera, told };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a glide", () => {
  test("ends exactly at its goal, asks for a frame until then, and tells once when it sets out and when it rests", () => {
    const { camera, told } = cameraOf({ lessMotion: false });
    camera.glideTo(FAR);
    const start = performance.now();
    expect(camera.goal).toEqual(FAR);
    camera.advance(start + 1);
    expect(camera.view).not.toEqual(FAR);
    camera.advance(start + 10_000);
    expect(camera.view).toEqual(FAR);
    camera.advance(start + 20_000);
    expect(told).toEqual(["sets out", "moved", "moved", "rests"]);
  });

  test("ends with its goal in the middle though the pane changes its size meanwhile", () => {
    const { camera } = cameraOf({ lessMotion: false });
    const point = { x: 700, y: -50 };
    camera.glideTo(centreOn(point, camera.size, 2));
    camera.advance(performance.now() + 1);
    camera.resize({ width: 640, height: 120 });
    camera.advance(performance.now() + 10_000);
    expect(toScreen(camera.view, point)).toEqual({ x: 320, y: 60 });
  });

  test("is left where somebody takes the view elsewhere", () => {
    const { camera, told } = cameraOf({ lessMotion: false });
    const here = { scale: 1, panX: 5, panY: 5 };
    camera.glideTo(FAR);
    camera.jumpTo(here);
    camera.advance(performance.now() + 10_000);
    expect(camera.view).toEqual(here);
    expect(told.filter((t) => t !== "moved")).toEqual(["sets out", "rests"]);
  });

  test("is a jump for those who want less motion", () => {
    const { camera, told } = cameraOf({ lessMotion: true });
    camera.glideTo(FAR, { whole: true });
    expect(camera.view).toEqual(FAR);
    expect(camera.showsWhole).toBe(true);
    expect(told).toEqual(["moved"]);
  });
});

test("the whole is shown until somebody moves the view", () => {
  const { camera } = cameraOf({ lessMotion: false });
  camera.jumpTo(FAR, { whole: true });
  camera.resize({ width: 200, height: 100 });
  expect(camera.showsWhole).toBe(true);
  camera.jumpTo(FAR);
  expect(camera.showsWhole).toBe(false);
});
