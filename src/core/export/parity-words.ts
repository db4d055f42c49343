import type { ParityRecord } from "./package-input.ts";

/** How reports speak of what was compared: a converted model with its offline form, a rolled one with its own file. */
export interface ParityWords {
  readonly equals: string;
  readonly heading: string;
  readonly float: string;
  readonly integersEqual: string;
  readonly integers: string;
}

const OFFLINE: ParityWords = {
  equals: "Streaming equals offline",
  heading: "Streaming against offline, in float",
  float: "Float streaming against float offline",
  integersEqual: "int8 streaming equals int8 offline",
  integers: "int8 streaming against int8 offline",
};

const FILE: ParityWords = {
  equals: "The packaged model equals the opened file",
  heading: "The packaged model against the opened file, both rolled step by step, in float",
  float: "The packaged float model against the opened file, both rolled step by step",
  integersEqual: "int8 equals itself, one step to a call and many",
  integers: "int8 one step to a call against many steps to a call",
};

/** The words for one comparison. */
export function parityWords({ against }: Pick<ParityRecord, "against">): ParityWords {
  return against === "file" ? FILE : OFFLINE;
}
