// Who the faces of similar photos may be, where the register is on: proposed once, confirmed by a person.

import { choice, missing } from "./asking.js";
import { button, complain, fill, h, icon, soft } from "./dom.js";
import { recordForm } from "./forms.js";
import { openOf } from "./order.js";
import { picture } from "./pictures.js";
import { shownAt } from "./shown.js";
import { get, ruleOf } from "./store.js";
import { many, t } from "./words.js";

const FACE = 96; // pixels; what is around a face helps to know it
const AROUND = 1.7;

/** The suggestions of a photo whose faces are still open: [{finding, person}]. */
export const suggestedOf = (photo) => {
  const open = new Set(openOf(photo).findings.map(({ id }) => id));
  return photo.suggestions.filter(({ finding }) => open.has(finding));
};

/** Each person once for the shots of one moment: [{key, person, faces: [{photo, finding}]}]. */
export function proposalsOf(photos) {
  const found = new Map();
  for (const photo of photos)
    for (const { finding, person } of suggestedOf(photo)) {
      const key = `${photo.burst ?? photo.id} ${person}`;
      if (!found.has(key)) found.set(key, { key, person, faces: [] });
      found.get(key).faces.push({ photo, finding: photo.findings.find(({ id }) => id === finding) });
    }
  return [...found.values()];
}

/** The list of all proposals; `choose` is called with the ids of one's photos. */
export function drawProposals(place, photos, choose) {
  const all = proposalsOf(photos);
  place.hidden = all.length === 0;
  fill(
    place,
    all.map(({ key, person, faces }) =>
      h(
        "li",
        { class: "row" },
        h("b", {}, t("table.proposed", { who: person })),
        many("table.proposed_in", faces.length),
        button(t("table.proposed_show"), () => choose(faces.map(({ photo }) => photo.id)), {
          class: "tight",
          "data-key": `proposal-${key}`,
          "aria-label": `${t("table.proposed", { who: person })} ${t("table.proposed_show")}`,
        }),
      ),
    ),
  );
}

/** A face as it was on the screen, cut out of its photo. */
function faceOf({ photo, finding }) {
  const [x, y, width, height] = finding.box;
  const scale = FACE / (Math.max(width, height) * AROUND);
  const image = picture(photo, shownAt(photo.id) || 480);
  const inside = (middle, side) => Math.min(0, Math.max(FACE - side * scale, FACE / 2 - middle * scale));
  Object.assign(image.style, {
    width: `${photo.width * scale}px`,
    height: `${photo.height * scale}px`,
    left: `${inside(x + width / 2, photo.width)}px`,
    top: `${inside(y + height / 2, photo.height)}px`,
  });
  return h("span", { class: "cut" }, image);
}

/** The records that one person signs to be shown. */
const kinds = () => ruleOf({ kind: "face" }, "person-consent").records.filter((kind) => kind !== "event");

const theirs = (record, person) =>
  record.kind === "consent" &&
  record.state === "in force" &&
  record.fields?.kind !== "patient" &&
  record.fields?.subject?.trim().toLowerCase() === person.toLowerCase();

/** What the dialog asks: who, by which of their consents, and which faces are not them. */
export function suggestedPart(what, photos, look) {
  const proposals = proposalsOf(photos);
  const who = h("div", {});
  const faces = h("ul", { class: "cuts", "aria-label": t("table.proposed_faces") });
  const list = h("ul", { class: "records", "aria-label": t("choose.list") });
  const chosen = () => proposals.find(({ key }) => key === who.querySelector("input:checked")?.value) ?? proposals[0];
  const ref = () => list.querySelector("input:checked")?.value;
  let records = [];

  const add = button([icon("plus"), t("table.new_suggested")], async () => {
    const made = await recordForm(kinds());
    if (made) await load(made.ref);
  });

  function draw(fresh = null) {
    const { person, faces: all } = chosen();
    const some = records.filter((record) => theirs(record, person));
    fill(
      faces,
      all.map((face) =>
        h(
          "li",
          {},
          choice(
            { type: "checkbox", name: "face", value: `${face.photo.id} ${face.finding.id}`, checked: true, onchange: look },
            faceOf(face),
            soft(face.photo.name),
          ),
        ),
      ),
    );
    fill(
      list,
      some.map((record) =>
        h(
          "li",
          {},
          choice(
            { name: "record", value: record.ref, checked: record.ref === fresh, onchange: look },
            h("b", {}, record.ref),
            soft(` ${record.title}`),
          ),
        ),
      ),
      some.length === 0 && h("li", { class: "soft" }, t("table.none_suggested", { who: person })),
    );
    look();
  }

  async function load(fresh = null) {
    ({ records } = await get("/api/records"));
    draw(fresh);
  }

  if (proposals.length > 1)
    fill(
      who,
      h(
        "fieldset",
        {},
        h("legend", {}, t("table.proposed_who")),
        proposals.map(({ key, person, faces: all }, n) =>
          choice(
            { name: "who", value: key, checked: n === 0, onchange: () => draw() },
            h("b", {}, person),
            soft(` ${many("table.proposed_in", all.length)}`),
          ),
        ),
      ),
    );
  load().catch(complain);
  return {
    element: h("div", { class: "stack" }, who, faces, list, h("div", {}, add)),
    photos: () => chosen().faces.map(({ photo }) => photo.id),
    values(final = false) {
      if (final && !ref()) throw missing(t("choose.pick"), list.querySelector("input") ?? add);
      if (!ref()) return null;
      const out = [...faces.querySelectorAll("input:not(:checked)")].map((input) => input.value.split(" "));
      return { person: chosen().person, record: ref(), except: out };
    },
  };
}
