// Review: the held photos one at a time, each finding answered, then let go.

import {
  attempt,
  canUndo,
  consent,
  coverThese,
  coverToo,
  credit,
  desk,
  dismiss,
  draw,
  dropArea,
  judge,
  notIt,
  photo,
  pick,
  pressBox,
  toggle,
  undo,
  undoAnswer,
} from "./answering.js";
import { announce, byId, fill, tell } from "./dom.js";
import {
  answerOf,
  canCover,
  openFindings,
  openNeeds,
  strayCard,
  strayNeeds,
} from "./findings.js";
import { cardsOf, startPicking } from "./groups.js";
import { inOrder, waitsForAnswers } from "./order.js";
import { drawBoxes, isDrawing, startStage, stopDrawing } from "./stage.js";
import { call, get, inState, post, ruleOf, state, take, watch } from "./store.js";
import { bytes, many, number, t, waitsFor } from "./words.js";

let preview = null; // {url, width, height, bytes} while what will be exported is shown
let order = []; // ids of the queue, kept while it shrinks, so that "next" means the same
let drawn = ""; // what the page shows, so that it is only made again when something changed

const pictureOf = (id) => `/api/photos/${id}/picture?side=1600`;

// --- moving through the queue ------------------------------------------------------------------

export function startReview() {
  desk.changed = () => {
    draws();
    if (preview) showPreview(true);
  };
  desk.beforeDrawing = async () => {
    if (preview) await showPreview(false);
  };
  startStage();
  startPicking(byId("boxes"), (id) => pick({ id }));
  byId("previous").addEventListener("click", () => move(-1));
  byId("next").addEventListener("click", () => move(1));
  byId("draw").addEventListener("click", (event) => draw(null, event.detail === 0));
  byId("tab-photo").addEventListener("click", () => showPreview(false));
  byId("tab-preview").addEventListener("click", () => showPreview(true));
  byId("undo").addEventListener("click", undo);
  byId("let-go").addEventListener("click", letGo);
  byId("again").addEventListener("click", () =>
    attempt(async () => take(await post(`/api/photos/${desk.id}/again`))),
  );
  for (const chip of document.querySelectorAll("[data-thing]"))
    chip.addEventListener("click", (event) => draw(chip.dataset.thing, event.detail === 0));
  // Boxes without the picture below them would be in the wrong place.
  byId("picture").addEventListener("load", () => byId("photo").classList.remove("loading"));
  byId("picture").addEventListener("error", () => {
    if (photo() && !preview) tell(t("review.no_picture"), { bad: true });
  });
  watch((changed) => {
    if (byId("view-review").hidden) return;
    if (!photo() || photo().state !== "held" || changed.has(desk.id) || changed.size === 0)
      show(photo()?.state === "held" || photo()?.state === "looking" ? desk.id : null);
    else drawQueue();
  });
}

/** Show a photo, or the first that waits. */
export function show(wanted = desk.id) {
  const waiting = inOrder(inState("held").filter((one) => waitsForAnswers(one) || one.id === wanted));
  order = [
    ...order.filter((one) => state.photos.get(one)?.state === "held"),
    ...waiting.map((one) => one.id).filter((one) => !order.includes(one)),
  ];
  const next =
    state.photos.get(wanted)?.state === "looking" ? wanted : order.includes(wanted) ? wanted : order[0];
  byId("review-empty").hidden = Boolean(next);
  byId("review").hidden = !next;
  if (!next) {
    desk.id = null;
    drawEmpty();
    return;
  }
  if (next !== desk.id) open(next);
  else draws();
}

function open(next) {
  stopDrawing();
  desk.id = next;
  desk.chosen = null;
  setPreview(null);
  const picture = byId("picture");
  byId("photo").classList.add("loading");
  drawn = "";
  picture.src = pictureOf(desk.id);
  picture.alt = t("review.alt", { name: photo().name });
  history.replaceState({}, "", `/review?photo=${desk.id}`);
  draws();
  announce(`${photo().name}. ${t("drop.waits", { what: waitsFor(photo()) })}`);
  get(`/api/photos/${desk.id}`).then(take, () => {});
  const following = order[order.indexOf(desk.id) + 1];
  if (following) new Image().src = pictureOf(following); // the cache keeps none; this only warms the server's
}

export function move(by) {
  if (!order.length) return;
  const place = order.indexOf(desk.id) + by;
  if (place < 0 || place >= order.length) tell(t(by < 0 ? "review.first" : "review.last"));
  else show(order[place]);
  byId("review-title").focus();
}

// --- drawing the page --------------------------------------------------------------------------

