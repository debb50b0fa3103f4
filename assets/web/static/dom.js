// Small tools for building and finding parts of the page.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (on* are listeners, null and false are left out) and children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !name.includes("-") && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...there(children));
  return element;
}

const there = (children) =>
  children.flat(3).filter((child) => child !== null && child !== undefined && child !== false);

/** A button with its words. */
export const button = (words, onclick, attributes = {}) =>
  h("button", { type: "button", onclick, ...attributes }, words);

export const soft = (...words) => h("span", { class: "soft small" }, words);

/** Words that are only read out. */
export const unseen = (words) => h("span", { class: "sr" }, words);

/** A picture from the sprite in the page; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** An address as a link, where it is one. */
export const linked = (url) =>
  /^https?:/.test(url) ? h("a", { href: url, rel: "noreferrer", target: "_blank" }, url) : url;

export const byId = (id) => document.getElementById(id);

/** Replace what an element holds; the focus stays on what has the same data-key, or near it. */
export function fill(element, ...children) {
  const now = there(children);
  if (
    now.length === element.childNodes.length &&
    now.every((one, place) => one === element.childNodes[place])
  )
    return; // so that nothing moves
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.closest("[data-key]")?.dataset.key;
  const about = focused?.closest("[data-finding]")?.dataset.finding;
  element.replaceChildren(...now);
  const same = key && element.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const near = about && element.querySelector(`[data-finding="${CSS.escape(about)}"] :is(button, input)`);
  (same || near)?.focus({ preventScroll: true });
}

/** Make the elements of photos: one is made again only when its photo changed. */
export function keeping(make) {
  let kept = new Map();
  return (photos) => {
    kept = new Map(
      photos.map((photo) => {
        const before = kept.get(photo.id);
        return [photo.id, before?.photo === photo ? before : { photo, element: make(photo) }];
      }),
    );
    return [...kept.values()].map((one) => one.element);
  };
}

let fading = 0;

/** Say something in passing: seen at the foot of the page, and read out politely. */
export function tell(text, { action = null, bad = false } = {}) {
  const told = byId("told");
  const act = () => {
    told.replaceChildren();
    action.run();
  };
  told.classList.toggle("fail", bad);
  told.replaceChildren(
    ...there([h("span", {}, text), action && button(action.label, act, { class: "tight" })]),
  );
  clearTimeout(fading);
  fading = setTimeout(() => told.replaceChildren(), bad || action ? 12000 : 6000);
}

/** Say what went wrong, and what to do. */
export const complain = (trouble) => tell(`${trouble.message} ${trouble.advice ?? ""}`, { bad: true });

/** Read something out without showing it. */
export function announce(text) {
  byId("spoken").textContent = text;
}
