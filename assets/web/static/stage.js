// The photo in review: boxes over it, and drawing new ones with the pointer or the arrow keys.

import { button, byId, h } from "./dom.js";
import { called, t } from "./words.js";

const SMALLEST = 0.01; // a box's side, as a share of the photo's
const STEP = 0.02;
const FINE = 0.004;

let photo = null;
let drawing = null; // {done, box} while a box is being drawn

/** Put boxes over the photo; `stateOf` tells "open", "covered", "answered" or "dismissed". */
export function drawBoxes(shown, stateOf, current, { onFinding, onArea }) {
  photo = shown;
  const boxes = byId("boxes");
  const held = boxes.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const made = shown.findings
    .filter((finding) => finding.box)
    .map((finding) => {
      const now = stateOf(finding);
      const name = called(shown, finding);
      const tag = h(
        "span",
        { class: "tag", "aria-hidden": "true" },
        finding.kind === "face" ? finding.id.replace(/^\D+/, "") : name,
        { covered: " ■", answered: " ✓", dismissed: " –" }[now] ?? " ?",
      );
      const box = button(tag, () => onFinding(finding), {
        class: `box ${now === "open" ? "" : now} ${current === finding.id ? "current" : ""}`,
        "data-key": `box-${finding.id}`,
        "aria-label": `${name}, ${t(`answer.${now}`)}`,
        title: t(`box.${!finding.cover ? "shows" : now === "covered" ? "uncovers" : "covers"}`),
      });
      place(box, areaOf(finding));
      return box;
    });
  const areas = shown.covering.boxes.map((area, index) => {
    const box = button([], () => onArea(index), {
      class: "box covered",
      "data-key": `area-${index}`,
      "aria-label": t("box.area", { n: index + 1 }),
      title: t("box.uncovers"),
    });
    place(box, area);
    return box;
  });
  const draft = boxes.querySelector(".draft");
  boxes.replaceChildren(...made, ...areas, ...(draft ? [draft] : []));
  if (held) boxes.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}

/** Where a finding is shown: what covering it covers, so that nobody decides by less; or where it was seen. */
export const areaOf = (finding) => finding.cover ?? finding.box;

/** Put a box where it is on a photo, whatever size that is shown in. */
export function place(element, [x, y, w, h_], { width, height } = photo) {
  Object.assign(element.style, {
    left: `${(100 * x) / width}%`,
    top: `${(100 * y) / height}%`,
    width: `${(100 * w) / width}%`,
    height: `${(100 * h_) / height}%`,
  });
  element.classList.toggle("low", y / height < 0.06);
}

export const isDrawing = () => drawing !== null;

/** Let a person draw one box; resolves with [x, y, w, h] in the photo's pixels, or null. */
export function drawOne({ byKeyboard, hint, pressed }) {
  stopDrawing();
  const area = byId("photo");
  area.classList.add("drawing");
  return new Promise((resolve) => {
    const over = (on) => {
      hint.hidden = !on;
      pressed.setAttribute("aria-pressed", String(on));
    };
    over(true);
    drawing = { resolve: (box) => (over(false), resolve(box)), box: null };
    if (byKeyboard) keyboardDraft();
  });
}

export function stopDrawing(box = null) {
  if (!drawing) return;
  const { resolve } = drawing;
  drawing = null;
  byId("photo").classList.remove("drawing");
  byId("boxes").querySelector(".draft")?.remove();
  resolve(
    box &&
      [box.x * photo.width, box.y * photo.height, box.w * photo.width, box.h * photo.height].map(Math.round),
  );
}

function draft() {
  let element = byId("boxes").querySelector(".draft");
  if (!element) {
    element = button([], null, {
      class: "box draft",
      "data-key": "draft", // keeps the focus when the boxes are drawn anew
      "aria-label": t("box.draft"),
      "aria-describedby": "draw-hint",
    });
    byId("boxes").append(element);
  }
  const { x, y, w, h: high } = drawing.box;
  place(element, [x * photo.width, y * photo.height, w * photo.width, high * photo.height]);
  return element;
}

const within = (value, low, high) => Math.min(high, Math.max(low, value));

function keyboardDraft() {
  drawing.box = { x: 0.4, y: 0.4, w: 0.2, h: 0.2 };
  const element = draft();
  element.addEventListener("keydown", (event) => {
    const step = event.altKey ? FINE : STEP;
    const [dx, dy] = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    }[event.key] ?? [0, 0];
    const box = drawing.box;
    if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      stopDrawing(box);
    } else if (event.key === "Escape") stopDrawing();
    else if (dx || dy) {
      event.preventDefault();
      event.stopPropagation();
      if (event.shiftKey) {
        box.w = within(box.w + dx, SMALLEST, 1 - box.x);
        box.h = within(box.h + dy, SMALLEST, 1 - box.y);
      } else {
        box.x = within(box.x + dx, 0, 1 - box.w);
        box.y = within(box.y + dy, 0, 1 - box.h);
      }
      draft();
    }
  });
  element.focus();
}

/** The pointer's part of drawing; once, at the start. */
export function startStage() {
  const area = byId("photo");
  let from = null;
  const at = (event) => {
    const frame = byId("picture").getBoundingClientRect();
    return [
      within((event.clientX - frame.left) / frame.width, 0, 1),
      within((event.clientY - frame.top) / frame.height, 0, 1),
    ];
  };
  area.addEventListener("pointerdown", (event) => {
    if (!drawing || event.button !== 0) return;
    event.preventDefault();
    area.setPointerCapture(event.pointerId);
    from = at(event);
  });
  area.addEventListener("pointermove", (event) => {
    if (!drawing || !from) return;
    const [x, y] = at(event);
    drawing.box = {
      x: Math.min(x, from[0]),
      y: Math.min(y, from[1]),
      w: Math.abs(x - from[0]),
      h: Math.abs(y - from[1]),
    };
    draft();
  });
  area.addEventListener("pointerup", () => {
    if (!drawing || !from) return;
    from = null;
    const box = drawing.box;
    // A click is no box: go on waiting for one.
    if (box && box.w >= SMALLEST && box.h >= SMALLEST) stopDrawing(box);
  });
  area.addEventListener("pointercancel", () => {
    from = null;
  });
}
