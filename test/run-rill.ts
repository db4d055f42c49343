import { rill } from "../src/cli/rill.ts";

/** One command line, run in this process: its exit code and all that it wrote. */
export async function runRill(
  ...words: string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let [written, complained] = ["", ""];
  const out = (text: string) => {
    written += text;
  };
  const err = (text: string) => {
    complained += text;
  };
  const code = await rill(words, { out, err });
  return { code, out: written, err: complained };
}
