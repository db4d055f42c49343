import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { outputOf, run, runBin, stop } from "./run.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const MAC = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * Path of a Chromium that starts: RILL_CHROMIUM, else the first on PATH; undefined if there is none.
 * Each candidate is asked for its version, because some distributions ship a stub that only prints advice.
 */
export function findChromium() {
  const named = process.env.RILL_CHROMIUM;
  if (named) return named;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...MAC];
  return candidates.find((path) => existsSync(path) && /\d+\.\d+/.test(outputOf(path, ["--version"]) ?? ""));
}

/**
 * A Chromium for the journeys: the system's, else one from the package manager, else Playwright's own download.
 * Answers its path, or undefined when Playwright finds its own.
 */
export function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  console.log("No Chromium found: installing one…");
  installByApt();
  const fromPackages = findChromium();
  if (fromPackages) return fromPackages;
  const withDependencies = privilege() === undefined ? [] : ["--with-deps"];
  if (runBin("playwright", ["install", ...withDependencies, "chromium"]) !== 0) {
    stop("No Chromium: install one, or set RILL_CHROMIUM to its path.");
  }
  return undefined;
}

function installByApt() {
  const sudo = privilege();
  if (sudo === undefined || outputOf("apt-get", ["--version"]) === undefined) return;
  const apt = (...args) => {
    const [command = "", ...rest] = [...sudo, "apt-get", ...args];
    return run(command, rest, { DEBIAN_FRONTEND: "noninteractive" }) === 0;
  };
  // The fonts give the Chinese interface its glyphs; without them the pages still work.
  if (apt("update") && apt("install", "-y", "--no-install-recommends", "chromium")) {
    apt("install", "-y", "--no-install-recommends", "fonts-liberation", "fonts-noto-cjk");
  }
}

/** Words that make a command run as root, or undefined if that needs a password. */
function privilege() {
  if (process.getuid?.() === 0) return [];
  return outputOf("sudo", ["-n", "true"]) === undefined ? undefined : ["sudo", "-n"];
}
