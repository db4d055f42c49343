import { commandOf } from "../../../state/commands/list.ts";
import { Button } from "../../widgets/Button.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { useRun, useSession, useSessions, useText } from "../studio-context.ts";
import css from "./Sessions.module.css";

/** A session that goes on once its model is dropped again. */
export function AwaitedModel() {
  const restoring = useSession((s) => s.restoring);
  const sessions = useSessions();
  const run = useRun();
  const { t, list, bytes } = useText();
  if (!restoring) return null;
  const { name, model } = restoring.saved;
  const files = list(model.files.map((f) => `${f.name} (${bytes(f.bytes)})`));
  const [first] = model.files;
  return (
    <section className={css.awaits} aria-label={t("sessions.title")} data-testid="awaited-model">
      <h2>{t("sessions.awaits", { file: files })}</h2>
      <p>{t("sessions.awaitsHint", { name, sha: `${model.sha256.slice(0, 12)}…` })}</p>
      <div className={css.choices}>
        <Button look="primary" onClick={() => run(commandOf("open"))}>
          <Icon name="folder" />
          {t("sessions.awaitsOpen", { file: first?.name ?? "" })}
        </Button>
        <Button look="quiet" onClick={() => sessions.startAnew()}>
          {t("sessions.startAnew")}
        </Button>
      </div>
    </section>
  );
}
