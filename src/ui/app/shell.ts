import type { Shell } from "../../state/commands/command.ts";
import { openFiles } from "../../state/open-files.ts";
import type { Studio } from "../../state/studio.ts";
import { named } from "./collect-files.ts";

/** File picker and downloads of the browser. */
export function createShell(studio: Studio): Shell {
  return {
    pickFiles() {
      const input = document.createElement("input");
      input.type = "file";
      input.multiple = true;
      input.onchange = () => void openFiles(studio, [...(input.files ?? [])].map(named));
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
