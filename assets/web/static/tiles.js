// One photo of the light table: its picture, what was found on it, and what it waits for.

import { button, h, icon, unseen } from "./dom.js";
import { answerOf, canCover } from "./findings.js";
import { openOf } from "./order.js";
import { picture } from "./pictures.js";
import { sideOf, watchPicture } from "./shown.js";
import { areaOf, place } from "./stage.js";
import { called, t, waitsFor } from "./words.js";

/** What is still open, in one line. */
export const openLine = (photo) => {
  const { findings, stray } = openOf(photo);
  const ids = new Set(findings.map((finding) => finding.id));
  return waitsFor({ ...photo, needs: photo.needs.filter((need) => ids.has(need.finding) || stray.includes(need)) });
};

/** How large the picture of a photo is shown where it may be so wide and high. */
export function sizeOf(photo, { side, wide, most }) {
  const longest = Math.max(photo.width, photo.height);
  const scale = Math.min(1, side / longest, wide / photo.width, most / photo.height);
  return [Math.round(photo.width * scale), Math.round(photo.height * scale)];
}

/** A tile; `before` is the one that the photo had, whose image is used again. */
export function tile(photo, look, before = null) {
  const [width, height] = sizeOf(photo, look);
  const sharp = look.side * (devicePixelRatio > 1 ? 2 : 1);
  const kept = before?.querySelector("img:not(.none)");
  const of = `${photo.version}-${sharp}`;
  const image = kept?.dataset.of === of ? kept : picture(photo, sharp);
  image.dataset.of = of;
  const pic = h("div", { class: "pic" }, image, boxes(photo));
  Object.assign(pic.style, { width: `${width}px`, aspectRatio: `${width} / ${height}` });
  const side = sideOf(photo, width, height);
  if (side) watchPicture(pic, photo.id, side, image);
  const why = openLine(photo);
  const credit =
    photo.credit_suggestion && openOf(photo).findings.some((finding) => finding.kind === "source")
      ? photo.credit_suggestion
      : null;
  const similar = look.near && t("table.similar");
  return h(
    "div",
    {
      role: "gridcell",
      class: `tile ${look.near ? "burst" : ""}`,
      "data-photo": photo.id,
      "data-key": `tile-${photo.id}`,
      "data-burst": look.near,
      "aria-label": [photo.name, why, credit, similar, look.note].filter(Boolean).join(". "),
    },
    h("div", { class: "mat" }, pic),
    h(
      "div",
      { class: "words small" },
      h("span", { class: "tick", "aria-hidden": "true" }, icon("check")),
      h("span", { class: "name" }, photo.name),
      h("span", { class: "soft why" }, [why, similar].filter(Boolean).join(" · ")),
      h(
        "a",
        { class: "open", href: `/review?photo=${photo.id}`, "data-view": "review", tabindex: "-1" },
        t("table.open"),
        unseen(` ${photo.name}`),
      ),
      credit && h("span", { class: "whole" }, credit),
      look.note && h("span", { class: "whole stays" }, icon("alert"), h("span", {}, look.note)),
    ),
  );
}

/** The boxes over a picture: those that can be covered are pressed for that. */
const boxes = (photo) => [
  ...photo.findings
    .filter((finding) => finding.box)
    .map((finding) => {
      const now = answerOf(photo, finding);
      const look = `box ${now === "open" ? "" : now} ${finding.kind === "face" ? "" : "other"}`;
      const box = canCover(finding)
        ? button([], null, {
            class: look,
            tabindex: "-1",
            "data-cover": finding.id,
            "data-key": `box-${photo.id}-${finding.id}`,
            "aria-label": `${called(photo, finding)}, ${t(`answer.${now}`)}`,
            title: t(`box.${now === "covered" ? "uncovers" : "covers"}`),
          })
        : h("span", { class: look, "aria-hidden": "true" });
      place(box, areaOf(finding), photo);
      return box;
    }),
  ...photo.covering.boxes.map((area) => {
    const box = h("span", { class: "box covered", "aria-hidden": "true" });
    place(box, area, photo);
    return box;
  }),
];
