import type { PackageFile, PackageReport } from "../../../engine/reports.ts";

export interface FolderRow {
  /** "" is the top of the package. */
  readonly folder: string;
  readonly files: readonly (PackageFile & { readonly name: string })[];
  readonly bytes: number;
}

/** Files by folder: the top first, then folders by name. */
export function folderRows(files: readonly PackageFile[]): readonly FolderRow[] {
  const folders = new Map<string, (PackageFile & { readonly name: string })[]>();
  for (const file of files) {
    const cut = file.path.lastIndexOf("/");
    const folder = cut < 0 ? "" : file.path.slice(0, cut);
    const list = folders.get(folder) ?? [];
    list.push({ ...file, name: file.path.slice(cut + 1) });
    folders.set(folder, list);
  }
  return [...folders]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([folder, list]) => ({ folder, files: list, bytes: list.reduce((sum, f) => sum + f.bytes, 0) }));
}

/** Number of checks, and those that failed, worst first. */
export function checkCounts(report: PackageReport) {
  const failed = report.checks.filter((c) => !c.passed);
  return {
    passed: report.checks.length - failed.length,
    failed: [...failed].sort((a, b) => b.maxAbs - b.tolerance - (a.maxAbs - a.tolerance)),
  };
}
