import { holdLiveness } from "../liveness.ts";
import type { Endpoint } from "../protocol.ts";
import { serve } from "../serve.ts";
import { layOut } from "./lay-out.ts";

const page = globalThis as unknown as Endpoint;
serve(page, { layout: layOut });
holdLiveness(page);
