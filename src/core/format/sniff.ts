import { fail } from "../base/problem.ts";

export type FileKind =
  | "onnx"
  | "espdl"
  | "wav"
  | "npy"
  | "npz"
  | "plan"
  | "zip"
  | "tflite"
  | "flac"
  | "ogg"
  | "mp3"
  | "gzip"
  | "html"
  | "lfsPointer"
  | "empty"
  | "unknown";

/** What a file is, by its first bytes; the name decides only where they say nothing (ONNX has no magic number). */
export function sniff(bytes: Uint8Array, file: string): FileKind {
  if (bytes.length === 0) return "empty";
  const at = (text: string, offset = 0): boolean => startsWith(bytes, text, offset);
  const ends = (suffix: string): boolean => file.toLowerCase().endsWith(suffix);
  if (at("version https://git-lfs.github.com/spec/")) return "lfsPointer";
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "gzip";
  if (at("EDL1") || at("EDL2") || at("PDL1") || at("PDL2") || at("PDL3")) return "espdl";
  if ((at("RIFF") || at("RIFX") || at("RF64")) && at("WAVE", 8)) return "wav";
  if (at("\x93NUMPY")) return "npy";
  if (at("PK\x03\x04") || at("PK\x05\x06")) return ends(".npz") ? "npz" : "zip";
  if (at("TFL3", 4)) return "tflite";
  if (at("fLaC")) return "flac";
  if (at("OggS")) return "ogg";
  if (at("ID3") || (ends(".mp3") && bytes[0] === 0xff)) return "mp3";
  const text = textStart(bytes);
  if (/^(<!doctype html|<html|<head|<!--)/i.test(text) || (/^<\?xml/i.test(text) && /<html/i.test(text))) {
    return "html";
  }
  if (text.startsWith("{") && (ends(".json") || /"schema"|"rill/.test(text))) return "plan";
  if (looksLikeModelProto(bytes) || ends(".onnx")) return "onnx";
  return "unknown";
}

/**
 * Throws what a file is when it stands in for another: a Git LFS pointer, a web page, a gzip, nothing.
 * `file` is its name, for the problem.
 */
export function refuseForeign(bytes: Uint8Array, file: string): void {
  const kind = sniff(bytes, file);
  if (kind === "lfsPointer") fail({ code: "file.lfsPointer", file });
  if (kind === "html") fail({ code: "file.html", file });
  if (kind === "gzip") fail({ code: "file.gzip", file });
  if (kind === "empty") fail({ code: "file.empty", file });
}

function startsWith(bytes: Uint8Array, text: string, offset: number): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** The first kilobyte as Latin-1, without byte order mark and leading blanks. */
function textStart(bytes: Uint8Array): string {
  const skip = startsWith(bytes, "\xef\xbb\xbf", 0) ? 3 : 0;
  return String.fromCharCode(...bytes.subarray(skip, 1024)).trimStart();
}

/** Wire type of each ModelProto field, by number (format/onnx/onnx.proto). */
const MODEL_FIELDS: Readonly<Record<number, number>> = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
  26: 2,
};

/** Whether the leading fields, up to the graph or the end of what is there, are those of a ModelProto. */
function looksLikeModelProto(bytes: Uint8Array): boolean {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let weight = 1; weight <= 2 ** 63; weight *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) break;
    }
    return value;
  };
  for (let fields = 0; at < bytes.length; fields++) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (MODEL_FIELDS[field] !== tag % 8) return false;
    if (field === 7) return true;
    const value = varint();
    if (tag % 8 === 2) at += value;
    if (at > bytes.length) return fields > 0;
  }
  return true;
}
