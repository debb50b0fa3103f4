// Answers for many photos at once: what can be said, one confirmation that names what will be recorded.

import { askForm, choice, field, missing } from "./asking.js";
import { button, complain, fill, h, icon, soft } from "./dom.js";
import { recordForm } from "./forms.js";
import { openOf } from "./order.js";
import { SMALL, picture } from "./pictures.js";
import { suggestedOf, suggestedPart } from "./proposals.js";
import { shownAt } from "./shown.js";
import { get, post, ruleOf, rulesOf, state } from "./store.js";
import { day, known, listed, many, number, t, term } from "./words.js";

/** What can be said about many photos, in the order of its keys, and the kinds of findings that it is for. */
export const SAYINGS = {
  "nothing-clinical": ["doubt"],
  signed: ["face"],
  "cover-faces": ["face"],
  "cover-texts": ["text"],
  "cover-codes": ["code"],
  credit: ["source"],
  place: ["clinical", "place", "doubt"],
  patients: ["clinical", "doubt"],
  dismiss: ["face", "person", "clinical", "place", "source", "code", "text"],
  "cover-people": ["person"],
  suggested: ["face"],
};

/** What each saying answers, where a finding has several needs. */
const NEED = { place: "place-permission", patients: "patient-consent" };

/** The open findings of some photos that a saying is for. */
export const aboutOf = (what, photos) =>
  photos.flatMap((photo) =>
    openOf(photo).findings.filter(
      ({ id, kind }) =>
        SAYINGS[what].includes(kind) &&
        (!NEED[what] ||
          kind === "doubt" ||
          photo.needs.some((need) => need.finding === id && need.needs === NEED[what])) &&
        (what !== "suggested" || suggestedOf(photo).some(({ finding }) => finding === id)),
    ),
  );

// A person who answers album after album chooses the same sheet and line again.
const last = { signed: [], place: [], patients: [], credit: "" };

/** Ask, show what would be recorded, and record it; resolves with the server's answer, or "". */
export function say(what, photos) {
  const form = {
    signed: recordsPart,
    place: recordsPart,
    patients: recordsPart,
    credit: creditPart,
    dismiss: dismissPart,
    suggested: suggestedPart,
  }[what];
  const summary = h("div", { class: "stack", role: "status" });
  const body = (dry, values) => {
    const ids = part.photos?.() ?? photos.map((photo) => photo.id);
    const side = Math.min(...ids.map((id) => shownAt(id) || Infinity));
    return { photos: ids, side: Number.isFinite(side) ? side : 480, dry, say: { what, ...values } };
  };
  let asked = 0;
  let ready = false;

  const go = () => summary.closest("form")?.querySelector('button[type="submit"]');
  const draw = (told, trouble = null) => {
    ready = Boolean(told?.will.length);
    fill(summary, trouble ? [h("p", { class: "bad" }, trouble.message, " ", trouble.advice ?? "")] : told ? summed(what, told) : []);
    const submit = go();
    if (!submit) return;
    submit.setAttribute("aria-disabled", String(!ready));
    submit.textContent = told ? many(`table.do_${what}`, told.will.length) : t("table.do");
  };

  /** Ask the server what this would record; the last question counts. */
  async function look() {
    const now = (asked += 1);
    const values = part.values();
    if (!values) return draw(null);
    try {
      const told = await post("/api/selections", body(true, values));
      if (now !== asked) return;
      draw(told);
      part.told?.(told);
    } catch (trouble) {
      if (now === asked) draw(null, trouble);
    }
  }

  const part = form ? form(what, photos, look) : { element: null, values: () => ({}) };
  const answered = askForm({
    title: t(`table.title_${what}`),
    intro: many(`table.intro_${what}`, photos.length),
    body: h("div", { class: "stack" }, part.element, summary),
    submit: t("table.do"),
    send: async () => {
      const values = part.values(true);
      if (!values || !ready) throw missing(t("table.nothing"), part.element?.querySelector("input:enabled, button"));
      const told = await post("/api/selections", body(false, values));
      part.done?.();
      return told;
    },
  });
  go().setAttribute("aria-disabled", "true");
  if (!form) go().focus();
  look();
  return answered;
}

// --- what would be recorded, and what stays -------------------------------------------------------

const MOST = 12;

