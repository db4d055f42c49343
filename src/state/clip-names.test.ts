import { describe, expect, it } from "vitest";
import { nameClips } from "./clip-names.ts";

const clip = (name: string, text: string, path?: string) => ({
  name,
  blob: new Blob([text]),
  ...(path === undefined ? {} : { path }),
});
const names = async (...args: Parameters<typeof nameClips>) => (await nameClips(...args)).map((c) => c.name);

describe("nameClips", () => {
  it("leaves different names alone", async () => {
    expect(await names([], [clip("a.wav", "1", "d/a.wav"), clip("b.wav", "2")])).toEqual(["a.wav", "b.wav"]);
  });

  it("tells clips of one drop apart by their folders, even where their bytes are equal", async () => {
    const two = [clip("a.wav", "1", "d/a.wav"), clip("a.wav", "1", "e/a.wav")];
    expect(await names([], two)).toEqual(["d/a.wav", "e/a.wav"]);
    expect(await names([clip("d/a.wav", "1")], two)).toEqual(["d/a.wav", "e/a.wav"]);
  });

  it("numbers what has no folder or came before, but knows the same clip again", async () => {
    expect(await names([], [clip("a.wav", "1"), clip("a.wav", "2")])).toEqual(["a.wav", "a (2).wav"]);
    const there = [clip("a.wav", "1"), clip("a (2).wav", "2")];
    expect(await names(there, [clip("a.wav", "1")])).toEqual(["a.wav"]);
    expect(await names(there, [clip("a.wav", "2")])).toEqual(["a (2).wav"]);
    expect(await names(there, [clip("a.wav", "3")])).toEqual(["a (3).wav"]);
  });
});
