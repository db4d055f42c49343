/** A function that gives its last answer again as long as it is asked with the same objects. */
export function keepLast<Args extends readonly unknown[], Out>(make: (...args: Args) => Out) {
  let last: { readonly args: Args; readonly out: Out } | undefined;
  return (...args: Args): Out => {
    const before = last?.args;
    if (last && before?.length === args.length && args.every((a, i) => Object.is(a, before[i])))
      return last.out;
    last = { args, out: make(...args) };
    return last.out;
  };
}
