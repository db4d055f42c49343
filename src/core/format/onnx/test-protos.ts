import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Problem, StudioError } from "../../base/problem.ts";
import { decodeModel } from "./decode-model.ts";
import { encodeModel } from "./encode-model.ts";
import { ModelProtoSchema } from "./onnx_pb.ts";

/** Fields of a model's record, in the format's own words. */
export type ModelInit = MessageInitShape<typeof ModelProtoSchema>;

export const entry = (key: string, value: string) => ({ key, value });

export const bytesOf = (init: ModelInit): Uint8Array =>
  toBinary(ModelProtoSchema, create(ModelProtoSchema, init));

/** The problem of opening these bytes, or undefined if they open; anything but a problem is thrown on. */
export function problemOf(bytes: Uint8Array): Problem | undefined {
  try {
    encodeModel(decodeModel(bytes));
    return undefined;
  } catch (error) {
    if (error instanceof StudioError) return error.problem;
    throw error;
  }
}
