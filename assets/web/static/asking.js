// Short questions: a name, a confirmation, a text.

import { put } from "./api.js";
import { ask, dialogForm, field, h } from "./dom.js";
import { state, touch } from "./store.js";
import { t } from "./words.js";

/** Whether a person said yes; `word` has to be typed first where it is given. */
export async function confirmed({ title, text, yes, danger = false, word = null }) {
  const input = word && h("input", { name: "word", autocomplete: "off", spellcheck: "false" });
  const said = await ask((close) =>
    dialogForm(close, {
      title,
      intro: text,
      body: input && field(t("ask.type", { word }), input),
      submit: yes,
      danger,
      cancel: t("ask.cancel"),
      send: async () => {
        if (word && input.value.trim().toUpperCase() !== word)
          throw Object.assign(new Error(t("ask.type", { word })), { field: input });
        return "yes";
      },
    }),
  );
  return said === "yes";
}

/** The name under which answers are kept, asked for once. */
export async function named(again = false) {
  if (state.me.name && !again) return true;
  const input = h("input", {
    name: "name",
    autocomplete: "name",
    required: true,
    maxlength: 100,
    value: state.me.name,
  });
  const said = await ask((close) =>
    dialogForm(close, {
      title: t("name.title"),
      intro: t("name.text"),
      body: field(t("name.label"), input, t("name.hint")),
      submit: t("name.save"),
      cancel: t("ask.cancel"),
      send: async () => {
        if (!input.value.trim()) throw Object.assign(new Error(t("name.needed")), { field: input });
        state.me = await put("/api/me", { name: input.value.trim() });
        touch();
        return "yes";
      },
    }),
  );
  return said === "yes";
}

/** A text that a person types, sent by `send`. */
export async function asked({
  title,
  intro,
  label,
  hint = null,
  submit,
  type = "text",
  danger = false,
  send,
}) {
  const input = h("input", { name: "text", type, autocomplete: "off" });
  return ask((close) =>
    dialogForm(close, {
      title,
      intro,
      body: field(label, input, hint),
      submit,
      danger,
      cancel: t("ask.cancel"),
      send: async () => {
        if (!input.value.trim())
          throw Object.assign(new Error(t("ask.needed", { what: label })), { field: input });
        return send(input.value.trim());
      },
    }),
  );
}
