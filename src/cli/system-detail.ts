import type { Detail } from "../core/base/detail.ts";

const DETAILS: Readonly<Record<string, Detail>> = {
  EISDIR: { code: "isFolder" },
  ENOTDIR: { code: "isFile" },
  EEXIST: { code: "isFile" },
  EACCES: { code: "notAllowed" },
  EPERM: { code: "notAllowed" },
  EROFS: { code: "notAllowed" },
  ENOSPC: { code: "diskFull" },
  EDQUOT: { code: "diskFull" },
};

/** What an error of Node's file system says; undefined for errors that are none. */
export function systemDetail(error: unknown): Detail | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return undefined;
  return DETAILS[code] ?? { code: "systemError", error: code };
}
