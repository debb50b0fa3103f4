// Recording a consent, an event's sheet or a place's permission: only what the kind asks.

import { askForm, choice, field, missing } from "./asking.js";
import { button, complain, fill, h, icon, tell } from "./dom.js";
import { get, post, state } from "./store.js";
import { known, t, term } from "./words.js";

// What is asked at once, in groups; the rest stands under "more".
const GROUPS = [
  [
    "who",
    [
      "event",
      "kinds",
      "people",
      "opt_outs",
      "place",
      "authority",
      "subject",
      "giver",
      "relation",
      "capacity",
      "minor",
      "majority",
    ],
  ],
  ["use", ["photo", "first", "last", "channels", "identifiable", "told_no_recall", "final_picture_seen"]],
  ["paper", ["form", "form_sha256", "sheet_sha256", "signed", "expires"]],
];

/** Record something; resolves with the record, or "" when it was given up. */
export async function recordForm(kinds, { photo = null, ref = "" } = {}) {
  let kind = kinds[0];
  let questions = (await get(`/api/forms/${kind}`)).questions;
  const place = h("div", { class: "stack" });
  const draw = () => {
    fill(place, fieldsOf(kind, questions, photo));
    settle(place, kind, questions);
  };
  const chooser =
    kinds.length > 1 &&
    field(
      t("record.kind"),
      h(
        "select",
        {
          name: "kind",
          onchange: async (event) => {
            kind = event.target.value;
            questions = (await get(`/api/forms/${kind}`)).questions;
            draw();
          },
        },
        kinds.map((one) => h("option", { value: one }, term("people", one))),
      ),
      t("record.kind_hint"),
    );
  place.addEventListener("change", () => settle(place, kind, questions));
  draw();
  const printed = field(
    t("record.ref"),
    h("input", {
      name: "ref",
      autocomplete: "off",
      spellcheck: "false",
      value: ref,
      placeholder: "C-4T7-K9Q-X7G",
    }),
    t("record.ref_hint"),
  );
  const print = h(
    "div",
    { class: "note" },
    icon("print"),
    h(
      "div",
      { class: "stack" },
      h("p", {}, t("record.print_text")),
      h(
        "div",
        { class: "row" },
        printButtons(() => kind, { photo, input: printed.querySelector("input") }),
      ),
    ),
  );
  return askForm({
    title: t(kinds.length === 1 ? `record.title_${kinds[0]}` : "record.title"),
    intro: t("record.intro"),
    submit: t("record.save"),
    body: h(
      "div",
      { class: "stack" },
      chooser,
      kinds[0] !== "place" && print,
      place,
      h("details", {}, h("summary", {}, t("record.printed")), printed),
    ),
    send: async () => {
      refuseEmpty(place, questions);
      const fields = await values(place, questions);
      const typed = printed.querySelector("input").value.trim();
      return post("/api/records", { kind, fields, ...(typed ? { ref: typed } : {}) });
    },
  });
}

/** The buttons that print a form of a kind, one for each language; `after` is called once it is made. */
export const printButtons = (kind, { photo = null, input = null, about = null, after = () => {} }) =>
  ["en", "ms"].map((language) =>
    button(
      [t(`record.print_${language}`), about?.cloneNode(true)],
      () => {
        printForm(kind(), photo, language, input);
        after();
      },
      { class: "tight", lang: language },
    ),
  );

/** Make a form with a new reference and open it to be printed. */
async function printForm(kind, photo, language, input) {
  const page = window.open("", "_blank"); // opened at once: later it would count as a pop-up
  try {
    const { ref, url } = await post(`/api/forms/${kind}/print`, { photo: photo?.id ?? null, language });
    if (input) input.value = ref;
    if (page) page.location = url;
    else location.assign(url);
    tell(t("record.printed_as", { ref }));
  } catch (trouble) {
    page?.close();
    complain(trouble);
  }
}

function fieldsOf(kind, questions, photo) {
  const by = new Map(questions.map((question) => [question.field, question]));
  const groups = GROUPS.map(([name, fields]) => {
    const asked = fields.filter((one) => by.has(one)).map((one) => by.get(one));
    for (const question of asked) by.delete(question.field);
    return asked.length
      ? h(
          "fieldset",
          { class: "card" },
          h("legend", {}, h("b", {}, t(`record.group_${name}`))),
          h(
            "div",
            { class: "fields two" },
            asked.map((question) => control(question, kind, photo)),
          ),
        )
      : null;
  });
  by.delete("purpose"); // what is posted is publication: it is sent as such
  const rest = [...by.values()];
  return [
    ...groups,
    rest.length > 0 &&
      h(
        "details",
        {},
        h("summary", {}, t("record.more")),
        h(
          "div",
          { class: "fields two" },
          rest.map((question) => control(question, kind, photo)),
        ),
      ),
  ];
}

