import { nodeKey } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { doubles, zeros } from "../doubles.ts";
import { residue, standIn, whole } from "../exact.ts";
import { type Kernel, NotCovered, needed } from "../kernel.ts";

/*
 * LSTM, GRU and RNN over residues. The gates' functions are stand-ins, so clip and activations do not matter; what does is
 * which frame meets which state.
 */

const gate = standIn("Sigmoid", false);
const squash = standIn("Tanh", true);

const GATES = { LSTM: 4, GRU: 3, RNN: 1 } as const;
type Cell = keyof typeof GATES;

interface Direction {
  readonly w: Float64Array;
  readonly r: Float64Array;
  /** Input and recurrent bias, gate by gate. */
  readonly bias: (row: number) => readonly [number, number];
  readonly hidden: number;
  readonly inputs: number;
}

/** One step of one sequence: h (and c) are replaced. */
function advance(cell: Cell, d: Direction, x: readonly number[], h: number[], c: number[]): void {
  const { hidden } = d;
  const parts = (row: number): readonly [number, number] => {
    let [own, back] = d.bias(row);
    for (let i = 0; i < d.inputs; i++) own += (d.w[row * d.inputs + i] as number) * (x[i] as number);
    for (let i = 0; i < hidden; i++) back += (d.r[row * hidden + i] as number) * (h[i] as number);
    return [residue(own), residue(back)];
  };
  const next = Array.from({ length: hidden }, (_, j): readonly [number, number] => {
    const [a, b] = parts(j);
    if (cell === "RNN") return [squash(a + b), 0];
    const [forget, forgetBack] = parts(hidden + j);
    const [n, nBack] = parts(2 * hidden + j);
    if (cell === "GRU") {
      const [update, reset] = [gate(a + b), gate(forget + forgetBack)];
      const fresh = squash(residue(n + residue(reset * nBack)));
      return [residue(residue(update * (h[j] as number)) + residue((1 - update) * fresh)), 0];
    }
    const [g, gBack] = parts(3 * hidden + j);
    // Gates stand in the order input, output, forget, cell.
    const moved = residue(
      residue(gate(n + nBack) * (c[j] as number)) + residue(gate(a + b) * squash(g + gBack)),
    );
    return [residue(gate(forget + forgetBack) * squash(moved)), moved];
  });
  for (const [j, [hidden_, cell_]] of next.entries()) {
    h[j] = hidden_;
    c[j] = cell_;
  }
}

const recurrence: Kernel = (inputs, attributes, node) => {
  const cell = node.op as Cell;
  const [x, w, r, b, , h0, c0, peepholes] = inputs;
  if (peepholes) throw new NotCovered(node.op, nodeKey(node));
  const source = needed(x);
  const batchFirst = attributes.int("layout", 0) !== 0;
  const [first = 1, second = 1, width = 1] = source.dims;
  const [time, batch] = batchFirst ? [second, first] : [first, second];
  const directions = needed(r).dims[0] ?? 1;
  const hidden = needed(r).dims[2] ?? 1;
  const rows = GATES[cell] * hidden;
  const data = doubles(source).map(whole);
  const weights = [needed(w), needed(r)].map((t) => doubles(t).map(whole));
  const biases = b && doubles(b).map(whole);
  const all = zeros(batchFirst ? [batch, time, directions, hidden] : [time, directions, batch, hidden]);
  const lastDims = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  const [lastH, lastC] = [zeros(lastDims), zeros(lastDims)];
  const stateAt = (d: number, n: number): number =>
    (batchFirst ? n * directions + d : d * batch + n) * hidden;
  const initial = (t: Tensor | undefined, at: number): number[] =>
    Array.from({ length: hidden }, (_, j) => (t ? whole(doubles(t)[at + j] as number) : 0));
  for (let d = 0; d < directions; d++) {
    const direction: Direction = {
      w: (weights[0] as Float64Array).subarray(d * rows * width, (d + 1) * rows * width),
      r: (weights[1] as Float64Array).subarray(d * rows * hidden, (d + 1) * rows * hidden),
      bias: (row) => [biases?.[d * 2 * rows + row] ?? 0, biases?.[(d * 2 + 1) * rows + row] ?? 0],
      hidden,
      inputs: width,
    };
    const backward = attributes.string("direction", "forward") === "reverse" || d === 1;
    for (let n = 0; n < batch; n++) {
      const at = stateAt(d, n);
      const [h, c] = [initial(h0, at), initial(c0, at)];
      for (let i = 0; i < time; i++) {
        const t = backward ? time - 1 - i : i;
        const from = (batchFirst ? n * time + t : t * batch + n) * width;
        advance(cell, direction, Array.from(data.subarray(from, from + width)), h, c);
        const to = (batchFirst ? (n * time + t) * directions + d : (t * directions + d) * batch + n) * hidden;
        all.data.set(h, to);
      }
      lastH.data.set(h, at);
      lastC.data.set(c, at);
    }
  }
  return [all.tensor, lastH.tensor, ...(cell === "LSTM" ? [lastC.tensor] : [])];
};

export const recurrenceKernels: Readonly<Record<string, Kernel>> = {
  LSTM: recurrence,
  GRU: recurrence,
  RNN: recurrence,
};
