import { type ReactNode, useEffect, useState } from "react";
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
  useEffect(() => {
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
