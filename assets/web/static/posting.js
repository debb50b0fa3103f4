// Where results were posted, for one or for many at once.

import { askForm, field, missing, named } from "./asking.js";
import { button, h, soft } from "./dom.js";
import { inState, post, take } from "./store.js";
import { many, t } from "./words.js";

/** Say where one result was posted. */
export const posted = (photo) => ask([photo], { chosen: true });

/** Say where many were posted: those of which nobody said it are chosen to begin with. */
export const postedMany = () => ask(inState("ready"), { chosen: false });

async function ask(photos, { chosen }) {
  if (!(await named())) return;
  const several = photos.length > 1;
  const input = h("input", { type: "url", name: "url", autocomplete: "off" });
  const list = several && h("ul", { class: "grid small-shots", "aria-label": t("posting.which") }, photos.map((photo) => tick(photo, chosen)));
  const boxes = () => [...list.querySelectorAll("input")];
  const all = (on) => boxes().forEach((box) => (box.checked = on));
  const wanted = () => (several ? boxes().filter((box) => box.checked).map((box) => box.value) : [photos[0].id]);
  await askForm({
    title: t("posted.title"),
    intro: t("posted.text"),
    submit: t("posted.save"),
    body: h(
      "div",
      { class: "stack" },
      field(t("posted.label"), input, several ? t("posting.hint") : "https://…"),
      several && [
        h(
          "div",
          { class: "row" },
          h("h3", {}, t("posting.which")),
          button(t("posting.all"), () => all(true), { class: "tight push" }),
          button(t("posting.none"), () => all(false), { class: "tight" }),
        ),
        list,
      ],
    ),
    send: async () => {
      const ids = wanted();
      if (!ids.length) throw missing(t("posting.pick"), boxes()[0]);
      if (!input.value.trim()) throw missing(t("ask.needed", { what: t("posted.label") }), input);
      const told = await post("/api/posted", { photos: ids, url: input.value.trim() });
      take(...told.photos);
      return "yes";
    },
  });
}

const tick = (photo, chosen) =>
  h(
    "li",
    { class: "shot" },
    h(
      "label",
      {},
      h("img", { src: `/api/photos/${photo.id}/export?show=1`, alt: "", loading: "lazy" }),
      h(
        "span",
        { class: "text choice" },
        h("input", { type: "checkbox", name: "photo", value: photo.id, checked: chosen || !photo.posted.length }),
        h(
          "span",
          {},
          photo.export.name,
          photo.posted.length > 0 && [h("br"), soft(many("posting.before", photo.posted.length))],
        ),
      ),
    ),
  );
