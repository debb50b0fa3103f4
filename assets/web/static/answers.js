// The two dialogs that answer a need: a record that fits, or a dismissal with its reason.

import { askForm, choice, field, missing } from "./asking.js";
import { button, fill, h, icon, soft } from "./dom.js";
import { recordForm } from "./forms.js";
import { get, inState, post, ruleOf } from "./store.js";
import { called, day, listed, many, t, term } from "./words.js";

/** Choose or record what answers a need; resolves with the server's answer, or "". */
export async function chooseRecord(photo, finding, need, all = [finding]) {
  const group = all.length > 1; // of many people; only an event's sheet is for them
  const address = `/api/photos/${photo.id}/fitting?finding=${encodeURIComponent(finding.id)}&needs=${need}`;
  const load = async () =>
    (await get(address)).records.filter((record) => !group || record.kind === "event-consent");
  let records = await load();
  let fresh = Promise.resolve(); // done once the list shows what was just recorded
  let picked = records.find((record) => record.fits)?.ref ?? null;
  const patients = need === "patient-consent"; // one record for each
  const list = h("ul", { class: "records", "aria-label": t("choose.list") });
  // What is said with a record. Made once, and only hidden: what is being typed must not be lost when the
  // list changes.
  const extra = {
    patients: field(
      t("choose.patients"),
      h("input", { type: "number", name: "patients", min: "1", max: "99" }),
      t("choose.patients_hint"),
    ),
    captured: field(
      t("choose.captured"),
      h("input", { type: "date", name: "captured", value: photo.captured ?? "" }),
      t("choose.captured_hint"),
    ),
    nobody_excluded: choice({ type: "checkbox", name: "nobody_excluded" }, t("choose.nobody_excluded")),
  };
  const together = othersOf(photo, finding, need, need === "place-permission");
  const faces = need === "person-consent" && !group ? otherFaces(photo, finding) : null;
  const empty = h("p", { class: "soft" }, t(`choose.none_${group ? "group" : need}`));

  const option = (record) => {
    const until = record.ends ? ` · ${t("choose.until", { day: day(record.ends) })}` : "";
    const why = record.fits ? "" : ` · ${record.why.map((one) => term("unfit", one)).join("; ")}`;
    const made = choice(
      {
        type: patients ? "checkbox" : "radio",
        name: "record",
        value: record.ref,
        disabled: !record.fits,
        checked: record.ref === picked,
        onchange: drawAsks,
      },
      h("b", {}, record.title || term("records", record.kind)),
      h("br"),
      soft(record.ref, until, why),
      record.fields.opt_outs && [h("br"), h("b", {}, t("choose.opt_outs")), ` ${record.fields.opt_outs}`],
    );
    made.classList.toggle("unfit", !record.fits);
    return h("li", {}, made);
  };
  const draw = () => {
    empty.hidden = records.length > 0;
    fill(list, records.map(option));
    drawAsks();
  };
  const chosen = () =>
    [...list.querySelectorAll("input:checked")]
      .map((input) => records.find((record) => record.ref === input.value))
      .filter(Boolean);
  function drawAsks() {
    const wanted = new Set(chosen().flatMap((record) => record.asks ?? []));
    for (const [name, part] of Object.entries(extra)) part.hidden = !wanted.has(name);
    extra.patients.hidden = !patients;
    if (faces) faces.hidden = !wanted.has("nobody_excluded"); // an event's sheet is for many
  }
  const again = async (ref) => {
    records = await load();
    picked = ref;
    draw();
  };
  const add = button([icon("plus"), t(`choose.new_${group ? "group" : need}`)], async () => {
    const made = await recordForm(group ? ["event"] : ruleOf(finding, need).records, { photo });
    if (made) await (fresh = again(made.ref));
  });
  draw();
  return askForm({
    title: t(group ? "choose.title_group" : `choose.title_${need}`),
    intro: group
      ? many("choose.intro_group", all.length)
      : t(`choose.intro_${need}`, { what: called(photo, finding) }),
    body: h(
      "div",
      { class: "stack" },
      empty,
      list,
      h("div", {}, add),
      ...Object.values(extra),
      faces,
      together,
    ),
    submit: t("choose.use"),
    send: async (form) => {
      await fresh;
      const refs = chosen().map((record) => record.ref);
      if (!refs.length) throw missing(t("choose.pick"), list.querySelector("input:enabled") ?? add);
      const given = new FormData(form);
      if (!extra.captured.hidden && !given.get("captured"))
        throw missing(t("ask.needed", { what: t("choose.captured") }), extra.captured.querySelector("input"));
      const body = {
        items: [
          ...itemsOf(photo, all),
          ...ticked(together),
          ...(faces?.hidden ? [] : ticked(faces)),
        ],
        records: refs,
      };
      if (patients) body.patients = Number(given.get("patients"));
      if (!extra.captured.hidden && given.get("captured")) body.captured = given.get("captured");
      if (!extra.nobody_excluded.hidden && given.get("nobody_excluded")) body.nobody_excluded = true;
      return sent(body);
    },
  });
}

