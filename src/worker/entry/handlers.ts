import { fail } from "../../core/base/problem.ts";
import { layoutGraph } from "../../core/layout/layout-graph.ts";
import { cacheProposals } from "../../core/stream/proposals.ts";
import { type Analysis, analyse, requireAxis } from "../../engine/analyse.ts";
import { convertModel, streamingReport } from "../../engine/convert-model.ts";
import type { Runtime } from "../../engine/ports.ts";
import type { AnalysisReport } from "../../engine/reports.ts";
import { summarize } from "../../engine/summarize.ts";
import type { Handlers } from "../protocol.ts";
import { ModelCache } from "./model-cache.ts";

/** The jobs of the worker: each reads its files and calls one use case of the engine. */
export function createHandlers(_runtime: Runtime): Handlers {
  const models = new ModelCache();
  return {
    async open({ model }, job) {
      return summarize(await models.get(model, job.report));
    },

    layout({ options, ...input }, job) {
      const layout = layoutGraph(input, options);
      for (const part of Object.values(layout)) if (ArrayBuffer.isView(part)) job.move(part);
      return layout;
    },

    async analyse({ model, axes }) {
      const opened = await models.get(model);
      return analysisReport(analyse(opened, axes));
    },

    async convert({ model, plan }) {
      const opened = await models.get(model);
      const analysis = analyse(opened, plan.axes);
      requireAxis(analysis);
      return streamingReport(convertModel(opened, analysis.stream, plan));
    },

    inspectClips: ({ clips }) => clips.map(({ name }) => ({ file: name, problem: { code: "data.none" } })),
    previewClip: () => fail({ code: "data.none" }),
    calibrate: () => fail({ code: "data.none" }),
    compare: () => fail({ code: "data.none" }),
    exportPackage: () => fail({ code: "data.none" }),
  };
}

function analysisReport({ stream, candidates }: Analysis): AnalysisReport {
  return {
    axes: candidates,
    facts: stream.facts,
    refusals: stream.refusals,
    proposals: cacheProposals(stream),
    minimalChunk: stream.minimalChunk,
    defaultFeatures: {},
  };
}
