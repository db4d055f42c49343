import type { Adjacency } from "./adjacency.ts";
import { at } from "./at.ts";
import type { Ranks } from "./ranks.ts";

/**
 * One longest chain of each connected part: exactly one node in every rank. It is drawn as a straight vertical line, so that
 * nothing can drift sideways. Where several chains are equally long, the node nearest to the middle of its row wins.
 * @returns node of each rank
 */
export function findSpine(graph: Adjacency, ranks: Ranks): Int32Array {
  const { rank, rankCount, rankStart, rankNodes } = ranks;
  const spine = new Int32Array(rankCount);
  const offCentre = new Float64Array(graph.nodeCount);
  for (let r = 0; r < rankCount; r++) {
    const from = at(rankStart, r);
    const to = at(rankStart, r + 1);
    for (let k = from; k < to; k++) offCentre[at(rankNodes, k)] = Math.abs(k - from - (to - from - 1) / 2);
  }
  const nearer = (a: number, b: number) => (a < 0 || at(offCentre, b) < at(offCentre, a) ? b : a);
  for (let r = rankCount - 1; r >= 0; r--) {
    let best = -1;
    if (r + 1 < rankCount) {
      const below = at(spine, r + 1);
      for (let k = at(graph.inStart, below); k < at(graph.inStart, below + 1); k++) {
        const u = at(graph.inNodes, k);
        if (at(rank, u) === r) best = nearer(best, u);
      }
    }
    // The last rank of a part: nothing below belongs to it.
    if (best < 0)
      for (let k = at(rankStart, r); k < at(rankStart, r + 1); k++) best = nearer(best, at(rankNodes, k));
    spine[r] = best;
  }
  return spine;
}
