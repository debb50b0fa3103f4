// The two dialogs that answer a need: a record that fits, or a dismissal with its reason.

import { get, post } from "./api.js";
import { ask, dialogForm, field, fill, h, icon } from "./dom.js";
import { recordForm } from "./forms.js";
import { inState } from "./store.js";
import { called, day, many, t, term } from "./words.js";

const KINDS = {
  "person-consent": ["staff", "student", "alumni", "visitor", "patient", "event"],
  "patient-consent": ["patient"],
  "place-permission": ["place"],
};
const slug = (need) => need.replaceAll("-", "_");

/** Choose or record what answers a need; resolves with the server's answer, or "". */
export async function chooseRecord(photo, finding, need) {
  const address = `/api/photos/${photo.id}/fitting?finding=${encodeURIComponent(finding.id)}&needs=${need}`;
  let { records } = await get(address);
  let fresh = Promise.resolve(); // done once the list shows what was just recorded
  let picked = records.find((record) => record.fits)?.ref ?? null;
  const patients = need === "patient-consent";
  const list = h("ul", { class: "records", "aria-label": t("choose.list") });
  // Made once, and only hidden: what is being typed must not be lost when the list changes.
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
    nobody_excluded: h(
      "label",
      { class: "choice" },
      h("input", { type: "checkbox", name: "nobody_excluded" }),
      h("span", {}, t("choose.nobody_excluded")),
    ),
  };
  const together = othersOf(photo, finding, need, need === "place-permission");
  const faces = need === "person-consent" ? otherFaces(photo, finding) : null;

  const draw = () => {
    fill(
      list,
      records.map((record) =>
        h(
          "li",
          {},
          h(
            "label",
            { class: `choice ${record.fits ? "" : "unfit"}` },
            h("input", {
              type: patients ? "checkbox" : "radio",
              name: "record",
              value: record.ref,
              disabled: !record.fits,
              checked: record.ref === picked,
              onchange: drawAsks,
            }),
            h(
              "span",
              {},
              h("b", {}, record.title || term("records", record.kind)),
              h("br"),
              h(
                "span",
                { class: "soft small" },
                record.ref,
                record.ends ? ` · ${t("choose.until", { day: day(record.ends) })}` : "",
                record.fits ? "" : ` · ${record.why.map((why) => term("unfit", why)).join("; ")}`,
              ),
            ),
          ),
        ),
      ),
    );
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
    if (faces) faces.hidden = !chosen().some((record) => record.kind === "event-consent");
  }
  const empty = h("p", { class: "soft" }, t(`choose.none_${slug(need)}`));
  const again = async (ref) => {
    ({ records } = await get(address));
    picked = ref;
    empty.hidden = records.length > 0;
    draw();
  };
  const add = h(
    "button",
    {
      type: "button",
      onclick: async () => {
        const made = await recordForm(KINDS[need], { photo });
        if (made) await (fresh = again(made.ref));
      },
    },
    icon("plus"),
    t(`choose.new_${slug(need)}`),
  );
  empty.hidden = records.length > 0;
  draw();
  return ask((close) =>
    dialogForm(close, {
      title: t(`choose.title_${slug(need)}`),
      intro: t(`choose.intro_${slug(need)}`, { what: called(photo, finding) }),
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
      cancel: t("ask.cancel"),
      send: async (form) => {
        await fresh;
        const refs = chosen().map((record) => record.ref);
        if (!refs.length)
          throw Object.assign(new Error(t("choose.pick")), {
            field: list.querySelector("input:enabled") ?? add,
          });
        const given = new FormData(form);
        const body = {
          items: [
            { photo: photo.id, finding: finding.id },
            ...ticked(together),
            ...(faces && !faces.hidden ? ticked(faces) : []),
          ],
          records: refs,
        };
        if (patients) body.patients = Number(given.get("patients"));
        if (!extra.captured.hidden && given.get("captured")) body.captured = given.get("captured");
        if (!extra.nobody_excluded.hidden && given.get("nobody_excluded")) body.nobody_excluded = true;
        return sent(body);
      },
    }),
  );
}

