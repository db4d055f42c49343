import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A Python of its own for one peer, with pinned packages, in the cache folder of the operating system. */
export interface PeerPython {
  readonly name: string;
  readonly packages: readonly string[];
}

/** Path of the interpreter, or one sentence that says why there is none. */
type FoundPython = { readonly python: string } | { readonly missing: string };

const MINUTE_MS = 60_000;
const INSTALL_MS = 20 * MINUTE_MS;

/**
 * The interpreter with the packages in it. Makes the environment and installs them only if `install` says so: that loads hundreds of
 * megabytes from the package index.
 */
export function peerPython({ name, packages }: PeerPython, install: boolean): FoundPython {
  const folder = join(cacheFolder(), "rill", name);
  const python = join(
    folder,
    process.platform === "win32" ? join("Scripts", "python.exe") : join("bin", "python"),
  );
  // Written last: a folder without it is what a broken installation left.
  const complete = join(folder, "complete");
  if (existsSync(complete)) return { python };
  if (!install) return { missing: `${name} is not installed; \`npm run bench:peers\` installs it` };
  const base = ["python3", "python"].find((command) => spawnSync(command, ["--version"]).status === 0);
  if (!base) return { missing: "there is no Python" };
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    console.log(`  making ${folder}`);
    const quiet = { stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"] };
    execFileSync(base, ["-m", "venv", folder], { ...quiet, timeout: 5 * MINUTE_MS });
    execFileSync(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages], {
      ...quiet,
      timeout: INSTALL_MS,
    });
    writeFileSync(complete, `${packages.join("\n")}\n`);
    return { python };
  } catch (error) {
    return { missing: `${packages.join(", ")} cannot be installed here (${firstLine(error)})` };
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}

function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === "win32") return LOCALAPPDATA ?? join(homedir(), "AppData", "Local");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  return XDG_CACHE_HOME ?? join(homedir(), ".cache");
}
