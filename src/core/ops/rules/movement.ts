import type { Inferred, Operands } from "../op.ts";
import { sameShape } from "./dim.ts";

/** For operators that only rearrange: nothing happens if the shape stays. */
export function keepsShape([x]: Operands, [y]: readonly Inferred[]): boolean {
  return x?.shape !== undefined && y?.shape !== undefined && sameShape(x.shape, y.shape);
}
