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
  element.append(
    ...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

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

export const byId = (id) => document.getElementById(id);

/** Replace what an element holds; the focus stays on what has the same data-key, or near it. */
export function fill(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.closest("[data-key]")?.dataset.key;
  const about = focused?.closest("[data-finding]")?.dataset.finding;
  element.replaceChildren(...children.flat(3).filter(Boolean));
  const same = key && element.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const near = about && element.querySelector(`[data-finding="${CSS.escape(about)}"] :is(button, input)`);
  (same || near)?.focus({ preventScroll: true });
}

let fading = 0;

/** Say something in passing: seen at the foot of the page, and read out politely. */
export function tell(text, { action = null, bad = false } = {}) {
  const told = byId("told");
  const [words, button] = [
    h("span", {}, text),
    action &&
      h(
        "button",
        {
          type: "button",
          class: "tight",
          onclick: () => {
            told.replaceChildren();
            action.run();
          },
        },
        action.label,
      ),
  ];
  told.classList.toggle("fail", bad);
  told.replaceChildren(...[words, button].filter(Boolean));
  clearTimeout(fading);
  fading = setTimeout(() => told.replaceChildren(), bad || action ? 12000 : 6000);
}

/** Read something out without showing it. */
export function announce(text) {
  byId("spoken").textContent = text;
}

let dialogs = 0;

/** Show a dialog; resolves with its value once it is closed ("" when it was given up). */
export function ask(build) {
  const dialog = h("dialog", {});
  const before = document.activeElement;
  return new Promise((resolve) => {
    const close = (value = "") => {
      dialog.returned = value;
      dialog.close();
    };
    dialog.append(build(close, dialog));
    const title = dialog.querySelector("h2");
    if (title) {
      title.id ||= `dialog-${(dialogs += 1)}`;
      dialog.setAttribute("aria-labelledby", title.id);
    }
    dialog.addEventListener("close", () => {
      dialog.remove();
      // This event comes a moment after the closing: what a quick key has brought into focus stays there.
      if (document.activeElement === document.body && before?.dataset.key)
        document
          .querySelector(`[data-key="${CSS.escape(before.dataset.key)}"]`)
          ?.focus({ preventScroll: true });
      resolve(dialog.returned ?? "");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A form inside a dialog: submit runs `send`, whose problem is shown and keeps the dialog open. */
export function dialogForm(close, { title, intro, body, submit, danger = false, send, cancel }) {
  const problem = h("div", { class: "note fail", role: "alert", hidden: true });
  const go = h("button", { class: danger ? "danger" : "main", type: "submit" }, submit);
  const form = h(
    "form",
    { novalidate: true },
    h("h2", {}, title),
    intro && h("p", { class: "soft" }, intro),
    body,
    problem,
    h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => close() }, cancel), go),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    go.disabled = true;
    try {
      close(await send(form));
    } catch (trouble) {
      problem.replaceChildren(icon("alert"), h("p", {}, trouble.message, " ", trouble.advice ?? ""));
      problem.hidden = false;
      (trouble.field ?? problem).focus?.();
      problem.scrollIntoView({ block: "nearest" });
    } finally {
      go.disabled = false;
    }
  });
  return form;
}

/** A labelled field. */
export function field(label, input, hint = null) {
  const id = input.id || `f-${Math.random().toString(36).slice(2, 8)}`;
  input.id = id;
  if (hint) input.setAttribute("aria-describedby", `${id}-hint`);
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
    input,
  );
}
