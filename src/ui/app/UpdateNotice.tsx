import { useState } from "react";
import { useStore } from "zustand";
import { Button } from "../widgets/Button.tsx";
import css from "./Notices.module.css";
import { useStudio, useText } from "./studio-context.ts";

/** A newer version asks before it starts, since starting it reloads the page. */
export function UpdateNotice() {
  const update = useStore(useStudio().installation, (i) => i.update);
  const [later, setLater] = useState(false);
  const { t } = useText();
  if (!update || later) return null;
  return (
    <div className={css.update} role="status" data-testid="update">
      <p>{t("install.update")}</p>
      <Button look="primary" onClick={update}>
        {t("install.reload")}
      </Button>
      <Button look="quiet" onClick={() => setLater(true)}>
        {t("install.later")}
      </Button>
    </div>
  );
}
