// The list of photos: small pictures, what each waits for, and the way to it.

import { byId, h, icon, unseen } from "./dom.js";
import { intake } from "./intake.js";
import { nearby } from "./nearby.js";
import { inOrder, openOf } from "./order.js";
import { SMALL, picture } from "./pictures.js";
import { areaOf, place } from "./stage.js";
import { bytes, many, removed, t, waitsFor } from "./words.js";

const FAILED = new Set(["failed", "gone"]);
const HEIGHT = 84; // of a row, before it is measured
let rows = null;

/** Draw the photos of a filter, and what never became a photo. */
export function drawList(photos, filter) {
  rows ??= nearby(byId("files"), { make: rowOf, guess: () => HEIGHT });
  const wanted = photos.filter(
    (photo) =>
      filter === "all" || (filter === "failed" ? FAILED.has(photo.state) : photo.state === filter),
  );
  const refused = filter === "all" || filter === "failed" ? intake.refused : [];
  const ordered = inOrder(wanted);
  const all = refused.length + ordered.length;
  rows.show([
    ...refused.map((one, n) => ({ key: `refused-${n}`, of: one, all })),
    ...ordered.map((photo, n) => ({ key: photo.id, of: photo, photo, all, near: nearOf(ordered, n) })),
  ]);
  byId("files-count").textContent = many("table.photos", all);
}

/** Where a photo stands among the similar shots beside it: "", "first", "middle" or "last". */
export function nearOf(photos, n) {
  const same = (other) => Boolean(photos[n].burst) && photos[other]?.burst === photos[n].burst;
  const [before, after] = [same(n - 1), same(n + 1)];
  return before ? (after ? "middle" : "last") : after ? "first" : "";
}

function rowOf(item, n, before) {
  const same = before?.of === item.of && before?.near === item.near;
  const element = same
    ? before
    : Object.assign(item.photo ? photoRow(item.photo, before) : refusedRow(item.of), item);
  element.classList.toggle("burst", Boolean(item.near));
  element.dataset.burst = item.near ?? "";
  element.setAttribute("aria-posinset", n + 1);
  element.setAttribute("aria-setsize", item.all);
  return element;
}

const refusedRow = (one) => row("failed", null, one.name, `${one.message} ${one.advice}`);

function photoRow(photo, before) {
  const why = {
    held: () =>
      [t(`table.stage_${photo.stage ?? "answer"}`, { what: waitsFor(photo) }), photo.unchecked && t("review.unchecked")]
        .filter(Boolean)
        .join(" "),
    failed: () => `${photo.error?.message ?? ""} ${photo.error?.advice ?? ""}`,
    gone: () => t("drop.gone"),
    ready: () =>
      [photo.export && `${bytes(photo.bytes)} → ${bytes(photo.export.bytes)}`, removed(photo)]
        .filter(Boolean)
        .join(" · "),
  }[photo.state];
  const link = photo.state === "held" && photo.stage !== "releasing" && wayTo(photo);
  const folder = photo.folder && h("span", { class: "soft" }, `${photo.folder}/`);
  const shown = photo.small && framed(photo, before?.querySelector("img:not(.none)") ?? picture(photo, SMALL));
  return row(photo.state, shown, [folder, photo.name], why?.(), link, photo.burst && t("table.similar"));
}

const SHAPE = 4 / 3; // of the place for a small picture

/** A small picture with boxes over what is still open. */
function framed(photo, image) {
  const shape = photo.width / photo.height || SHAPE;
  const boxes = openOf(photo)
    .findings.filter((finding) => finding.box)
    .map((finding) => {
      const box = h("span", { class: "mark" });
      place(box, areaOf(finding), photo);
      return box;
    });
  const pic = h("span", { class: "pic" }, image, boxes);
  Object.assign(pic.style, { width: `${Math.min(100, (100 * shape) / SHAPE)}%`, aspectRatio: String(shape) });
  return pic;
}

/** To the answers of a photo, or to its last look. */
const wayTo = (photo) => {
  const [view, words] = photo.stage === "look" ? ["look", "table.look"] : ["review", "drop.look"];
  const href = `/${view}?photo=${photo.id}`;
  return h("a", { class: "button", href, "data-view": view, "data-key": photo.id }, t(words), unseen(` ${photo.name}`));
};

const row = (state, image, name, why, link = null, note = null) =>
  h(
    "li",
    {},
    h("span", { class: "small-picture" }, image || icon("photo")),
    h("span", { class: "words" }, h("span", { class: "name" }, name), why !== undefined && h("span", { class: "why" }, why)),
    h("span", { class: "side" }, note && h("span", { class: "soft small" }, note), stateBadge(state), link),
  );

const ICONS = {
  waiting: "clock",
  looking: "eye",
  held: "hand",
  ready: "check",
  failed: "alert",
  gone: "undo",
};

/** A photo's state as a coloured word with a sign. */
function stateBadge(state) {
  const look = { ready: "exported", held: "held", failed: "failed", gone: "failed" }[state] ?? "";
  return h("span", { class: `state ${look}` }, icon(ICONS[state] ?? "clock"), t(`state.${state}`));
}
