import {
  add,
  addBytes,
  advance,
  both,
  type Code,
  choose,
  divide,
  dot,
  get,
  greater,
  largerByte,
  lesser,
  load,
  loadBytes,
  loadPair,
  magnitude,
  narrowToBytes,
  narrowToShorts,
  notAbove,
  productHigh,
  productLow,
  repeat,
  set,
  shiftLeft,
  shiftRight,
  smaller,
  splatByte,
  splatInteger,
  store,
  storeLow,
  subtractBytes,
  sum,
  times,
  timesFloats,
  truncate,
  type WasmFunction,
  wasmModule,
  widenBytes,
} from "./wasm-module.ts";

const ROWS = [0, 1, 2, 3] as const;

/**
 * Four rows of int8 by eight filters at a time, over pairs of depth: sums[row][filter] = bias[filter] + Σ x·w in int32. Filters lie
 * pair by pair: eight filters' two int16 of a pair, then the next pair.
 */
function denseSums(): WasmFunction {
  const [x, weights, bias, sums, rowGroups, filterGroups, pairs, depth] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [groups, pair, filter, start, to, stride, row] = [8, 9, 10, 11, 12, 13, 14];
  const [sum0, filters0, values] = [18, 26, 28];
  const rowAt = (r: number): number => row + r;
  const sumAt = (r: number, half: number): number => sum0 + 2 * r + half;
  const everyRow = (code: (r: number) => Code): Code => ROWS.flatMap(code);
  const oneGroup: Code = [
    ...everyRow((r) => [
      ...set(sumAt(r, 0), load(get(start))),
      ...set(sumAt(r, 1), load(get(start), 16)),
      ...set(rowAt(r), r === 0 ? get(x) : sum(get(rowAt(r - 1)), get(depth))),
    ]),
    ...set(pair, get(pairs)),
    ...repeat(pair, [
      ...set(filters0, load(get(filter))),
      ...set(filters0 + 1, load(get(filter), 16)),
      ...advance(filter, 32),
      ...everyRow((r) => [
        ...set(values, widenBytes(loadPair(get(rowAt(r))))),
        ...advance(rowAt(r), 2),
        ...set(sumAt(r, 0), add(get(sumAt(r, 0)), dot(get(values), get(filters0)))),
        ...set(sumAt(r, 1), add(get(sumAt(r, 1)), dot(get(values), get(filters0 + 1)))),
      ]),
    ]),
    ...set(row, get(to)),
    ...everyRow((r) => [
      ...store(get(row), get(sumAt(r, 0))),
      ...store(get(row), get(sumAt(r, 1)), 16),
      ...set(row, sum(get(row), get(stride))),
    ]),
    ...advance(start, 32),
    ...advance(to, 32),
  ];
  return {
    name: "denseSums",
    params: 8,
    integers: 10,
    vectors: 11,
    body: [
      ...set(stride, times(get(filterGroups), 32)),
      ...repeat(rowGroups, [
        ...set(filter, get(weights)),
        ...set(start, get(bias)),
        ...set(to, get(sums)),
        ...set(groups, get(filterGroups)),
        ...repeat(groups, oneGroup),
        ...set(x, sum(get(x), times(get(depth), 4))),
        ...set(sums, sum(get(sums), times(get(stride), 4))),
      ]),
    ],
  };
}

/** One tap of a depthwise window over places in a row: sums[place][channel] += x · w, eight channels at a time. */
function addTap(): WasmFunction {
  const [x, weights, sums, places, channelGroups, step] = [0, 1, 2, 3, 4, 5];
  const [groups, from, weight, values, factors] = [6, 7, 8, 9, 10];
  return {
    name: "addTap",
    params: 6,
    integers: 3,
    vectors: 2,
    body: repeat(places, [
      ...set(from, get(x)),
      ...set(weight, get(weights)),
      ...set(groups, get(channelGroups)),
      ...repeat(groups, [
        ...set(values, loadBytes(get(from))),
        ...set(factors, load(get(weight))),
        ...store(get(sums), add(load(get(sums)), productLow(get(values), get(factors)))),
        ...store(get(sums), add(load(get(sums), 16), productHigh(get(values), get(factors))), 16),
        ...advance(from, 8),
        ...advance(weight, 16),
        ...advance(sums, 32),
      ]),
      ...set(x, sum(get(x), get(step))),
    ]),
  };
}

