import type { ChipDeployment, ParityRecord } from "./package-input.ts";

/** How reports speak of what was compared: a converted model with its offline form, a rolled one with its own file. */
export interface ParityWords {
  readonly equals: string;
  readonly heading: string;
  readonly float: string;
  readonly integersEqual: string;
  readonly integers: string;
  /** The quantized form in a word, such as int8. */
  readonly integerName: string;
}

function offline(q: string): ParityWords {
  return {
    equals: "Streaming equals offline",
    heading: "Streaming against offline, in float",
    float: "Float streaming against float offline",
    integersEqual: `${q} streaming equals ${q} offline`,
    integers: `${q} streaming against ${q} offline`,
    integerName: q,
  };
}

function file(q: string): ParityWords {
  return {
    equals: "The packaged model equals the opened file",
    heading: "The packaged model against the opened file, both rolled step by step, in float",
    float: "The packaged float model against the opened file, both rolled step by step",
    integersEqual: `${q} equals itself, one step to a call and many`,
    integers: `${q} one step to a call against many steps to a call`,
    integerName: q,
  };
}

/** The words for one comparison, and for the integers of one width. */
export function parityWords({ against }: Pick<ParityRecord, "against">, integers = "int8"): ParityWords {
  return against === "file" ? file(integers) : offline(integers);
}

/** What the integers of a package are called. */
export function integerName({ chip }: { readonly chip?: Pick<ChipDeployment, "bits"> | undefined }): string {
  return `int${chip?.bits ?? 8}`;
}
