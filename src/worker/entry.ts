import { createRuntime } from "../runtime/ort.ts";
import { createHandlers } from "./entry/handlers.ts";
import { holdLiveness } from "./liveness.ts";
import type { Endpoint } from "./protocol.ts";
import { serve } from "./serve.ts";

const page = globalThis as unknown as Endpoint;
serve(page, createHandlers(createRuntime()));
holdLiveness(page);
