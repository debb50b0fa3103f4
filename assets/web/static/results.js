// Results: the finished pictures, a last look, and taking them away.

import { post } from "./api.js";
import { asked, confirmed, named } from "./asking.js";
import { ask, byId, fill, h, icon, tell } from "./dom.js";
import { inState, state, take, watch } from "./store.js";
import { bytes, hiddenData, many, number, t } from "./words.js";

const STEP = 48;
let shown = STEP;
const cards = new Map();
const picture = (photo) => `/api/photos/${photo.id}/export?show=1`;

export function startResults() {
  byId("more-results").addEventListener("click", () => {
    shown += STEP;
    draw();
  });
  byId("look-through").addEventListener("click", () =>
    lookAt(inState("ready").find((photo) => !photo.seen) ?? inState("ready")[0]),
  );
  byId("download-all").addEventListener("click", lastLook);
  watch(() => {
    if (!byId("view-results").hidden) draw();
  });
}

export function draw() {
  const ready = inState("ready");
  const unseen = ready.filter((photo) => !photo.seen).length;
  const waiting = inState("held").length;
  byId("results-empty").hidden = ready.length > 0;
  byId("results").hidden = ready.length === 0;
  byId("results-none").textContent = t(waiting ? "results.none_waiting" : "results.none");
  byId("results-waiting").hidden = waiting === 0;
  byId("results-waiting-text").textContent = many("results.waiting", waiting);
  byId("looked-at").textContent = unseen
    ? t("results.looked_at", { n: number(ready.length - unseen), all: number(ready.length) })
    : t("results.all_looked");
  const runs = [...state.runs.values()].filter((run) => run.exports);
  fill(
    byId("saved"),
    runs.map((run) =>
      h(
        "div",
        { class: "note" },
        icon("folder"),
        h(
          "div",
          {},
          h("p", {}, t("drop.saved"), " ", h("b", {}, run.exports)),
          h(
            "button",
            {
              type: "button",
              class: "link",
              onclick: () =>
                post(`/api/runs/${run.id}/open`).catch((trouble) => tell(trouble.message, { bad: true })),
            },
            t("drop.open"),
          ),
        ),
      ),
    ),
  );
  const part = ready.slice(0, shown);
  const ids = new Set(part.map((photo) => photo.id));
  for (const id of cards.keys()) if (!ids.has(id)) cards.delete(id);
  const items = part.map((photo) => {
    if (cards.get(photo.id)?.photo !== photo) cards.set(photo.id, { photo, card: card(photo) });
    return cards.get(photo.id).card;
  });
  const list = byId("shots");
  if (list.children.length !== items.length || items.some((item, place) => list.children[place] !== item))
    fill(list, items);
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
    photo.hidden.length ? t("results.removed", { what: hiddenData(photo) }) : t("results.nothing_hidden"),
    photo.covered.length && many("results.covered", photo.covered.length),
    photo.relied_on.length && t("results.relied_on", { refs: photo.relied_on.join(", ") }),
  ].filter(Boolean);
  return h(
    "li",
    { class: "shot" },
    h(
      "button",
      {
        type: "button",
        class: "pic",
        "data-key": `pic-${photo.id}`,
        "aria-label": t("results.look_at", { name: made.name }),
        onclick: () => lookAt(photo),
      },
      h("img", { src: picture(photo), alt: "", loading: "lazy", width: made.width, height: made.height }),
    ),
    h(
      "div",
      { class: "text" },
      h("p", { class: "name" }, made.name),
      photo.name !== made.name && h("p", { class: "soft small" }, t("results.from", { name: photo.name })),
      facts.map((fact) => h("p", { class: "small soft" }, fact)),
      photo.notes.map((note) => h("p", { class: "small" }, note)),
      photo.posted.map((url) =>
        h(
          "p",
          { class: "small" },
          t("results.posted_at"),
          " ",
          /^https?:/.test(url) ? h("a", { href: url, rel: "noreferrer", target: "_blank" }, url) : url,
        ),
      ),
      h(
        "div",
        { class: "row" },
        photo.seen ? h("span", { class: "state done" }, icon("eye"), t("results.seen")) : null,
        h(
          "a",
          {
            class: "button",
            href: `/api/photos/${photo.id}/export`,
            download: made.name,
            "data-key": `get-${photo.id}`,
          },
          t("results.download"),
          h("span", { class: "sr" }, ` ${made.name}`),
        ),
        h(
          "button",
          { type: "button", class: "link", "data-key": `posted-${photo.id}`, onclick: () => posted(photo) },
          t("results.posted"),
          h("span", { class: "sr" }, ` ${made.name}`),
        ),
      ),
    ),
  );
}

async function posted(photo) {
  if (!(await named())) return;
  await asked({
    title: t("posted.title"),
    intro: t("posted.text"),
    label: t("posted.label"),
    hint: "https://…",
    submit: t("posted.save"),
    type: "url",
    send: async (url) => {
      take(await post(`/api/photos/${photo.id}/posted`, { url }));
      return "yes";
    },
  });
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
    const [back, on] = [
      h("button", { type: "button" }, t("results.back")),
      h("button", { type: "button", class: "main" }, t("results.on")),
    ];
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
      if (!photo.seen)
        post("/api/seen", { photos: [photo.id], seen: true }).then(
          (told) => take(...told.photos),
          () => {},
        );
      return null;
    };
    back.addEventListener("click", () => show(place - 1));
    on.addEventListener("click", () => show(place + 1));
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
        h("button", { type: "button", class: "tight push", onclick: () => close() }, t("results.close")),
      ),
      image,
      note,
      h("div", { class: "buttons" }, back, on),
    );
  });
}

async function lastLook() {
  const unseen = inState("ready").filter((photo) => !photo.seen).length;
  if (
    unseen &&
    !(await confirmed({ title: t("last.title"), text: many("last.text", unseen), yes: t("last.anyway") }))
  )
    return;
  h("a", { href: "/api/results.zip", download: "" }).click();
  tell(t("results.zipped"));
}
