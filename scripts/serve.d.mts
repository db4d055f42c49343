export interface ServeOptions {
  readonly folder: string;
  readonly port?: number;
  /** Path below which the folder appears. */
  readonly base?: string;
  /** Send the headers that threaded wasm needs. */
  readonly isolated?: boolean;
  readonly strictPort?: boolean;
}
export function serveFolder(options: ServeOptions): Promise<{ url: string; close(): Promise<void> }>;
