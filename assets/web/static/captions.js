// The words that go with a result: a caption and an alt text, edited where they stand, copied at once.

import { named } from "./asking.js";
import { button, complain, h, icon, tell, unseen } from "./dom.js";
import { put, state, take } from "./store.js";
import { t } from "./words.js";

const MOST = { caption: 2000, alt: 500 };
const typed = new Map(); // "id name" -> a text on its way, which survives that the card is made again

/** The part of a result's card in which its words are. */
export function captionsOf(photo) {
  const has = Boolean(photo.captions?.caption || photo.captions?.alt);
  const problem = h("p", { class: "bad small", role: "alert", hidden: true });
  return h(
    "details",
    { open: has || [...typed.keys()].some((key) => key.startsWith(`${photo.id} `)), class: "captions" },
    h("summary", { "data-key": `captions-${photo.id}` }, t("captions.title")),
    Object.keys(MOST).map((name) => text(photo, name, problem)),
    problem,
  );
}

function text(photo, name, problem) {
  const key = `${photo.id} ${name}`;
  const id = `${name}-${photo.id}`;
  const area = h("textarea", {
    id,
    rows: 2,
    maxlength: MOST[name],
    "data-key": id,
    "aria-describedby": `${id}-hint`,
    oninput: () => typed.set(key, area.value),
    onblur: () => typed.has(key) && save(photo.id, area, problem),
  });
  area.value = typed.get(key) ?? photo.captions?.[name] ?? "";
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, t(`captions.${name}`), unseen(` ${photo.export.name}`)),
    h("p", { class: "hint", id: `${id}-hint` }, t(`captions.hint_${name}`)),
    area,
    h(
      "div",
      { class: "row" },
      button([icon("copy"), t("captions.copy"), unseen(` ${t(`captions.${name}`)} ${photo.export.name}`)], () => copy(area), {
        class: "tight",
        "data-key": `copy-${id}`,
      }),
    ),
  );
}

async function save(id, area, problem) {
  if (!(await named())) return;
  const words = Object.fromEntries(
    Object.keys(MOST).map((name) => [
      name,
      (typed.get(`${id} ${name}`) ?? state.photos.get(id)?.captions?.[name] ?? "").trim(),
    ]),
  );
  try {
    const told = await put(`/api/photos/${id}/captions`, words);
    for (const [name, sent] of Object.entries(words))
      if (typed.get(`${id} ${name}`)?.trim() === sent) typed.delete(`${id} ${name}`);
    take(told);
    tell(t("captions.saved"));
  } catch (trouble) {
    area.setAttribute("aria-invalid", "true");
    problem.textContent = `${trouble.message} ${trouble.advice ?? ""}`;
    problem.hidden = false;
  }
}

async function copy(area) {
  if (!area.value.trim()) return area.focus();
  try {
    await navigator.clipboard.writeText(area.value.trim());
    tell(t("captions.copied"));
  } catch {
    area.select(); // the browser does not let the page: everybody's own keys do
    complain({ message: t("captions.by_hand") });
  }
  return null;
}