/** Say that a need does not stand; resolves with the server's answer, or "". */
export function dismiss(photo, finding, need) {
  const reasons = photo.dismissals[finding.id][need];
  const together = othersOf(photo, finding, need, need !== "person-consent");
  return ask((close) =>
    dialogForm(close, {
      title: t(`dismissing.title_${slug(need)}`),
      intro: t("dismissing.intro", { what: called(photo, finding) }),
      body: h(
        "div",
        { class: "stack" },
        h(
          "fieldset",
          {},
          h("legend", {}, t("dismissing.reason")),
          reasons.map((reason) =>
            h(
              "label",
              { class: "choice" },
              h("input", { type: "radio", name: "reason", value: reason, checked: reasons.length === 1 }),
              h("span", {}, term("reasons", reason)),
            ),
          ),
        ),
        together,
      ),
      submit: t("dismissing.submit"),
      cancel: t("ask.cancel"),
      send: async (form) => {
        const reason = new FormData(form).get("reason");
        if (!reason)
          throw Object.assign(new Error(t("dismissing.pick")), { field: form.querySelector("input") });
        return sent({
          items: [{ photo: photo.id, finding: finding.id }, ...ticked(together)],
          dismiss: { needs: need, reason },
        });
      },
    }),
  );
}

/** Send answers; what kept all of them from being taken is shown in the dialog. */
async function sent(body) {
  const told = await post("/api/answers", body);
  if (told.results.every((result) => result.error)) {
    const { message, advice } = told.results[0].error;
    throw Object.assign(new Error(message), { advice });
  }
  return told;
}

/** Other waiting photos with the same open need, each to be looked at and ticked; null for none. */
function othersOf(photo, finding, need, offered) {
  const others = offered
    ? inState("held")
        .filter((other) => other.id !== photo.id && findingOf(other, finding.kind, need))
        .slice(0, 60)
    : [];
  if (!others.length) return null;
  return h(
    "details",
    {},
    h("summary", {}, many("choose.others", others.length)),
    h("p", { class: "soft small" }, t("choose.others_hint")),
    h(
      "ul",
      { class: "grid" },
      others.map((other) =>
        h(
          "li",
          { class: "shot" },
          h(
            "label",
            {},
            h("img", { src: `/api/photos/${other.id}/picture?side=480`, alt: "", loading: "lazy" }),
            h(
              "span",
              { class: "text choice" },
              h("input", {
                type: "checkbox",
                "data-photo": other.id,
                "data-for": findingOf(other, finding.kind, need),
              }),
              h("span", {}, other.name),
            ),
          ),
        ),
      ),
    ),
  );
}

const findingOf = (photo, kind, need) =>
  photo.needs.find(
    (one) =>
      one.needs === need &&
      photo.findings.some((finding) => finding.id === one.finding && finding.kind === kind),
  )?.finding;

/** The other unanswered faces of a photo, for an event's sheet; null for none. */
function otherFaces(photo, finding) {
  const others = photo.needs.filter(
    (need) =>
      need.needs === "person-consent" &&
      need.finding !== finding.id &&
      photo.findings.some((one) => one.id === need.finding),
  );
  if (!others.length) return null;
  return h(
    "fieldset",
    { hidden: true },
    h("legend", {}, t("choose.faces")),
    others.map((need) =>
      h(
        "label",
        { class: "choice" },
        h("input", { type: "checkbox", "data-photo": photo.id, "data-for": need.finding }),
        h(
          "span",
          {},
          called(
            photo,
            photo.findings.find((one) => one.id === need.finding),
          ),
        ),
      ),
    ),
  );
}

const ticked = (part) =>
  [...(part?.querySelectorAll("input:checked") ?? [])].map((input) => ({
    photo: input.dataset.photo,
    finding: input.dataset.for,
  }));
