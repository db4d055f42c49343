import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProblemCode } from "../base/problem.ts";
import { StudioError } from "../base/problem.ts";
import { encodeUtf8 } from "../base/utf8.ts";
import { type FileKind, refuseForeign, refuseOtherThanClip, refuseOtherThanModel, sniff } from "./sniff.ts";

const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12345\n`;

/** The head of a zip whose first entry has this name. */
function zipOf(entry: string): string {
  return `PK\x03\x04${"\0".repeat(22)}${String.fromCharCode(entry.length)}\0\0\0${entry}`;
}

const FILES: readonly (readonly [FileKind, string, string])[] = [
  ["empty", "", "model.onnx"],
  ["lfsPointer", POINTER, "model.onnx"],
  ["html", "\n <!DOCTYPE html><html lang=en>", "model.onnx"],
  ["html", "\xef\xbb\xbf<html>", "model.onnx"],
  ["html", '<?xml version="1.0"?><!DOCTYPE x><html>', "model.onnx"],
  ["gzip", "\x1f\x8b\x08\x00", "model.onnx"],
  ["wav", "RIFF\x24\x00\x00\x00WAVEfmt ", "a.bin"],
  ["npy", "\x93NUMPY\x01\x00", "x"],
  ["npy", "\x00\x01cut at its front, but named so", "x.NPY"],
  ["zip", "PK\x03\x04", "package.zip"],
  ["npz", "PK\x03\x04", "x.npz"],
  ["espdl", "EDL2\x00\x00\x00\x00", "m.espdl"],
  ["tflite", "\x1c\x00\x00\x00TFL3", "m"],
  ["flac", "fLaC", "a"],
  ["ogg", "OggS", "a"],
  ["mp3", "ID3", "a"],
  ["plan", '{ "schema": 1, "model": {} }', "job.rill.json"],
  ["onnx", "\x08\x08\x12\x07pytorch\x3a\x00", "model"],
  ["onnx", "\x08\x08\x12\x40cut off", "model"],
  ["onnx", "\x00\x01garbage, but named so", "Model.ONNX"],
  ["text", "garbage, but named so", "Model.ONNX"],
  ["unknown", "RIFF\x24\x00\x00\x00AVI ", "a"],
  ["text", "hello world", "notes.txt"],
  ["text", "\xe6\xa8\xa1\xe5\x9e\x8b: 404\r\n", "model.onnx"],
  ["ort", "\x20\x00\x00\x00ORTM", "model.ort"],
  ["keras", "\x89HDF\r\n\x1a\n\0", "model.h5"],
  ["safetensors", '\x40\0\0\0\0\0\0\0{"a":', "model.safetensors"],
  ["gguf", "GGUF\x03\0\0\0", "model.gguf"],
  ["pytorch", zipOf("best/data.pkl"), "best.pt"],
  ["keras", zipOf("metadata.json"), "model.keras"],
  ["zip", zipOf("model.onnx"), "model.zip"],
  ["image", "\x89PNG\r\n\x1a\n", "model.onnx"],
  ["pdf", "%PDF-1.7", "model.onnx"],
];

test.each(FILES)("%s: %j", (kind, text, file) => {
  expect(sniff(latin1(text), file)).toBe(kind);
});

test("what stands in for a model is named for what it is", () => {
  const refused = (text: string): ProblemCode | undefined => {
    try {
      refuseForeign(latin1(text), "model.onnx");
    } catch (error) {
      if (error instanceof StudioError) {
        expect(error.problem).toMatchObject({ file: "model.onnx" });
        return error.problem.code;
      }
    }
    return undefined;
  };
  const files = ["", POINTER, "<html>", "\x1f\x8b", "Not Found", "PK\x03\x04", "\x08\0\0\0TFL3", "\x08\x08"];
  expect(files.map(refused)).toEqual([
    "file.empty",
    "file.lfsPointer",
    "file.html",
    "file.gzip",
    "file.foreign",
    "file.foreign",
    "file.foreign",
    undefined,
  ]);
});

test("any bytes under any name have a kind", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.string(), (bytes, file) => {
      expect(sniff(bytes, file)).toBe(sniff(bytes.slice(), file));
      expect(sniff(encodeUtf8(`<html>${file}`), file)).toBe("html");
    }),
  );
});

test("where a model or a clip is wanted, the others are named too", () => {
  const kindOf =
    (refuse: (bytes: Uint8Array, file: string) => void) =>
    ([text, file]: [string, string]) => {
      try {
        refuse(latin1(text), file);
      } catch (error) {
        if (error instanceof StudioError && error.problem.code === "file.foreign") return error.problem.kind;
      }
      return undefined;
    };
  const files: [string, string][] = [
    ["\x93NUMPY\x01\x00", "model.onnx"],
    ["RIFF\x24\x00\x00\x00WAVEfmt ", "a.wav"],
    ["PK\x03\x04", "a.npz"],
    ['{ "schema": 1 }', "plan.rill.json"],
    ["\x08\x08", "model"],
    ["EDL2", "model.espdl"],
  ];
  const none = undefined;
  expect(files.map(kindOf(refuseOtherThanModel))).toEqual(["clip", "clip", "clip", "plan", none, none]);
  expect(files.map(kindOf(refuseOtherThanClip))).toEqual([none, none, "arrays", "plan", none, "model"]);
});
