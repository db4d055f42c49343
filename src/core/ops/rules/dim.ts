import { gcd } from "../../base/rational.ts";
import type { Dim } from "../../ir/graph.ts";

/**
 * Arithmetic on dimensions. A symbolic dimension is a polynomial with integer coefficients over names, written
 * canonically ("T+19", "2*T", "floor(T/2)"), so that two ways to the same length give the same string.
 * A name that is no identifier stands between angle brackets inside an expression.
 */
type Polynomial = ReadonlyMap<Monomial, number>;
/** Sorted atoms joined by "*"; "" is the constant term. */
type Monomial = string;

/** Results by what was asked: the nodes of a network repeat a handful of sums thousands of times. */
const memory = new Map<string, Dim>();
const MOST_REMEMBERED = 4096;

function remembered(a: number | string, sign: string, b: number | string, answer: () => Dim): Dim {
  // A dimension may be called "3", or hold signs: names must not be taken for numbers, nor one question for another.
  const question = `${typeof a === "string" ? `"${a}` : a}\0${sign}${typeof b === "string" ? `"${b}` : b}`;
  const known = memory.get(question);
  if (known !== undefined) return known;
  if (memory.size >= MOST_REMEMBERED) memory.clear();
  const found = answer();
  memory.set(question, found);
  return found;
}

export function addDims(a: Dim, b: Dim): Dim {
  if (a === null || b === null) return null;
  if (typeof a === "number" && typeof b === "number") return a + b;
  return remembered(a, "+", b, () => print(sum(parse(a), parse(b))));
}

export function subtractDims(a: Dim, b: Dim): Dim {
  return addDims(a, multiplyDims(b, -1));
}

export function multiplyDims(a: Dim, b: Dim): Dim {
  if (a === 0 || b === 0) return 0;
  if (a === null || b === null) return null;
  if (typeof a === "number" && typeof b === "number") return a * b;
  return remembered(a, "*", b, () => print(product(parse(a), parse(b))));
}

/** Product of all dimensions; 1 for none. */
export function productOf(dims: readonly Dim[]): Dim {
  return dims.reduce<Dim>(multiplyDims, 1);
}

/** floor(a / divisor) for a positive integer divisor. */
export function floorDivide(a: Dim, divisor: number): Dim {
  if (a === null || divisor <= 0) return null;
  if (typeof a === "number") return Math.floor(a / divisor);
  return remembered(a, "/", divisor, () => print(floorOf(parse(a), divisor)));
}

export function ceilDivide(a: Dim, divisor: number): Dim {
  return floorDivide(addDims(a, divisor - 1), divisor);
}

/** a / b if b divides a as a polynomial, else null. */
export function divideExactly(a: Dim, b: Dim): Dim {
  if (a === null || b === null || b === 0) return null;
  if (typeof a === "number" && typeof b === "number") return a % b === 0 ? a / b : null;
  const divisor = [...parse(b)];
  const [term] = divisor;
  if (term === undefined || divisor.length !== 1) return sameDim(a, b) ? 1 : null;
  const out = new Map<Monomial, number>();
  for (const [monomial, coefficient] of parse(a)) {
    const rest = withoutAtoms(monomial, term[0]);
    if (rest === undefined || coefficient % term[1] !== 0) return null;
    out.set(rest, coefficient / term[1]);
  }
  return print(out);
}

/** True only if both are known to be the same length. */
export function sameDim(a: Dim, b: Dim): boolean {
  if (a === null || b === null) return false;
  if (a === b) return true;
  if (typeof a === "number" && typeof b === "number") return false;
  return print(parse(a)) === print(parse(b));
}

export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((d, i) => sameDim(d, b[i] ?? null));
}

/** True if no symbolic term can make the dimension negative: every coefficient is at least 0. */
export function isNonNegative(a: Dim): boolean {
  if (a === null) return false;
  return typeof a === "number" ? a >= 0 : [...parse(a).values()].every((c) => c >= 0);
}

