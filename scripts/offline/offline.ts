import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Plugin } from "vite";

/** A file of the build, by its address relative to the page, and what it holds. */
export interface KeptFile {
  readonly path: string;
  readonly hash: string;
}

/**
 * Writes `sw.js` into a finished build: a service worker that keeps every file of it, so that the page opens without a network.
 * The worker's bytes change exactly when a file's do.
 */
export function offline(template: string): Plugin {
  let folder = "";
  return {
    name: "offline",
    apply: "build",
    configResolved({ root, build }) {
      folder = join(root, build.outDir);
    },
    closeBundle() {
      writeFileSync(join(folder, "sw.js"), serviceWorker(readFileSync(template, "utf8"), keptFiles(folder)));
    },
  };
}

/** Every file of the folder but the worker itself, in order of code units. */
export function keptFiles(folder: string): KeptFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(folder, file).split(sep).join("/"), hash: hashOf(readFileSync(file)) }))
    .filter(({ path }) => path !== "sw.js")
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The template with the list of files in the place of its marker. */
export function serviceWorker(template: string, files: readonly KeptFile[]): string {
  const parts = template.split("/* FILES */ []");
  if (parts.length !== 2) throw new Error("the service worker has no place for its files");
  return parts.join(JSON.stringify(files));
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}
