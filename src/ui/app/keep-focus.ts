/** Elements that Tab stops at. */
const STOPS =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex="0"]';
/** Within these, what follows the lost stop takes its place. */
const LISTS = "ul, ol, tbody, fieldset, nav, [role=alert], [role=tablist]";
/** Else their region takes the focus itself, so that a key held down presses nothing. */
const REGIONS = "main, aside, section, dialog";

interface Holder {
  readonly element: Element;
  /** How many stops of `element` lay before the focus. */
  readonly before: number;
}

/**
 * Keeps a place for who works by keys: when the focused element is removed or disabled, the focus goes to its neighbour in
 * the list, else to the region around it, instead of to nowhere. Gives back a function that stops.
 */
export function keepFocus(root: HTMLElement): () => void {
  let last: HTMLElement | undefined;
  let holders: readonly Holder[] = [];
  const onFocus = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement)) return;
    last = target;
    holders = holdersOf(target);
  };
  const check = () => {
    if (!last || (last.isConnected && !last.matches(":disabled"))) return;
    // Somebody else has taken the focus, or will: a dialog, a field that was asked for.
    const now = document.activeElement;
    if (now && now !== document.body && now !== last) return;
    last = undefined;
    takeOver(holders);
  };
  // After every effect of the same commit has had its say.
  const observer = new MutationObserver(() => requestAnimationFrame(check));
  observer.observe(root, { childList: true, subtree: true, attributeFilter: ["disabled"] });
  root.addEventListener("focusin", onFocus);
  return () => {
    observer.disconnect();
    root.removeEventListener("focusin", onFocus);
  };
}

function holdersOf(target: Element): Holder[] {
  const holders: Holder[] = [];
  for (let e = target.parentElement; e; e = e.parentElement) {
    if (!e.matches(`${LISTS}, ${REGIONS}`)) continue;
    const stops = e.matches(LISTS) ? [...e.querySelectorAll(STOPS)] : [];
    holders.push({ element: e, before: stops.indexOf(target) });
  }
  return holders;
}

function takeOver(holders: readonly Holder[]): void {
  for (const { element, before } of holders) {
    if (!element.isConnected) continue;
    if (element.matches(LISTS)) {
      const stops = element.querySelectorAll<HTMLElement>(STOPS);
      const next = stops[Math.min(Math.max(0, before), stops.length - 1)];
      if (!next) continue;
      next.focus();
      return;
    }
    focusRegion(element);
    return;
  }
  focusRegion(document.querySelector("main"));
}

function focusRegion(region: Element | null): void {
  if (!(region instanceof HTMLElement)) return;
  if (!region.hasAttribute("tabindex")) region.tabIndex = -1;
  region.focus({ preventScroll: true });
}