/** The extent when every name in it stands for 1, as for a batch of one. */
export function dimAtOne(a: number | string): number {
  return dimAt(a, () => 1);
}

/** The extent when every name in it has the length that is given for it. */
export function dimAt(a: number | string, lengthOf: (name: string) => number): number {
  let total = 0;
  for (const [monomial, coefficient] of parse(a))
    total += atomsOf(monomial).reduce((n, atom) => n * atomAt(atom, lengthOf), coefficient);
  return total;
}

function atomAt(atom: string, lengthOf: (name: string) => number): number {
  const [, body, divisor] = /^floor\((.*)\/(\d+)\)$/.exec(atom) ?? [];
  if (body !== undefined) return Math.floor(dimAt(ungrouped(body), lengthOf) / Number(divisor));
  return lengthOf(/^<[^<>]*>$/.test(atom) ? atom.slice(1, -1) : atom);
}

function sum(a: Polynomial, b: Polynomial): Polynomial {
  const out = new Map(a);
  for (const [m, c] of b) out.set(m, (out.get(m) ?? 0) + c);
  return out;
}

function product(a: Polynomial, b: Polynomial): Polynomial {
  const out = new Map<Monomial, number>();
  for (const [ma, ca] of a) {
    for (const [mb, cb] of b) {
      const key = [...atomsOf(ma), ...atomsOf(mb)].sort().join("*");
      out.set(key, (out.get(key) ?? 0) + ca * cb);
    }
  }
  return out;
}

/** Atoms of a monomial; a "*" inside parentheses or brackets belongs to its atom. */
function atomsOf(monomial: Monomial): string[] {
  const atoms: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < monomial.length; i++) {
    const c = monomial[i];
    if (c === "(" || c === "<") depth++;
    else if (c === ")" || c === ">") depth--;
    else if (c === "*" && depth === 0) {
      atoms.push(monomial.slice(from, i));
      from = i + 1;
    }
  }
  if (monomial !== "") atoms.push(monomial.slice(from));
  return atoms;
}

function withoutAtoms(monomial: Monomial, remove: Monomial): Monomial | undefined {
  const atoms = atomsOf(monomial);
  for (const atom of atomsOf(remove)) {
    const at = atoms.indexOf(atom);
    if (at < 0) return undefined;
    atoms.splice(at, 1);
  }
  return atoms.join("*");
}

/** With a factor common to all symbolic terms and the divisor cancelled: floor((g·e+c)/(g·k)) = floor((e+floor(c/g))/k). */
function floorOf(p: Polynomial, divisor: number): Polynomial {
  const common = [...p].reduce((g, [m, c]) => (m === "" ? g : gcd(g, Math.abs(c))), divisor);
  if (common === 1) return reducedFloorOf(p, divisor);
  return reducedFloorOf(new Map([...p].map(([m, c]) => [m, Math.floor(c / common)])), divisor / common);
}

function reducedFloorOf(p: Polynomial, divisor: number): Polynomial {
  const whole = new Map<Monomial, number>();
  const rest = new Map<Monomial, number>();
  for (const [m, c] of p) {
    const r = ((c % divisor) + divisor) % divisor;
    if (c !== r) whole.set(m, (c - r) / divisor);
    if (r !== 0) rest.set(m, r);
  }
  if ([...rest.keys()].every((m) => m === "")) return whole;
  const atom = nestedFloor(rest, divisor) ?? `floor(${grouped(written(rest))}/${divisor})`;
  return sum(whole, new Map([[atom, 1]]));
}

/** floor((floor(e/k)+c)/d) = floor((e+c·k)/(k·d)). */
function nestedFloor(rest: Polynomial, divisor: number): string | undefined {
  const terms = [...rest].filter(([m]) => m !== "");
  const [only] = terms;
  if (only === undefined || terms.length !== 1 || only[1] !== 1) return undefined;
  const inner = /^floor\((.*)\/(\d+)\)$/.exec(only[0]);
  if (!inner || atomsOf(only[0]).length !== 1) return undefined;
  const k = Number(inner[2]);
  const body = parse(ungrouped(inner[1] ?? ""));
  const shifted = sum(body, new Map([["", (rest.get("") ?? 0) * k]]));
  return `floor(${grouped(written(shifted))}/${k * divisor})`;
}

