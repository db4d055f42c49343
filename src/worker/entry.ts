import { createRuntime } from "../runtime/ort.ts";
import { createHandlers } from "./entry/handlers.ts";
import type { Endpoint } from "./protocol.ts";
import { serve } from "./serve.ts";

serve(globalThis as unknown as Endpoint, createHandlers(createRuntime()));
