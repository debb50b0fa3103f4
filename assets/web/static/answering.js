// Answering what was found: covering, consents, reasons, boxes drawn by hand; and taking it back.

import { del, post, put } from "./api.js";
import { named } from "./asking.js";
import { ask, byId, dialogForm, h, tell } from "./dom.js";
import { drawOne, isDrawing, stopDrawing } from "./stage.js";
import { canCover, isSecond, openFindings } from "./standing.js";
import { state, take } from "./store.js";
import { called, many, t } from "./words.js";

/** The photo in front of the person; `changed` and `beforeDrawing` are the review's own. */
export const desk = { id: null, chosen: null, changed: () => {}, beforeDrawing: async () => {} };
export const photo = () => state.photos.get(desk.id);
const undone = new Map(); // id -> steps that can be taken back, newest last

// What a person saw stays on record: it is answered, never taken back.
const newest = () => photo()?.answers.findLast((answer) => answer.kind !== "drawn");

export const canUndo = () => Boolean(undone.get(desk.id)?.length || newest());

let line = Promise.resolve();

/** Do one thing after the other, so that two quick presses never undo each other; troubles are told. */
export function attempt(work) {
  line = line.then(work).catch((trouble) => {
    if (trouble.name !== "AbortError") tell(`${trouble.message} ${trouble.advice ?? ""}`, { bad: true });
    return null;
  });
  return line;
}

function remember(id, step) {
  undone.set(id, [...(undone.get(id) ?? []), step]);
}

const andUndo = () => ({ action: { label: t("review.undo"), run: undo } });

/** Change what will be covered; `change` tells the new parts from those of now, and what to say. */
function cover(change) {
  const { id } = desk;
  return attempt(async () => {
    const before = state.photos.get(id).covering;
    const [parts, said] = change(before);
    take(await put(`/api/photos/${id}/covering`, { ...before, ...parts }));
    remember(id, async () => take(await put(`/api/photos/${id}/covering`, before)));
    desk.changed();
    tell(said, andUndo());
  });
}

export function toggle(finding) {
  const what = called(photo(), finding);
  desk.chosen = null;
  return cover(({ redact }) => {
    const rest = redact.filter((one) => one !== finding.id);
    const on = rest.length === redact.length;
    return [
      { redact: on ? [...rest, finding.id] : rest },
      t(on ? "review.covered" : "review.uncovered", { what }),
    ];
  });
}

export function coverAll() {
  const faces = openFindings(photo())
    .filter(canCover)
    .map((finding) => finding.id);
  return cover(({ redact }) => [{ redact: [...redact, ...faces] }, many("review.covered_all", faces.length)]);
}

const coverArea = (box) => cover(({ boxes }) => [{ boxes: [...boxes, box] }, t("review.covered_area")]);

/** Cover what shows after covering, with a margin. */
export function coverToo(finding) {
  const { width, height } = photo();
  const [x, y, w, high] = finding.box;
  const [left, top] = [Math.max(0, x - w * 0.15), Math.max(0, y - high * 0.15)];
  const box = [left, top, Math.min(width, x + w * 1.15) - left, Math.min(height, y + high * 1.15) - top];
  return coverArea(box.map(Math.round));
}

export const dropArea = (index) =>
  cover(({ boxes }) => [{ boxes: boxes.filter((_, place) => place !== index) }, t("review.uncovered_area")]);
export const credit = (text) =>
  cover(() => [{ credit: text || null }, t(text ? "review.credit_set" : "review.credit_gone")]);

export function pressBox(finding) {
  if (isSecond(finding)) return coverToo(finding);
  if (canCover(finding)) return toggle(finding);
  desk.chosen = finding.id;
  desk.changed();
  return byId("findings")
    .querySelector(`[data-finding="${CSS.escape(finding.id)}"] button`)
    ?.focus();
}

async function answered(dialog) {
  if (!(await named())) return;
  const { id } = desk;
  const told = await attempt(dialog);
  if (!told) return;
  take(...told.photos);
  const refs = told.results.flatMap((result) => result.refs);
  if (refs.length) remember(id, () => takeBack(refs));
  desk.chosen = null;
  desk.changed();
  const failed = told.results.find((result) => result.error);
  if (failed) tell(`${failed.error.message} ${failed.error.advice}`, { bad: true });
  else tell(many("review.answered", told.results.length), andUndo());
}

async function takeBack(refs) {
  for (const ref of refs) take(...(await del(`/api/answers/${ref}`)).photos);
}

const answers = () => import("./answers.js"); // the dialogs are loaded with the first answer

export const consent = (finding, need) =>
  answered(async () => (await answers()).chooseRecord(photo(), finding, need));

export const dismiss = (finding, need) =>
  answered(async () => (await answers()).dismiss(photo(), finding, need));

/** Say that what shows after covering is no face: it is marked, then set aside. */
export async function notFace(finding) {
  if (!(await named())) return;
  const { id } = desk;
  const before = new Set(photo().findings.map((one) => one.id));
  await attempt(async () => take(await post(`/api/photos/${id}/drawn`, { box: finding.box, kind: "face" })));
  const marked = state.photos.get(id).findings.find((one) => one.drawn && !before.has(one.id));
  desk.changed();
  if (marked) await dismiss(marked, "person-consent");
}

export const undoAnswer = (ref) =>
  attempt(async () => {
    await takeBack([ref]);
    desk.changed();
    tell(t("review.taken_back"));
  });

export function undo() {
  const steps = undone.get(desk.id) ?? [];
  const last = newest();
  if (!steps.length && !last) return tell(t("review.no_undo"));
  return attempt(async () => {
    await (steps.pop() ?? (() => takeBack([last.ref])))();
    desk.changed();
    tell(t("review.taken_back"));
  });
}

/** Draw a box; what it covers is asked, unless a thing of the checklist was pressed. */
export async function draw(thing, byKeyboard) {
  if (!photo()) return;
  if (isDrawing() && !thing) {
    stopDrawing(); // pressed once more
    return;
  }
  const { id } = desk;
  await desk.beforeDrawing();
  const box = await drawOne({ byKeyboard, hint: byId("draw-hint"), button: byId("draw") });
  if (!box || id !== desk.id) return;
  const what = thing ? "cover" : await whatIsIt();
  if (what === "cover") await coverArea(box);
  else if (what && (await named())) {
    await attempt(async () => {
      take(await post(`/api/photos/${id}/drawn`, { box, kind: what }));
      desk.changed();
      tell(t("review.drawn"));
    });
  }
}

function whatIsIt() {
  const choice = (value, checked) =>
    h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name: "what", value, checked }),
      h(
        "span",
        {},
        h("b", {}, t(`drawn.${value}`)),
        h("br"),
        h("span", { class: "soft small" }, t(`drawn.${value}_text`)),
      ),
    );
  return ask((close) =>
    dialogForm(close, {
      title: t("drawn.title"),
      body: h(
        "fieldset",
        {},
        h("legend", { class: "sr" }, t("drawn.title")),
        choice("cover", true),
        choice("face", false),
        choice("clinical", false),
      ),
      submit: t("drawn.keep"),
      cancel: t("ask.cancel"),
      send: async (form) => new FormData(form).get("what"),
    }),
  );
}
