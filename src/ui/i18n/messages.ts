import { audioEn, audioZh } from "./words/audio.ts";
import { cachesEn, cachesZh } from "./words/caches.ts";
import { calibrateEn, calibrateZh } from "./words/calibrate.ts";
import { chipChoicesEn, chipChoicesZh } from "./words/chip-choices.ts";
import { chipsEn, chipsZh } from "./words/chips.ts";
import { commandsEn, commandsZh } from "./words/commands.ts";
import { distributionEn, distributionZh } from "./words/distribution.ts";
import { exportingEn, exportingZh } from "./words/export.ts";
import { graphEn, graphZh } from "./words/graph.ts";
import { inspectorEn, inspectorZh } from "./words/inspector.ts";
import { listenEn, listenZh } from "./words/listen.ts";
import { pictureEn, pictureZh } from "./words/picture.ts";
import { resultsEn, resultsZh } from "./words/results.ts";
import { sessionsEn, sessionsZh } from "./words/sessions.ts";
import { shellEn, shellZh } from "./words/shell.ts";
import { splitsEn, splitsZh } from "./words/splits.ts";
import { timeEn, timeZh } from "./words/time.ts";

/** Every text of the page in English. The words of a panel are one file, both languages beside each other. */
export const en = {
  ...audioEn,
  ...cachesEn,
  ...calibrateEn,
  ...chipChoicesEn,
  ...chipsEn,
  ...commandsEn,
  ...distributionEn,
  ...exportingEn,
  ...graphEn,
  ...inspectorEn,
  ...pictureEn,
  ...listenEn,
  ...resultsEn,
  ...sessionsEn,
  ...shellEn,
  ...splitsEn,
  ...timeEn,
} as const;

export type MessageKey = keyof typeof en;

/** 页面的全部文字。 */
export const zhCN: Readonly<Record<MessageKey, string>> = {
  ...audioZh,
  ...cachesZh,
  ...calibrateZh,
  ...chipChoicesZh,
  ...chipsZh,
  ...commandsZh,
  ...distributionZh,
  ...exportingZh,
  ...graphZh,
  ...inspectorZh,
  ...pictureZh,
  ...listenZh,
  ...resultsZh,
  ...sessionsZh,
  ...shellZh,
  ...splitsZh,
  ...timeZh,
};