function control(question, kind, photo) {
  const name = question.field;
  const label = known(`fields.${name}`) ? t(`fields.${name}`) : question.asks;
  const hinted = [`hints.${name}_${kind}`, `hints.${name}`].find(known);
  const hint = hinted ? t(hinted) : null;
  const wrap = (element, wide = false) => h("div", { class: wide ? "all" : "", "data-field": name }, element);
  if (name === "photo") return wrap(onlyThis(photo, label), true);
  if (question.type === "choice" || question.type === "choices") {
    const many = question.type === "choices";
    const usual = [question.usual].flat();
    if (!many && question.choices.length > 4)
      return wrap(
        field(
          label,
          h(
            "select",
            { name },
            question.choices.map((value) =>
              h("option", { value, selected: usual.includes(value) }, term("choices", value)),
            ),
          ),
          hint,
        ),
      );
    return wrap(
      h(
        "fieldset",
        {},
        h("legend", {}, label),
        hint && h("p", { class: "hint soft small" }, hint),
        h(
          "div",
          { class: "choices" },
          question.choices.map((value) =>
            choice(
              { type: many ? "checkbox" : "radio", name, value, checked: usual.includes(value) },
              term("choices", value),
            ),
          ),
        ),
      ),
    );
  }
  if (question.type === "sha256")
    return wrap(field(label, h("input", { type: "file", name, accept: ".pdf,image/*" }), hint), true);
  const type = { day: "date", number: "number" }[question.type] ?? "text";
  const usual =
    name === "channels" ? state.channel : name === "signed" ? "" : [question.usual].flat().join(", ");
  return wrap(
    field(
      question.needed || name === "conditions" ? label : `${label} ${t("record.optional")}`,
      h("input", {
        type,
        name,
        autocomplete: "off",
        value: usual === "0" || usual === "unknown" ? "" : usual,
        min: type === "number" ? "1" : null,
      }),
      hint,
    ),
    name === "channels" || name === "conditions",
  );
}

function onlyThis(photo, label) {
  if (!photo?.sha256) return h("input", { type: "hidden", name: "photo" });
  return h(
    "fieldset",
    {},
    h("legend", {}, label),
    h(
      "div",
      { class: "choices" },
      choice({ name: "photo", value: photo.sha256, checked: true }, t("record.this_photo")),
      choice({ name: "photo", value: "" }, t("record.days")),
    ),
  );
}

/** Go to the first field that is asked for and empty; throws where there is one. */
function refuseEmpty(place, questions) {
  for (const { field: name } of questions.filter(({ needed }) => needed)) {
    const part = place.querySelector(`[data-field="${name}"]`);
    const inputs = [...(part?.querySelectorAll("input:not([type=hidden]), select") ?? [])];
    if (!inputs.length || part.hidden) continue;
    if (inputs.some((one) => (/checkbox|radio/.test(one.type) ? one.checked : one.value.trim()))) continue;
    part.closest("details")?.setAttribute("open", "");
    throw missing(t("ask.needed", { what: part.querySelector("legend, label").textContent }), inputs[0]);
  }
}

/** Show only what the answers so far make necessary, as the questions themselves say. */
function settle(place, kind, questions) {
  const given = { kind };
  for (const { field: name, when } of questions) {
    const part = place.querySelector(`[data-field="${name}"]`);
    if (!part) continue;
    part.hidden = !Object.entries(when).every(([other, wanted]) => wanted.includes(given[other] ?? ""));
    const input = part.querySelector('input[type="radio"]:checked, input:not([type="radio"]), select');
    given[name] = part.hidden ? "" : (input?.value ?? "");
  }
}

/** The fields as the server takes them; what is hidden or empty is not sent. */
async function values(place, questions) {
  const out = {};
  for (const question of questions) {
    const name = question.field;
    if (name === "purpose") out.purpose = ["publication"];
    const part = place.querySelector(`[data-field="${name}"]`);
    if (!part || part.hidden) continue;
    const inputs = [...part.querySelectorAll("[name]")];
    const [first] = inputs;
    if (first?.type === "file") {
      if (first.files[0]) out[name] = await digest(first.files[0]);
    } else if (first?.type === "checkbox")
      out[name] = inputs.filter((input) => input.checked).map((input) => input.value);
    else if (first?.type === "radio") out[name] = inputs.find((input) => input.checked)?.value ?? "";
    else if (question.many)
      out[name] = first.value
        .split(",")
        .map((one) => one.trim())
        .filter(Boolean);
    else if (question.type === "number") out[name] = first.value === "" ? "" : Number(first.value);
    else out[name] = first?.value.trim() ?? "";
    if (out[name] === "" || out[name]?.length === 0) delete out[name];
  }
  return out;
}

/** The sha256 of a file, made here: the file itself is not sent. */
async function digest(file) {
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
