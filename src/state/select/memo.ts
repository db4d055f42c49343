/** `compute` with a memory of one: the same arguments, by reference, give the same answer, by reference. */
export function memo<Args extends readonly unknown[], Out>(
  compute: (...args: Args) => Out,
): (...args: Args) => Out {
  let last: { readonly args: Args; readonly out: Out } | undefined;
  return (...args) => {
    if (last?.args.every((arg, i) => Object.is(arg, args[i]))) return last.out;
    last = { args, out: compute(...args) };
    return last.out;
  };
}