function grouped(text: string): string {
  return /^[\w.]+$/.test(text) ? text : `(${text})`;
}

function ungrouped(text: string): string {
  return text.startsWith("(") && text.endsWith(")") ? text.slice(1, -1) : text;
}

/** A constant as a number, a lone name as it is, anything else as an expression. */
function print(p: Polynomial): Dim {
  const terms = [...p].filter(([, c]) => c !== 0);
  const [first] = terms;
  if (!first) return 0;
  if (terms.length === 1 && first[0] === "") return first[1];
  const text = written(p);
  return /^<[^<>]*>$/.test(text) ? text.slice(1, -1) : text;
}

function written(p: Polynomial): string {
  const terms = [...p].filter(([, c]) => c !== 0).sort(([a], [b]) => compareMonomials(a, b));
  let text = "";
  for (const [m, c] of terms) {
    const size = Math.abs(c);
    const body = m === "" ? String(size) : size === 1 ? m : `${size}*${m}`;
    text += c < 0 ? `-${body}` : text === "" ? body : `+${body}`;
  }
  return text;
}

function compareMonomials(a: Monomial, b: Monomial): number {
  if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function parse(d: number | string): Polynomial {
  if (typeof d === "number") return new Map([["", d]]);
  if (/^[A-Za-z_][\w.]*$/.test(d)) return new Map([[d, 1]]);
  const parser = new ExpressionParser(d);
  return parser.whole() ?? new Map([[`<${d}>`, 1]]);
}

/** expr := ["-"] term (("+"|"-") term)*; term := factor ("*" factor)*; factor := int | name | floor(…/int) | <raw>. */
class ExpressionParser {
  private at = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  /** The polynomial of the whole text; undefined if it is not an expression with at least one name. */
  whole(): Polynomial | undefined {
    const value = this.expression();
    this.space();
    if (value === undefined || this.at !== this.text.length) return undefined;
    return [...value.keys()].some((m) => m !== "") ? value : undefined;
  }

  private space(): void {
    while (this.text[this.at] === " ") this.at++;
  }

  private eat(token: string): boolean {
    this.space();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    this.space();
    const found = pattern.exec(this.text.slice(this.at));
    if (!found) return undefined;
    this.at += found[0].length;
    return found[0];
  }

  private expression(): Polynomial | undefined {
    let sign = this.eat("-") ? -1 : 1;
    let total: Polynomial = new Map();
    for (;;) {
      const term = this.term();
      if (!term) return undefined;
      total = sum(total, product(term, new Map([["", sign]])));
      if (this.eat("+")) sign = 1;
      else if (this.eat("-")) sign = -1;
      else return total;
    }
  }

  private term(): Polynomial | undefined {
    let total = this.factor();
    while (total && this.eat("*")) {
      const next = this.factor();
      total = next && product(total, next);
    }
    return total;
  }

  private factor(): Polynomial | undefined {
    const digits = this.match(/^\d+/);
    if (digits !== undefined) return new Map([["", Number(digits)]]);
    if (this.eat("floor(")) {
      const body = this.eat("(") ? this.closed() : this.expression();
      if (!body || !this.eat("/")) return undefined;
      const divisor = Number(this.match(/^[1-9]\d*/));
      return Number.isInteger(divisor) && this.eat(")") ? floorOf(body, divisor) : undefined;
    }
    const raw = this.match(/^<[^<>]*>/) ?? this.match(/^[A-Za-z_][\w.]*/);
    return raw === undefined ? undefined : new Map([[raw, 1]]);
  }

  private closed(): Polynomial | undefined {
    const body = this.expression();
    return this.eat(")") ? body : undefined;
  }
}