function summed(what, told) {
  const ids = [...new Set(told.will.map((one) => one.photo))];
  const doubts = NEED[what] ? told.will.filter((one) => one.finding.startsWith("doubt")).length : 0;
  const said = many(`table.will_${what}`, told.will.length, { by: state.me.name });
  return [
    h("p", {}, h("b", {}, told.will.length ? said : t("table.will_nothing")), " ", ids.length > 0 && what !== "credit" && many("table.of", ids.length)),
    ids.length > 0 &&
      h(
        "ul",
        { class: "strip", "aria-hidden": "true" },
        ids
          .slice(0, MOST)
          .map((id) => state.photos.get(id))
          .filter(Boolean)
          .map((photo) => h("li", {}, picture(photo, SMALL))),
        ids.length > MOST && h("li", {}, `+${number(ids.length - MOST)}`),
      ),
    doubts > 0 && h("p", {}, many("table.were_doubts", doubts)),
    staying(told.stays),
  ];
}

/** What stays, in the words of the page where it has some. */
export const whyStays = (one) =>
  known(`table.stays_${one.why}`)
    ? t(`table.stays_${one.why}`)
    : known(`unfit.${one.why}`)
      ? t("table.stays_unfit", { why: term("unfit", one.why) })
      : (one.message ?? one.why);

/** The photos that stay, by their reason; null for none. */
export function staying(stays) {
  const byWhy = new Map();
  for (const one of stays) {
    const why = whyStays(one);
    byWhy.set(why, (byWhy.get(why) ?? new Set()).add(state.photos.get(one.photo)?.name ?? one.photo));
  }
  if (!byWhy.size) return null;
  return h(
    "ul",
    { class: "stays" },
    [...byWhy].map(([why, names]) =>
      h(
        "li",
        {},
        many("table.stays", names.size),
        " ",
        why,
        " ",
        soft(listed([...names].slice(0, 5)), names.size > 5 && ` +${number(names.size - 5)}`),
      ),
    ),
  );
}

// --- what is asked besides -------------------------------------------------------------------------

// Which records answer for many photos, and the form that records one.
const RECORDS = {
  signed: { form: "event", fits: (record) => record.kind === "event-consent" },
  place: { form: "place", fits: (record) => record.kind === "place-permission" },
  patients: {
    form: "patient",
    fits: (record) => record.kind === "consent" && record.fields?.kind === "patient",
  },
};

const ended = (record) => record.ends && new Date(`${record.ends}T23:59:59`) < new Date();

/** An event's sheet, a place's permission, or patients' consents: those that there are, or a new one. */
function recordsPart(what, photos, look) {
  const { form, fits } = RECORDS[what];
  const list = h("ul", { class: "records", "aria-label": t("choose.list") });
  const nobody =
    what === "signed" && choice({ type: "checkbox", name: "nobody_excluded" }, t("choose.nobody_excluded"));
  const faces = photos.flatMap(({ covering }) => covering.redact.filter((id) => id.startsWith("face"))).length;
  const captured = field(
    t("choose.captured"),
    h("input", { type: "date", name: "captured", onchange: look }),
    t("choose.captured_hint"),
  );
  captured.hidden = true;
  let records = [];
  const inputs = () => [...list.querySelectorAll("input:checked")].map((input) => input.value);
  const load = async (fresh) => {
    records = (await get("/api/records")).records.filter(
      (record) => fits(record) && record.state === "in force" && !ended(record),
    );
    const alone = records.length === 1 ? [records[0].ref] : [];
    const before = fresh ? [...(what === "patients" ? inputs() : []), fresh] : last[what];
    const picked = before.length ? before : alone;
    fill(
      list,
      records.map((record) => h("li", {}, recordChoice(record, what, picked.includes(record.ref), look))),
      records.length === 0 && h("li", { class: "soft" }, t(`table.none_${what}`)),
    );
    if (nobody && !fresh && inputs().length) nobody.querySelector("input").focus();
    look();
  };
  const add = button([icon("plus"), t(`table.new_${what}`)], async () => {
    const made = await recordForm([form]);
    if (made) await load(made.ref);
  });
  load().catch(complain);
  return {
    element: h(
      "div",
      { class: "stack" },
      list,
      h("div", {}, add),
      captured,
      nobody && h("p", { class: "soft small" }, t("table.opt_out"), " ", faces > 0 && many("table.covered", faces)),
      nobody,
    ),
    values(final = false) {
      const refs = inputs();
      if (final && !refs.length) throw missing(t("choose.pick"), list.querySelector("input") ?? add);
      const ticked = nobody && nobody.querySelector("input").checked;
      if (final && nobody && !ticked) throw missing(t("table.tick"), nobody.querySelector("input"));
      if (!refs.length) return null;
      const day = captured.querySelector("input").value;
      return {
        ...(what === "patients" ? { records: refs } : { record: refs[0] }),
        ...(ticked ? { nobody_excluded: true } : {}),
        ...(day && !captured.hidden ? { captured: day } : {}),
      };
    },
    told({ stays }) {
      if (stays.some((one) => one.why === "date-unknown")) captured.hidden = false;
    },
    done() {
      last[what] = what === "patients" ? [] : inputs();
    },
  };
}

