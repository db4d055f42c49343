const PREFIX = "body:";

/** Id under which the subgraphs of a node are opened and closed, beside the ids of groups. */
export function bodyId(nodeKey: string): string {
  return PREFIX + nodeKey;
}

/** Key of the node whose subgraphs the id stands for; undefined for the id of a group. */
export function ownerOfBody(id: string): string | undefined {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : undefined;
}
