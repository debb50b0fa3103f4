// Results: the finished pictures, a last look, and taking them away.

import { ask, confirmed } from "./asking.js";
import { captionsOf } from "./captions.js";
import { button, byId, fill, h, icon, keeping, linked, tell, unseen } from "./dom.js";
import { savedNote } from "./drop.js";
import { posted, postedMany } from "./posting.js";
import { inState, post, state, take, watch } from "./store.js";
import { bytes, day, many, number, removed, t, term } from "./words.js";

const STEP = 48;
let shown = STEP;
const cardsOf = keeping(card);
const wasSeen = (photo) => photo.seen || Boolean(photo.looked); // here, or before it was released
const picture = (photo) => `/api/photos/${photo.id}/export?show=1`;

export function startResults() {
  byId("more-results").addEventListener("click", () => {
    shown += STEP;
    draw();
  });
  byId("look-through").addEventListener("click", () =>
    lookAt(inState("ready").find((photo) => !wasSeen(photo)) ?? inState("ready")[0]),
  );
  byId("posted-many").addEventListener("click", postedMany);
  byId("download-all").addEventListener("click", lastLook);
  watch(() => {
    if (!byId("view-results").hidden) draw();
  });
}

export function draw() {
  const ready = inState("ready");
  const unseen = ready.filter((photo) => !wasSeen(photo)).length;
  const waiting = inState("held").length;
  byId("results-empty").hidden = ready.length > 0;
  byId("results").hidden = ready.length === 0;
  byId("results-none").textContent = t(waiting ? "results.none_waiting" : "results.none");
  byId("results-waiting").hidden = waiting === 0;
  byId("results-waiting-text").textContent = many("results.waiting", waiting);
  byId("looked-at").textContent = unseen
    ? t("results.looked_at", { n: number(ready.length - unseen), all: number(ready.length) })
    : t("results.all_looked");
  const saved = [...state.runs.values()].filter((run) => run.exports);
  fill(byId("saved"), saved.map(savedNote));
  fill(byId("shots"), cardsOf(ready.slice(0, shown)));
  byId("more-results").hidden = ready.length <= shown;
}

function card(photo) {
  const { export: made } = photo;
  const facts = [
    t("results.size", {
      before: bytes(photo.bytes),
      after: bytes(made.bytes),
      width: made.width,
      height: made.height,
    }),
    removed(photo),
    photo.covered.length && many("results.covered", photo.covered.length),
    photo.looked && t("results.looked_by", { by: photo.looked.by, day: day(photo.looked.at) }),
    photo.relied_on.length && t("results.relied_on", { refs: photo.relied_on.join(", ") }),
  ].filter(Boolean);
  return h(
    "li",
    { class: "shot" },
    button(
      h("img", { src: picture(photo), alt: "", loading: "lazy", width: made.width, height: made.height }),
      () => lookAt(photo),
      {
        class: "pic",
        "data-key": `pic-${photo.id}`,
        "aria-label": t("results.look_at", { name: made.name }),
      },
    ),
    h(
      "div",
      { class: "text" },
      h("p", { class: "name" }, made.name),
      photo.name !== made.name && h("p", { class: "soft small" }, t("results.from", { name: photo.name })),
      facts.map((fact) => h("p", { class: "small soft" }, fact)),
      photo.notes.map((note) => h("p", { class: "small" }, term("notes", note))),
      photo.posted.map((url) => h("p", { class: "small" }, t("results.posted_at"), " ", linked(url))),
      h(
        "div",
        { class: "row" },
        wasSeen(photo) ? h("span", { class: "state done" }, icon("eye"), t("results.seen")) : null,
        h(
          "a",
          {
            class: "button",
            href: `/api/photos/${photo.id}/export`,
            download: made.name,
            "data-key": `get-${photo.id}`,
          },
          t("results.download"),
          unseen(` ${made.name}`),
        ),
        button([t("results.posted"), unseen(` ${made.name}`)], () => posted(photo), {
          class: "link",
          "data-key": `posted-${photo.id}`,
        }),
        h(
          "a",
          { href: `/api/photos/${photo.id}/receipt`, target: "_blank", "data-key": `receipt-${photo.id}` },
          t("results.receipt"),
          unseen(` ${made.name}`),
        ),
      ),
      captionsOf(photo),
    ),
  );
}

/** The pictures one after the other, large; each one shown counts as looked at. */
function lookAt(first) {
  if (!first) return Promise.resolve();
  let place = Math.max(
    0,
    inState("ready").findIndex((photo) => photo.id === first.id),
  );
  return ask((close, dialog) => {
    dialog.classList.add("viewer");
    const [image, title, note] = [
      h("img", { alt: "" }),
      h("h2", { tabindex: "-1" }),
      h("p", { class: "soft small", role: "status" }),
    ];
    const back = button(t("results.back"), () => show(place - 1));
    const on = button(t("results.on"), () => show(place + 1), { class: "main" });
    const show = (next) => {
      const all = inState("ready");
      if (next >= all.length) return close("end");
      place = Math.max(0, next);
      const photo = all[place];
      image.src = picture(photo);
      image.alt = t("results.alt", { name: photo.export.name });
      title.textContent = photo.export.name;
      note.textContent = `${t("review.place", { n: number(place + 1), all: number(all.length) })} · ${t("results.check")}`;
      back.disabled = place === 0;
      on.textContent = t(place === all.length - 1 ? "results.end" : "results.on");
      if (!wasSeen(photo))
        post("/api/seen", { photos: [photo.id], seen: true }).then(
          (told) => take(...told.photos),
          () => {},
        );
      return null;
    };
    dialog.addEventListener("keydown", (event) => {
      const by = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 }[event.key];
      if (by && (by > 0 || place > 0)) {
        event.preventDefault();
        show(place + by);
      }
    });
    show(place);
    return h(
      "div",
      {},
      h(
        "div",
        { class: "row" },
        title,
        button(t("results.close"), () => close(), { class: "tight push" }),
      ),
      image,
      note,
      h("div", { class: "buttons" }, back, on),
    );
  });
}

async function lastLook() {
  const unseen = inState("ready").filter((photo) => !wasSeen(photo)).length;
  if (
    unseen &&
    !(await confirmed({ title: t("last.title"), text: many("last.text", unseen), yes: t("last.anyway") }))
  )
    return;
  h("a", { href: "/api/results.zip", download: "" }).click();
  tell(t("results.zipped"));
}