function recordChoice(record, what, checked, look) {
  const { first, last: until, opt_outs } = record.fields ?? {};
  const days = first && until ? ` · ${day(first)} – ${day(until)}` : "";
  return choice(
    {
      type: what === "patients" ? "checkbox" : "radio",
      name: "record",
      value: record.ref,
      checked,
      onchange: look,
    },
    h("b", {}, record.title || record.ref),
    h("br"),
    soft(record.ref, days),
    opt_outs && h("span", { class: "note wait" }, icon("hand"), h("span", {}, t("table.opted_out", { who: opt_outs }))),
  );
}

function creditPart(what, photos, look) {
  const found = new Set(photos.map((photo) => photo.credit_suggestion).filter(Boolean));
  const input = h("input", { name: "line", maxlength: 120, autocomplete: "off", autofocus: true });
  input.value = found.size === 1 ? [...found][0] : found.size ? "" : last.credit;
  let due = 0;
  input.addEventListener("input", () => {
    clearTimeout(due);
    due = setTimeout(look, 200);
  });
  return {
    element: h(
      "div",
      { class: "stack" },
      field(t("credit.label"), input, t(found.size === 1 ? "credit.suggested" : "credit.hint")),
      found.size > 1 && h("p", { class: "small note wait" }, icon("alert"), h("span", {}, t("table.makers", { who: listed([...found].slice(0, 5)) }))),
    ),
    values(final = false) {
      const line = input.value.trim();
      if (final && !line) throw missing(t("ask.needed", { what: t("credit.label") }), input);
      return line ? { line } : null;
    },
    done() {
      last.credit = input.value.trim();
    },
  };
}

/** A false alarm: of which kind and need, and why. */
function dismissPart(what, photos, look) {
  const open = new Map();
  for (const photo of photos)
    for (const finding of openOf(photo).findings.filter((one) => SAYINGS.dismiss.includes(one.kind)))
      for (const { needs } of photo.needs.filter((one) => one.finding === finding.id)) {
        const { reasons } = ruleOf(finding, needs);
        const key = `${finding.kind}/${needs}`;
        if (reasons.length) open.set(key, { kind: finding.kind, needs, reasons, n: (open.get(key)?.n ?? 0) + 1 });
      }
  const ways = [...open.values()];
  const reasons = h("fieldset", {});
  const chosen = () => {
    const value = kinds.querySelector("input:checked")?.value;
    return ways.find((way) => `${way.kind}/${way.needs}` === value);
  };
  const draw = () => {
    const way = chosen();
    fill(
      reasons,
      h("legend", {}, t("dismissing.reason")),
      (way?.reasons ?? []).map((reason) =>
        choice(
          { name: "reason", value: reason, checked: way.reasons.length === 1, onchange: look },
          term("reasons", reason),
        ),
      ),
    );
    look();
  };
  const kinds = h(
    "fieldset",
    {},
    h("legend", {}, t("table.what")),
    ways.map((way) =>
      choice(
        { name: "kind", value: `${way.kind}/${way.needs}`, checked: ways.length === 1, onchange: draw },
        t("kind_with", { kind: term("kind", way.kind), label: number(way.n) }),
        rulesOf(way).length > 1 && soft(` ${term("needs", way.needs)}`),
      ),
    ),
  );
  queueMicrotask(draw);
  return {
    element: h("div", { class: "stack" }, kinds, reasons),
    values(final = false) {
      const way = chosen();
      const reason = reasons.querySelector("input:checked")?.value;
      if (final && !way) throw missing(t("table.what"), kinds.querySelector("input"));
      if (final && !reason) throw missing(t("dismissing.pick"), reasons.querySelector("input"));
      return way && reason ? { kind: way.kind, need: way.needs, reason } : null;
    },
  };
}
