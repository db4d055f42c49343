import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProblemCode } from "../base/problem.ts";
import { StudioError } from "../base/problem.ts";
import { encodeUtf8 } from "../base/utf8.ts";
import { type FileKind, refuseForeign, sniff } from "./sniff.ts";

const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12345\n`;

const FILES: readonly (readonly [FileKind, string, string])[] = [
  ["empty", "", "model.onnx"],
  ["lfsPointer", POINTER, "model.onnx"],
  ["html", "\n <!DOCTYPE html><html lang=en>", "model.onnx"],
  ["html", "\xef\xbb\xbf<html>", "model.onnx"],
  ["html", '<?xml version="1.0"?><!DOCTYPE x><html>', "model.onnx"],
  ["gzip", "\x1f\x8b\x08\x00", "model.onnx"],
  ["wav", "RIFF\x24\x00\x00\x00WAVEfmt ", "a.bin"],
  ["npy", "\x93NUMPY\x01\x00", "x"],
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
  ["onnx", "garbage, but named so", "Model.ONNX"],
  ["unknown", "RIFF\x24\x00\x00\x00AVI ", "a"],
  ["unknown", "hello world", "notes.txt"],
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
  expect(["", POINTER, "<html>", "\x1f\x8b", "\x08\x08"].map(refused)).toEqual([
    "file.empty",
    "file.lfsPointer",
    "file.html",
    "file.gzip",
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