/** int8 = saturate((s + half + (s >> shift & odd)) >> shift), not below `low`: ties to even with odd 1 and half 2^(shift−1) − 1. */
function requantize(): WasmFunction {
  const [sums, out, groups, shift, half, odd, low] = [0, 1, 2, 3, 4, 5, 6];
  const [halves, odds, lows, value, first, second] = [7, 8, 9, 10, 11, 12];
  const rounded = (offset: number): Code => [
    ...set(value, load(get(sums), offset)),
    ...shiftRight(
      add(add(get(value), get(halves)), both(shiftRight(get(value), get(shift)), get(odds))),
      get(shift),
    ),
  ];
  return {
    name: "requantize",
    params: 7,
    integers: 0,
    vectors: 6,
    body: [
      ...set(halves, splatInteger(get(half))),
      ...set(odds, splatInteger(get(odd))),
      ...set(lows, splatByte(get(low))),
      ...repeat(groups, [
        ...set(first, rounded(0)),
        ...set(second, rounded(16)),
        ...set(first, narrowToShorts(get(first), get(second))),
        ...storeLow(get(out), largerByte(narrowToBytes(get(first), get(first)), get(lows))),
        ...advance(sums, 32),
        ...advance(out, 8),
      ]),
    ],
  };
}

/** Bytes a ± b, saturated and not below `low`, sixteen at a time. */
function combineBytes(name: string, combine: (a: Code, b: Code) => Code): WasmFunction {
  const [a, b, out, groups, low, lows] = [0, 1, 2, 3, 4, 5];
  return {
    name,
    params: 5,
    integers: 0,
    vectors: 1,
    body: [
      ...set(lows, splatByte(get(low))),
      ...repeat(groups, [
        ...store(get(out), largerByte(combine(load(get(a)), load(get(b))), get(lows))),
        ...advance(a, 16),
        ...advance(b, 16),
        ...advance(out, 16),
      ]),
    ],
  };
}

/** Floats four at a time into the four least, at `to`, and the four largest behind them; both hold first values before. */
function extremeFloats(): WasmFunction {
  const [x, groups, to, least, largest, value] = [0, 1, 2, 3, 4, 5];
  return {
    name: "extremeFloats",
    params: 3,
    integers: 0,
    vectors: 3,
    body: [
      ...set(least, load(get(to))),
      ...set(largest, load(get(to), 16)),
      ...repeat(groups, [
        ...set(value, load(get(x))),
        ...set(least, lesser(get(least), get(value))),
        ...set(largest, greater(get(largest), get(value))),
        ...advance(x, 16),
      ]),
      ...store(get(to), get(least)),
      ...store(get(to), get(largest), 16),
    ],
  };
}

/**
 * Counters of floats, four at a time: (min(trunc(|x| · bins / limit), last) << shift) + lane, `beyond` for bins where |x| is above the
 * limit or no number. The constants are five vectors: limit and bins as floats, last, beyond, lanes.
 */
function magnitudeBins(): WasmFunction {
  const [x, out, groups, constants, shift] = [0, 1, 2, 3, 4];
  const [limit, bins, last, beyond, lanes, value, bin] = [5, 6, 7, 8, 9, 10, 11];
  return {
    name: "magnitudeBins",
    params: 5,
    integers: 0,
    vectors: 7,
    body: [
      ...[limit, bins, last, beyond, lanes].flatMap((local, i) => set(local, load(get(constants), 16 * i))),
      ...repeat(groups, [
        ...set(value, magnitude(load(get(x)))),
        ...set(bin, smaller(truncate(divide(timesFloats(get(value), get(bins)), get(limit))), get(last))),
        ...set(bin, choose(get(bin), get(beyond), notAbove(get(value), get(limit)))),
        ...store(get(out), add(shiftLeft(get(bin), get(shift)), get(lanes))),
        ...advance(x, 16),
        ...advance(out, 16),
      ]),
    ],
  };
}

/** The kernels as one module. */
export function simdCode(): Uint8Array {
  return wasmModule([
    denseSums(),
    addTap(),
    requantize(),
    combineBytes("addBytes", addBytes),
    combineBytes("subtractBytes", subtractBytes),
    extremeFloats(),
    magnitudeBins(),
  ]);
}
