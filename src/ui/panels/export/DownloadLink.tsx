import { type ReactNode, useLayoutEffect, useState } from "react";
import css from "./ExportPanel.module.css";

export interface DownloadLinkProps {
  readonly fileName: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly stale: boolean;
  readonly children: ReactNode;
}

/** A link that saves bytes under a name. */
export function DownloadLink({ fileName, bytes, stale, children }: DownloadLinkProps) {
  const [url, setUrl] = useState<string>();
  // Before it can be seen: a link without an address, or with that of bytes that are gone, saves nothing.
  useLayoutEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type: "application/zip" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes]);
  return (
    <a className={css.download} data-stale={stale} data-testid="download" download={fileName} href={url}>
      {children}
    </a>
  );
}
