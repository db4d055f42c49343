import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fail } from "../core/base/problem.ts";
import type { ClipSource } from "../engine/clips.ts";
import { readBytes } from "./read-model.ts";

const DATA = /\.(wav|npy)$/i;

/**
 * The clips that paths name: files as they are, folders with every .wav and .npy below them. A clip is known by its file
 * name, as in the studio, so that both order and report it alike. Throws `file.notFound`, `data.none`.
 */
export function dataFiles(paths: readonly string[]): ClipSource[] {
  const files = [...new Set(paths.flatMap(filesOf))].sort();
  if (files.length === 0) fail({ code: "data.none" });
  return files.map((path) => ({ file: basename(path), bytes: () => Promise.resolve(readBytes(path)) }));
}

function filesOf(path: string): string[] {
  const info = statSync(path, { throwIfNoEntry: false }) ?? fail({ code: "file.notFound", file: path });
  if (!info.isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => DATA.test(name))
    .map((name) => join(path, name));
}
