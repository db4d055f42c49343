import { type ForeignKind, fail } from "../base/problem.ts";

export type FileKind =
  | "onnx"
  | "espdl"
  | "wav"
  | "npy"
  | "npz"
  | "plan"
  | ForeignKind
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
  if (at("PK\x03\x04") || at("PK\x05\x06")) return ends(".npz") ? "npz" : archiveKind(bytes);
  const foreign = MAGIC.find(([, magic, offset]) => at(magic, offset));
  if (foreign) return foreign[0];
  if (at("fLaC")) return "flac";
  if (at("OggS")) return "ogg";
  if (at("ID3") || (ends(".mp3") && bytes[0] === 0xff)) return "mp3";
  const text = textStart(bytes);
  if (/^(<!doctype html|<html|<head|<!--)/i.test(text) || (/^<\?xml/i.test(text) && /<html/i.test(text))) {
    return "html";
  }
  if (text.startsWith("{") && (ends(".json") || /"schema"|"rill/.test(text))) return "plan";
  if (looksLikeModelProto(bytes)) return "onnx";
  if (isText(bytes)) return "text";
  if (ends(".npy")) return "npy";
  return ends(".onnx") ? "onnx" : "unknown";
}

/** First bytes of models of other tools, and of what a wrong download brings: kind, bytes, offset. */
const MAGIC: readonly (readonly [ForeignKind, string, number])[] = [
  ["tflite", "TFL3", 4],
  ["ort", "ORTM", 4],
  ["keras", "\x89HDF\r\n\x1a\n", 0],
  ["safetensors", '\0\0\0\0{"', 4],
  ["gguf", "GGUF", 0],
  // A pickle of protocol 2 to 5, in which torch.save wrote until version 1.6.
  ["pytorch", "\x80\x02\x8a\x0al\xfc", 0],
  ["image", "\x89PNG\r\n", 0],
  ["image", "\xff\xd8\xff", 0],
  ["image", "GIF8", 0],
  ["pdf", "%PDF-", 0],
];

/** A zip by the name of its first entry: torch.save writes `<name>/data.pkl`, Keras 3 `metadata.json` and `config.json`. */
function archiveKind(bytes: Uint8Array): ForeignKind {
  const length = (bytes[26] ?? 0) + 256 * (bytes[27] ?? 0);
  const first = String.fromCharCode(...bytes.subarray(30, 30 + Math.min(length, 256)));
  if (/(^|\/)(data\.pkl|\.format_version|byteorder)$/.test(first)) return "pytorch";
  return first === "metadata.json" ? "keras" : "zip";
}

/** Whether the first kilobyte holds letters and blanks only; UTF-8 beyond ASCII counts as letters. */
function isText(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 1024).every((b) => b >= 0x20 || b === 0x09 || b === 0x0a || b === 0x0d);
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
  if (isForeign(kind)) fail({ code: "file.foreign", file, kind });
}

/** The same where a model is wanted: clips and plans are told for what they are. */
export function refuseOtherThanModel(bytes: Uint8Array, file: string): void {
  refuseForeign(bytes, file);
  const kind = sniff(bytes, file);
  if (CLIPS.has(kind)) fail({ code: "file.foreign", file, kind: "clip" });
  if (kind === "plan") fail({ code: "file.foreign", file, kind });
}

/** The same where a clip is wanted. */
export function refuseOtherThanClip(bytes: Uint8Array, file: string): void {
  refuseForeign(bytes, file);
  const kind = sniff(bytes, file);
  if (kind === "npz") fail({ code: "file.foreign", file, kind: "arrays" });
  // Names of models decide where bytes do not; samples without a header may begin with anything.
  if (kind === "espdl" || (kind === "onnx" && /\.onnx$/i.test(file)))
    fail({ code: "file.foreign", file, kind: "model" });
  if (kind === "plan") fail({ code: "file.foreign", file, kind });
}

const CLIPS: ReadonlySet<FileKind> = new Set(["wav", "npy", "npz", "flac", "ogg", "mp3"]);

function isForeign(kind: FileKind): kind is ForeignKind {
  return kind === "zip" || kind === "text" || MAGIC.some(([foreign]) => foreign === kind);
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