/** Say that a need does not stand; resolves with the server's answer, or "". */
export function dismiss(photo, finding, need, all = [finding]) {
  const { reasons } = ruleOf(finding, need);
  const together = all.length > 1 ? null : othersOf(photo, finding, need, need !== "person-consent");
  return askForm({
    title: t(`dismissing.title_${need}`),
    intro: t("dismissing.intro", { what: listed(all.map((one) => called(photo, one))) }),
    body: h(
      "div",
      { class: "stack" },
      h(
        "fieldset",
        {},
        h("legend", {}, t("dismissing.reason")),
        reasons.map((reason) =>
          choice({ name: "reason", value: reason, checked: reasons.length === 1 }, term("reasons", reason)),
        ),
      ),
      together,
    ),
    submit: t("dismissing.submit"),
    send: async (form) => {
      const reason = new FormData(form).get("reason");
      if (!reason) throw missing(t("dismissing.pick"), form.querySelector("input"));
      return sent({
        items: [...itemsOf(photo, all), ...ticked(together)],
        dismiss: { needs: need, reason },
      });
    },
  });
}

const itemsOf = (photo, findings) => findings.map((one) => ({ photo: photo.id, finding: one.id }));

/** Send answers; what kept all of them from being taken is shown in the dialog. */
async function sent(body) {
  const told = await post("/api/answers", body);
  if (told.results.every((result) => result.error)) {
    const { message, advice } = told.results[0].error;
    throw Object.assign(new Error(message), { advice });
  }
  return told;
}

/** The findings of a photo of which a need is open. */
const openWith = (photo, need) =>
  photo.findings.filter((finding) =>
    photo.needs.some((one) => one.needs === need && one.finding === finding.id),
  );

const tick = (photo, finding) => ({
  type: "checkbox",
  "data-photo": photo.id,
  "data-for": finding.id,
});

/** Other waiting photos with the same open need, each to be looked at and ticked; null for none. */
function othersOf(photo, finding, need, offered) {
  if (!offered) return null;
  const others = inState("held")
    .filter((other) => other.id !== photo.id)
    .map((other) => [other, openWith(other, need).find((one) => one.kind === finding.kind)])
    .filter(([, found]) => found)
    .slice(0, 60);
  if (!others.length) return null;
  return h(
    "details",
    {},
    h("summary", {}, many("choose.others", others.length)),
    h("p", { class: "soft small" }, t("choose.others_hint")),
    h(
      "ul",
      { class: "grid" },
      others.map(([other, found]) =>
        h(
          "li",
          { class: "shot" },
          h(
            "label",
            {},
            h("img", { src: `/api/photos/${other.id}/picture?side=480`, alt: "", loading: "lazy" }),
            h("span", { class: "text choice" }, h("input", tick(other, found)), h("span", {}, other.name)),
          ),
        ),
      ),
    ),
  );
}

/** The other unanswered faces of a photo, for an event's sheet; null for none. */
function otherFaces(photo, finding) {
  const others = openWith(photo, "person-consent").filter((one) => one.id !== finding.id);
  if (!others.length) return null;
  return h(
    "fieldset",
    { hidden: true },
    h("legend", {}, t("choose.faces")),
    others.map((one) => choice(tick(photo, one), called(photo, one))),
  );
}

const ticked = (part) =>
  [...(part?.querySelectorAll("input:checked") ?? [])].map((input) => ({
    photo: input.dataset.photo,
    finding: input.dataset.for,
  }));
