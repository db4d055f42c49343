import { sliceAxis } from "../../core/ir/axis.ts";
import { statePairs } from "../../core/stream/state-pairs.ts";
import type { Block } from "../blocks.ts";
import type { ClipReader } from "../clip-reader.ts";
import { compareTwin, type TwinReport } from "../compare-twin.ts";
import type { OpenedModel } from "../open-model.ts";
import type { Job, Runtime } from "../ports.ts";
import { matchPorts } from "../twin-ports.ts";
import { type CarriedPlan, prepareCarried } from "./prepare-carried.ts";

/** Frames of a clip that both models are run over. */
const MOST_FRAMES = 2048;

export interface PlanTwin {
  readonly streaming: OpenedModel;
  readonly plan: CarriedPlan;
  readonly offline: OpenedModel;
  /** Present: its first frames are the input; absent, or where the offline file fixes a longer clip: noise. */
  readonly clip?: ClipReader | undefined;
}

/**
 * A model that streams under a plan's states against the offline model that it was made from, every frame of every
 * output. Throws what `compareTwin` and `prepareCarried` throw.
 */
export async function comparePlanTwin(
  { streaming, plan, offline, clip }: PlanTwin,
  runtime: Runtime,
  job: Pick<Job<never>, "checkpoint">,
): Promise<TwinReport> {
  const { pairs, fixed, streaming: rolled } = prepareCarried(streaming, plan);
  const names = rolled.model.inputs.map((p) => p.name);
  const own = statePairs(offline.normalized, offline.inference).rest.inputs;
  const ports = matchPorts({ opened: offline, names: own }, { opened: streaming, names });
  const axes = Object.fromEntries(
    ports.flatMap((p) => {
      const axis = plan.axes[p.streaming];
      return axis === undefined ? [] : [[p.offline, axis] as const];
    }),
  );
  let inputs: Block | undefined;
  const lengths = Object.entries(axes).map(([name, axis]) => offline.inference.info(name).shape?.[axis]);
  const declared = lengths.find((d) => typeof d === "number");
  if (clip) {
    clip.rewind();
    const frames = declared ?? Math.min(clip.frames, MOST_FRAMES);
    const block = frames <= clip.frames ? await clip.read(frames) : undefined;
    if (block)
      inputs = Object.fromEntries(
        ports.flatMap((p) => {
          const [tensor, axis] = [block[p.streaming], axes[p.offline]];
          if (!tensor) return [];
          const extent = axis === undefined ? 0 : Math.min(frames, tensor.dims[axis] ?? 0);
          return [[p.offline, axis === undefined ? tensor : sliceAxis(tensor, axis, 0, extent)] as const];
        }),
      );
  }
  const states = pairs.map(({ input, output, init = 0 }) => ({ input, output, init }));
  const options = { axes, chunk: plan.chunk, states, fixed, ...(inputs && { inputs }) };
  return compareTwin({ offline, streaming }, options, runtime, job);
}
