import type { Endpoint } from "../protocol.ts";
import { serve } from "../serve.ts";
import { layOut } from "./lay-out.ts";

serve(globalThis as unknown as Endpoint, { layout: layOut });
