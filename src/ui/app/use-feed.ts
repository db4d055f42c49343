import { useLayoutEffect } from "react";

/**
 * Tells a stage what its inputs are now, before the picture is painted: the answer to other inputs is not seen as that to
 * these. The parts must be the same object as long as they are the same.
 */
export function useFeed<Parts extends object>(
  stage: { feed(parts: Parts | undefined): void },
  parts: Parts | undefined,
): void {
  useLayoutEffect(() => stage.feed(parts), [stage, parts]);
}
