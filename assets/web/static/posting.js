// Where results were posted, for one or for many at once.

import { askForm, field, missing, named } from "./asking.js";
import { button, h, soft } from "./dom.js";
import { inState, post, take } from "./store.js";
import { many, number, t } from "./words.js";

/** Say where one result was posted. */
export const posted = (photo) => ask([photo], { chosen: true });

/** Say where many were posted: those of which nobody said it are chosen to begin with. */
export const postedMany = () => ask(inState("ready"), { chosen: false });

async function ask(photos, { chosen }) {
  if (!(await named())) return;
  const several = photos.length > 1;
  const input = several
    ? h("textarea", { name: "url", rows: 4, autocomplete: "off", spellcheck: "false", wrap: "off" })
    : h("input", { type: "url", name: "url", autocomplete: "off" });
  const list = several && h("ul", { class: "grid small-shots", "aria-label": t("posting.which") }, photos.map((photo) => tick(photo, chosen)));
  const told = h("p", { class: "small", role: "status" });
  const boxes = () => [...list.querySelectorAll("input")];
  const ticked = () => boxes().filter((box) => box.checked);
  const wanted = () => (several ? ticked().map((box) => box.value) : [photos[0].id]);
  const lines = () => input.value.split("\n").map((line) => line.trim()).filter(Boolean);

  /** Show which picture gets which address, before anything is recorded. */
  function preview() {
    const [found, some] = [lines(), ticked()];
    told.textContent = found.length ? matching(found.length, some.length) : "";
    for (const box of boxes()) {
      const n = some.indexOf(box);
      const line = n < 0 ? "" : (found.length === 1 ? found[0] : found[n]) ?? t("posting.without");
      box.closest("li").querySelector(".address").textContent = line && found.length ? `${number(n + 1)}. ${line}` : "";
    }
  }
  const all = (on) => {
    for (const box of boxes()) box.checked = on;
    preview();
  };
  if (several) {
    input.addEventListener("input", preview);
    list.addEventListener("change", preview);
  }
  await askForm({
    title: t("posted.title"),
    intro: t("posted.text"),
    submit: t("posted.save"),
    body: h(
      "div",
      { class: "stack" },
      field(t(several ? "posting.label" : "posted.label"), input, several ? t("posting.hint") : "https://…"),
      several && [
        told,
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
      const [ids, found] = [wanted(), lines()];
      if (!ids.length) throw missing(t("posting.pick"), boxes()[0]);
      if (!found.length) throw missing(t("ask.needed", { what: t("posted.label") }), input);
      const bad = found.findIndex((line) => !isAddress(line));
      if (bad >= 0) throw missing(t("posting.bad", { n: number(bad + 1), line: found[bad] }), input);
      if (found.length > 1 && found.length !== ids.length) throw missing(matching(found.length, ids.length), input);
      const where = found.length > 1 ? { urls: found } : { url: found[0] };
      take(...(await post("/api/posted", { photos: ids, ...where })).photos);
      return "yes";
    },
  });
}

/** How addresses and pictures go together. */
const matching = (lines, pictures) =>
  lines === 1
    ? many("posting.same", pictures)
    : lines === pictures
      ? many("posting.each", pictures)
      : t("posting.differ", { n: number(lines), all: number(pictures) });

const isAddress = (line) => /^https?:\/\/[^\s/]/i.test(line) && URL.canParse(line);

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
          h("span", { class: "address small" }),
        ),
      ),
    ),
  );
