/** Structure of a generated network: what the layout, the graph view and the bench need, without weights. */
export interface SyntheticGraph {
  readonly nodes: readonly { readonly op: string; readonly name: string }[];
  /** Producer and consumer, as indices into `nodes`; producers come first. */
  readonly edges: readonly (readonly [number, number])[];
}

interface Draft {
  readonly nodes: { op: string; name: string; inputs: number[] }[];
  add(op: string, inputs: readonly number[]): number;
}

function draft(nameOf: (op: string, index: number) => string): Draft {
  const nodes: Draft["nodes"] = [];
  const add = (op: string, inputs: readonly number[]) => {
    const index = nodes.length;
    nodes.push({ op, name: nameOf(op, index), inputs: inputs.filter((i) => i >= 0) });
    return index;
  };
  return { nodes, add };
}

function finish({ nodes }: Draft): SyntheticGraph {
  const edges = nodes.flatMap((n, t) => [...new Set(n.inputs)].map((s) => [s, t] as const));
  return { nodes: nodes.map(({ op, name }) => ({ op, name })), edges };
}

/** Gated convolution blocks of 10 ops with a residual over each block, and a skip over every hundred ops. */
export function chain(size: number): SyntheticGraph {
  return finish(blocks(size, () => {}));
}

/** The chain with eight mirrored skips from its first half to its second; the longest spans 94 % of the depth. */
export function unet(size: number): SyntheticGraph {
  const saved: number[] = [];
  const half = 8;
  return finish(
    blocks(size, (net, last) => {
      const depth = net.nodes.length / size;
      if (depth < 0.5 && saved.length < half && depth >= (saved.length + 0.5) / (2 * half)) saved.push(last);
      else if (depth > 0.5 && saved.length > 0 && depth >= 1 - (saved.length - 0.5) / (2 * half) - 1e-9) {
        const [node, from] = [net.nodes[last], saved.pop()];
        if (node && from !== undefined) node.inputs[1] = from;
      }
    }),
  );
}

function blocks(size: number, finishBlock: (net: Draft, last: number) => void): Draft {
  const net = draft((op, i) => `/stage_${Math.floor(i / 200)}/block_${Math.floor(i / 10)}/${op}_${i}`);
  const { nodes, add } = net;
  let [x, hundred] = [-1, -1];
  while (nodes.length < size) {
    const first = add("Conv", [x]);
    const wide = add("Conv", [add("Relu", [first])]);
    const gated = add("Mul", [wide, add("Sigmoid", [wide])]);
    const inner = add("Relu", [add("Conv", [gated])]);
    const sum = add("Add", [add("Relu", [add("Conv", [inner])]), x < 0 ? first : x]);
    if (nodes.length % 100 === 0 && nodes.length < size) {
      const node = nodes[sum];
      if (node && hundred >= 0) node.inputs[1] = hundred;
      hundred = sum;
    }
    finishBlock(net, sum);
    x = sum;
  }
  return net;
}

/** Attention-like blocks of 18 ops with three parallel branches and two residuals. */
export function branch(size: number): SyntheticGraph {
  const net = draft((op, i) => `/layer_${Math.floor(i / 18)}/${op}_${i}`);
  const { nodes, add } = net;
  let x = add("Conv", []);
  while (nodes.length < size) {
    const norm = add("LayerNormalization", [x]);
    const [q, k, v] = [add("Conv", [norm]), add("Conv", [norm]), add("Conv", [norm])];
    const [qr, kr, vr] = [add("Reshape", [q]), add("Reshape", [k]), add("Reshape", [v])];
    const weights = add("Softmax", [add("MatMul", [qr, add("Transpose", [kr])])]);
    const attended = add("Add", [add("Conv", [add("MatMul", [weights, vr])]), x]);
    const wide = add("Conv", [add("LayerNormalization", [attended])]);
    const gated = add("Mul", [wide, add("Sigmoid", [wide])]);
    x = add("Add", [add("Conv", [gated]), attended]);
  }
  return finish(net);
}
