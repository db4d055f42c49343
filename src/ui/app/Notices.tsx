import { dismissNotice } from "../../state/session.ts";
import { IconButton } from "../widgets/Button.tsx";
import { Icon } from "../widgets/Icon.tsx";
import { ProblemCard } from "../widgets/ProblemCard.tsx";
import css from "./Notices.module.css";
import { PlaceButton } from "./PlaceButton.tsx";
import { useSession, useStudio, useText } from "./studio-context.ts";

/** Problems of files that were not taken; they stay until dismissed or until the next files come. */
export function Notices() {
  const { session } = useStudio();
  const notices = useSession((s) => s.notices);
  const { t, problem } = useText();
  if (notices.length === 0) return null;
  return (
    <div className={css.notices} role="alert" data-testid="notices">
      {notices.map((notice) => (
        <ProblemCard
          key={JSON.stringify(notice)}
          severity="warning"
          code={notice.code}
          {...problem(notice)}
          close={
            <IconButton label={t("action.dismiss")} onClick={() => dismissNotice(session, notice)}>
              <Icon name="close" size={12} />
            </IconButton>
          }
        >
          <PlaceButton problem={notice} />
        </ProblemCard>
      ))}
    </div>
  );
}
