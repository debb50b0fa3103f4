// Answering what was found: covering, consents, reasons, boxes drawn by hand; and taking it back.

import { askForm, choice, named } from "./asking.js";
import { byId, complain, h, soft, tell } from "./dom.js";
import { canCover } from "./findings.js";
import { groupOf } from "./groups.js";
import { drawOne, isDrawing, stopDrawing } from "./stage.js";
import { del, post, put, state, take } from "./store.js";
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
    if (trouble.name !== "AbortError") complain(trouble);
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

/** Cover several findings in one step. */
export const coverThese = (findings) =>
  cover(({ redact }) => [
    { redact: [...redact, ...findings.map((finding) => finding.id)] },
    many("review.covered_all", findings.length),
  ]);

const coverArea = (box) => cover(({ boxes }) => [{ boxes: [...boxes, box] }, t("review.covered_area")]);

/** Cover what shows after covering. */
export const coverToo = (finding) => coverArea(finding.cover);

export const dropArea = (index) =>
  cover(({ boxes }) => [{ boxes: boxes.filter((_, place) => place !== index) }, t("review.uncovered_area")]);
export const credit = (text) =>
  cover(() => [{ credit: text || null }, t(text ? "review.credit_set" : "review.credit_gone")]);

export function pressBox(finding) {
  if (finding.second) return coverToo(finding);
  if (canCover(finding)) {
    const done = toggle(finding);
    if (groupOf(photo(), finding)) pick(finding); // its own card shows what else answers it
    return done;
  }
  desk.chosen = finding.id;
  desk.changed();
  return byId("findings")
    .querySelector(`[data-finding="${CSS.escape(finding.id)}"] button`)
    ?.focus();
}

/** Pick one finding among several: its card is shown, and keys are about it. */
export function pick({ id }) {
  desk.chosen = id;
  desk.changed();
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
  if (failed) complain(failed.error);
  else tell(many("review.answered", told.results.length), andUndo());
}

async function takeBack(refs) {
  for (const ref of refs) take(...(await del(`/api/answers/${ref}`)).photos);
}

const answers = () => import("./answers.js"); // the dialogs are loaded with the first answer

export const consent = (finding, need, all = [finding]) =>
  answered(async () => (await answers()).chooseRecord(photo(), finding, need, all));

export const dismiss = (finding, need, all = [finding]) =>
  answered(async () => (await answers()).dismiss(photo(), finding, need, all));

/** Answer a doubt: nothing clinical is shown, or it is clinical. There is nothing more to ask. */
export const judge = (finding, clinical) => {
  const { id } = desk;
  return answered(() =>
    post("/api/answers", {
      items: [{ photo: id, finding: finding.id }],
      ...(clinical ? { clinical } : { dismiss: { needs: "look", reason: "nothing clinical" } }),
    }),
  );
};

/** Say that what shows after covering is no face: it is marked, then set aside. */
export async function notIt(finding, need) {
  if (!(await named())) return;
  const marked = await attempt(() => drawnNow(desk.id, finding.box, finding.kind));
  desk.changed();
  if (marked) await dismiss(marked, need);
}

/** Record what a person saw; resolves with the finding that it became. */
async function drawnNow(id, box, kind) {
  const before = new Set(state.photos.get(id).findings.map((one) => one.id));
  take(await post(`/api/photos/${id}/drawn`, { box, kind }));
  return state.photos.get(id)?.findings.find((one) => one.drawn && !before.has(one.id));
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
  const box = await drawOne({ byKeyboard, hint: byId("draw-hint"), pressed: byId("draw") });
  if (!box || id !== desk.id) return;
  const what = thing ? "cover" : await whatIsIt();
  if (what === "cover") await coverArea(box);
  else if (what && (await named())) {
    await attempt(async () => {
      const marked = await drawnNow(id, box, what);
      pick(marked ?? { id: null });
      tell(t("review.drawn"));
    });
  }
}

function whatIsIt() {
  const kind = (value, checked) =>
    choice(
      { name: "what", value, checked },
      h("b", {}, t(`drawn.${value}`)),
      h("br"),
      soft(t(`drawn.${value}_text`)),
    );
  return askForm({
    title: t("drawn.title"),
    body: h(
      "fieldset",
      {},
      h("legend", { class: "sr" }, t("drawn.title")),
      kind("cover", true),
      kind("face", false),
      kind("clinical", false),
    ),
    submit: t("drawn.keep"),
    send: async (form) => new FormData(form).get("what"),
  });
}
