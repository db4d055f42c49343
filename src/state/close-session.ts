import { EMPTY_PLAN, startPlan } from "./document.ts";
import { EMPTY_SESSION } from "./session.ts";
import type { Studio } from "./studio.ts";
import { forgetSelection } from "./view.ts";

/** Back to the page on which nothing is open. */
export function closeSession({ session, stages, document, found, view }: Studio): void {
  const { samples } = session.getState();
  session.setState({ ...EMPTY_SESSION, samples }, true);
  for (const stage of Object.values(stages)) stage.reset();
  found.setState({}, true);
  startPlan(document, EMPTY_PLAN);
  forgetSelection(view);
  view.setState({ step: "model", drawerOpen: false, overlay: "none" });
}
