import type { EditLabel } from "../../state/document.ts";
import { useText } from "./studio-context.ts";

/** What an edit did, in words. */
export function useEditText(): (label: EditLabel) => string {
  const { t } = useText();
  return ({ edit, on }) => t(`edit.${edit}`, { on: on ?? "" });
}
