import { bodyId } from "../../state/select/bodies.ts";
import type { GraphSelection } from "./graph-marks.ts";
import { currentNode } from "./navigation.ts";
import { boxOf, type Picture } from "./picture.ts";
import { isVisible, keepAnchor, type Point, type Size, type View } from "./viewport.ts";

interface Looking {
  readonly view: View;
  readonly size: Size;
  readonly selection: GraphSelection | undefined;
}

/**
 * View after groups or subgraphs were opened or closed: what the user pressed stays where it is. That is the selected box; of
 * subgraphs that were closed, the head of their frame, if the op itself was out of sight. Undefined if there is nothing to hold on to.
 */
export function anchoredView(
  before: Picture,
  after: Picture,
  { view, size, selection }: Looking,
): View | undefined {
  const to = pointOfBox(after, currentNode(after.scene, selection));
  if (!to) return undefined;
  const own = currentNode(before.scene, selection);
  const head = selection && before.scene.nodeOfGroup.get(bodyId(selection.id));
  const inSight = (box: number | undefined) =>
    box !== undefined && isVisible(view, boxOf(before, box), size) ? box : undefined;
  const from = pointOfBox(before, inSight(own) ?? inSight(head) ?? own);
  return from && keepAnchor(view, from, to);
}

function pointOfBox({ layout }: Picture, box: number | undefined): Point | undefined {
  if (box === undefined) return undefined;
  return { x: layout.centers[2 * box] ?? 0, y: layout.centers[2 * box + 1] ?? 0 };
}