function draws() {
  const shown = photo();
  if (!shown) return;
  byId("review-title").textContent = shown.folder ? `${shown.folder}/${shown.name}` : shown.name;
  drawQueue();
  const now = JSON.stringify([{ ...shown, told: 0 }, desk.chosen, canUndo(), Boolean(preview)]);
  if (now === drawn) return;
  drawn = now;
  const open_ = openFindings(shown);
  if (desk.chosen && !shown.findings.some((finding) => finding.id === desk.chosen)) desk.chosen = null;
  const current = desk.chosen ?? open_[0]?.id ?? null;
  drawBoxes(shown, (finding) => answerOf(shown, finding), current, { onFinding: pressBox, onArea: dropArea });
  byId("boxes").hidden = Boolean(preview);
  const actions = {
    cover: toggle,
    coverThese,
    consent,
    dismiss,
    credit,
    undo: undoAnswer,
    coverToo,
    notIt,
    judge,
    pick: (finding) => pick(finding.id === desk.chosen ? { id: null } : finding),
  };
  fill(
    byId("findings"),
    cardsOf(shown, { current, picked: desk.chosen, actions }),
    strayNeeds(shown).map((need) => strayCard(shown, need)),
  );
  byId("again").hidden = !shown.needs.some((need) => need.scan);
  byId("undo").disabled = !canUndo();
  drawLast();
}

function drawQueue() {
  const place = order.indexOf(desk.id) + 1;
  byId("place").textContent = t("review.place", { n: number(place), all: number(order.length) });
  byId("previous").disabled = place <= 1;
  byId("next").disabled = place >= order.length;
}

function drawLast() {
  const shown = photo();
  if (!shown) return;
  const left =
    shown.findings.reduce((sum, finding) => sum + openNeeds(shown, finding).length, 0) +
    strayNeeds(shown).length;
  byId("let-go").setAttribute("aria-disabled", String(left > 0));
  byId("let-go").href = `/look?photo=${desk.id}&back=review`;
  const says = left ? many("review.left", left) : t("review.can_go");
  byId("left").textContent = [shown.unchecked && t("review.unchecked"), says].filter(Boolean).join(" ");
}

function drawEmpty() {
  const [working, ready] = [inState("waiting", "looking").length, inState("ready").length];
  byId("review-empty-text").textContent = working
    ? t("review.none_yet")
    : ready
      ? t("review.all_done")
      : t("review.nothing");
}

// --- what will be exported ---------------------------------------------------------------------

function setPreview(next) {
  if (preview) URL.revokeObjectURL(preview.url);
  preview = next;
  byId("tab-photo").setAttribute("aria-pressed", String(!next));
  byId("tab-preview").setAttribute("aria-pressed", String(Boolean(next)));
  byId("preview-text").textContent = next
    ? t("review.preview_size", { width: next.width, height: next.height, size: bytes(next.bytes) })
    : "";
}

export async function showPreview(on = !preview) {
  stopDrawing();
  if (!on) {
    setPreview(null);
    byId("picture").src = pictureOf(desk.id);
    draws();
    return;
  }
  const about = desk.id;
  await attempt(async () => {
    const answer = await call("GET", `/api/photos/${desk.id}/preview?v=${Date.now()}`);
    const told = JSON.parse(answer.headers.get("x-preview") ?? "{}");
    const url = URL.createObjectURL(await answer.blob());
    if (about !== desk.id) return;
    setPreview({ url, ...told });
    byId("picture").src = url;
    draws();
  });
}

/** Go to the last look at this photo; where something is open, to that. */
function letGo(event) {
  const shown = photo();
  if (!shown) return;
  if (byId("let-go").getAttribute("aria-disabled") === "true") {
    event?.preventDefault();
    event?.stopPropagation();
    announce(byId("left").textContent);
    byId("findings").querySelector(".finding.open button")?.focus();
  } else if (!event) byId("let-go").click();
}

// --- keys --------------------------------------------------------------------------------------

/** What a key does in review; true where it did something. */
export function key(name) {
  const shown = photo();
  if (isDrawing() && name === "Escape") stopDrawing();
  if (!shown || isDrawing()) return false;
  const focused =
    document.activeElement?.closest("[data-finding]")?.dataset.finding ??
    document.activeElement?.dataset?.key?.replace(/^box-/, "");
  const named = [focused, desk.chosen].map((wanted) => shown.findings.find((one) => one.id === wanted));
  const open_ = [...named, ...openFindings(shown)].find((one) => one && openNeeds(shown, one).length);
  const finding = named.find(Boolean) ?? open_;
  const rule = open_ && ruleOf(open_, openNeeds(shown, open_)[0].needs);
  const does = {
    j: () => move(1),
    k: () => move(-1),
    u: undo,
    p: () => showPreview(),
    b: () => draw(null, true),
    e: () => letGo(),
    r: () =>
      finding && (canCover(finding) || finding.second) ? pressBox(finding) : tell(t("review.cannot_cover")),
    d: () =>
      rule?.may_be
        ? judge(open_, false)
        : rule?.reasons.length
          ? dismiss(open_, rule.need)
          : tell(t("review.nothing_open")),
    y: () => (rule?.may_be ? judge(open_, true) : tell(t("review.nothing_open"))),
    c: () =>
      rule?.records.length
        ? consent(open_, rule.need)
        : rule?.credit
          ? byId("findings").querySelector("input[name=credit]")?.focus()
          : tell(t("review.nothing_open")),
  }[name];
  if (!does) return false;
  does();
  return true;
}
