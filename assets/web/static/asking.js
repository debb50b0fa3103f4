// Dialogs: what they are made of, and short questions: a name, a confirmation, a text.

import { button, h, icon } from "./dom.js";
import { put, state, touch } from "./store.js";
import { t } from "./words.js";

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

/** Show a form in a dialog: submitting runs `send`, whose problem is shown and keeps the dialog open. */
export function askForm({ title, intro, body, submit, danger = false, send }) {
  return ask((close) => {
    const problem = h("div", { class: "note fail", role: "alert", hidden: true });
    const go = h("button", { class: danger ? "danger" : "main", type: "submit" }, submit);
    const form = h(
      "form",
      { novalidate: true },
      h("h2", {}, title),
      intro && h("p", { class: "soft" }, intro),
      body,
      problem,
      h(
        "div",
        { class: "buttons" },
        button(t("ask.cancel"), () => close()),
        go,
      ),
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
        if (trouble.field) point(trouble.field, trouble.message);
        else problem.scrollIntoView({ block: "center" }); // the buttons below would cover its edge
      } finally {
        go.disabled = false;
      }
    });
    return form;
  });
}

/** Go to a field, and say there what is wrong with it until it is changed. */
function point(field, message) {
  field.focus();
  if (!field.setCustomValidity) return;
  field.setCustomValidity(message);
  field.reportValidity();
  field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
}

/** What a form throws where something is missing: a text, and the field to go to. */
export const missing = (text, field) => Object.assign(new Error(text), { field });

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

/** A box to tick, or one of several to choose from. */
export const choice = (input, ...words) =>
  h("label", { class: "choice" }, h("input", { type: "radio", ...input }), h("span", {}, words));

/** Whether a person said yes; `word` has to be typed first where it is given. */
export async function confirmed({ title, text, yes, danger = false, word = null }) {
  const input = word && h("input", { name: "word", autocomplete: "off", spellcheck: "false" });
  const said = await askForm({
    title,
    intro: text,
    body: input && field(t("ask.type", { word }), input),
    submit: yes,
    danger,
    send: async () => {
      if (word && input.value.trim().toUpperCase() !== word) throw missing(t("ask.type", { word }), input);
      return "yes";
    },
  });
  return said === "yes";
}

/** A text that a person types, sent by `send`. */
export function asked({
  label,
  hint = null,
  needed = t("ask.needed", { what: label }),
  input = {},
  send,
  ...more
}) {
  const typed = h("input", { name: "text", autocomplete: "off", ...input });
  return askForm({
    ...more,
    body: field(label, typed, hint),
    send: async () => {
      if (!typed.value.trim()) throw missing(needed, typed);
      return send(typed.value.trim());
    },
  });
}

/** The name under which answers are kept, asked for once. */
export async function named(again = false) {
  if (state.me.name && !again) return true;
  const said = await asked({
    title: t("name.title"),
    intro: t("name.text"),
    label: t("name.label"),
    hint: t("name.hint"),
    needed: t("name.needed"),
    input: { name: "name", autocomplete: "name", required: true, maxlength: 100, value: state.me.name },
    submit: t("name.save"),
    send: async (name) => {
      state.me = await put("/api/me", { name });
      touch();
      return "yes";
    },
  });
  return said === "yes";
}
