import { commandOf } from "../../state/commands/list.ts";
import type { Overlay } from "../../state/view.ts";
import { Button, IconButton } from "../widgets/Button.tsx";
import { Icon } from "../widgets/Icon.tsx";
import {
  useEditsAround,
  useResult,
  useRun,
  useSession,
  useStudio,
  useText,
  useView,
} from "./studio-context.ts";
import css from "./TopBar.module.css";
import { useEditText } from "./use-edit-text.ts";

/** The model, undo, and what the view shows. */
export function TopBar() {
  const run = useRun();
  const { t } = useText();
  const hasModel = useSession((s) => s.model !== undefined || s.opening !== undefined);
  const language = useView((v) => v.language);
  const theme = useView((v) => v.theme);
  return (
    <header className={css.bar}>
      <h1 className={css.brand}>
        <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
          <path
            d="M1 5c3-3 4 3 7 0s4 3 7 0M1 11c3-3 4 3 7 0s4 3 7 0"
            fill="none"
            stroke="var(--accent)"
            strokeWidth="2"
            strokeLinecap="round"
          />
        </svg>
        Rill
      </h1>
      {hasModel ? (
        <>
          <ModelFacts />
          <UndoButtons />
          <OverlayChoice />
        </>
      ) : (
        <span className={css.space} />
      )}
      <Button
        look="quiet"
        onClick={() => run(commandOf("toggleLanguage"))}
        aria-label={t("command.toggleLanguage")}
        data-testid="language"
      >
        {language === "en" ? "中文" : "English"}
      </Button>
      <IconButton
        label={t("top.theme", { theme: t(`theme.${theme}`) })}
        onClick={() => run(commandOf("toggleTheme"))}
        data-testid="theme"
      >
        <Icon name="theme" />
      </IconButton>
      <IconButton
        label={t("command.palette")}
        onClick={() => run(commandOf("palette"))}
        data-testid="palette"
      >
        <Icon name="command" />
      </IconButton>
      <IconButton label={t("command.help")} onClick={() => run(commandOf("help"))} data-testid="help">
        <Icon name="help" />
      </IconButton>
    </header>
  );
}

function ModelFacts() {
  const run = useRun();
  const summary = useResult("open");
  const fileName = useSession((s) => s.opening?.files[0]?.name);
  const { t, count } = useText();
  return (
    <>
      <Button look="quiet" onClick={() => run(commandOf("open"))} title={t("command.open")}>
        <Icon name="folder" />
        <strong className={css.model} data-testid="model-name">
          {summary?.name ?? fileName ?? "…"}
        </strong>
      </Button>
      {summary ? (
        <span className={css.facts}>
          {t("top.facts", {
            format: summary.quantized ? "ESP-DL" : `opset ${summary.opset}`,
            ops: count(summary.nodes.length),
            parameters: count(summary.parameterCount),
          })}
        </span>
      ) : null}
      <span className={css.space} />
    </>
  );
}

function UndoButtons() {
  const run = useRun();
  const { past, future } = useEditsAround();
  const editText = useEditText();
  const { t } = useText();
  return (
    <>
      <IconButton
        label={past ? t("top.undo", { edit: editText(past) }) : t("command.undo")}
        disabled={!past}
        onClick={() => run(commandOf("undo"))}
        data-testid="undo"
      >
        <Icon name="undo" />
      </IconButton>
      <IconButton
        label={future ? t("top.redo", { edit: editText(future) }) : t("command.redo")}
        disabled={!future}
        onClick={() => run(commandOf("redo"))}
        data-testid="redo"
      >
        <Icon name="redo" />
      </IconButton>
    </>
  );
}

const OVERLAYS: readonly Overlay[] = [
  "none",
  "time",
  "modules",
  "macs",
  "bytes",
  "divergence",
  "sqnr",
  "own",
  "exponent",
  "support",
];

function OverlayChoice() {
  const { view } = useStudio();
  const overlay = useView((v) => v.overlay);
  const { t } = useText();
  return (
    <label className={css.overlay}>
      {t("top.overlay")}
      <select
        value={overlay}
        data-testid="overlay"
        onChange={(event) => view.setState({ overlay: event.currentTarget.value as Overlay })}
      >
        {OVERLAYS.map((id) => (
          <option key={id} value={id}>
            {t(`overlay.${id}`)}
          </option>
        ))}
      </select>
    </label>
  );
}
