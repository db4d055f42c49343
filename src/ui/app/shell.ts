import type { DroppedFile } from "../../state/clip-names.ts";
import type { Shell } from "../../state/commands/command.ts";
import { openFiles, sortFiles } from "../../state/open-files.ts";
import { openBeside } from "../../state/session.ts";
import type { Sessions } from "../../state/sessions/sessions.ts";
import type { Studio } from "../../state/studio.ts";
import { named } from "./collect-files.ts";

/** Files that were picked or dropped: for the studio, or to be looked at beside the open model. */
export async function take(
  studio: Studio,
  files: readonly DroppedFile[],
  where: "beside" | undefined,
): Promise<void> {
  const { models, others } = sortFiles(files);
  const [model] = models;
  if (where === "beside" && model) openBeside(studio.session, [model, ...others]);
  else await openFiles(studio, files);
}

/** File picker, downloads and sessions of the browser. */
export function createShell(studio: Studio, sessions: Sessions): Shell {
  return {
    closeSession: () => void sessions.close(),
    pickFiles(where) {
      const input = document.createElement("input");
      input.type = "file";
      input.multiple = true;
      if (where === "plan") input.accept = ".json";
      const beside = where === "beside" ? where : undefined;
      input.onchange = () => void take(studio, [...(input.files ?? [])].map(named), beside);
      input.click();
    },
    download(fileName, bytes, mimeType) {
      const url = URL.createObjectURL(new Blob([bytes], { type: mimeType }));
      const link = document.createElement("a");
      link.href = url;
      link.download = fileName;
      link.click();
      // The browser reads the blob after the click has returned.
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    },
  };
}
