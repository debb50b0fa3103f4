// The start: what this is, what was dropped, how far it is.

import { confirmed } from "./asking.js";
import { announce, button, byId, complain, fill, h, icon, tell } from "./dom.js";
import { busy, cancel, intake, takeDrop, takeFiles } from "./intake.js";
import { drawList } from "./list.js";
import { waitsForAnswers } from "./order.js";
import { del, inState, post, state, watch } from "./store.js";
import { listed, many, number, t } from "./words.js";

const MANY = 2; // so many photos are answered together rather than one by one
let filter = "all";
let spokenAt = 0;
let wasBusy = false;

export function startDrop() {
  for (const [id, picker] of [
    ["pick-folder", "folder-input"],
    ["pick-files", "files-input"],
  ]) {
    byId(id).addEventListener("click", () => byId(picker).click());
    byId(picker).addEventListener("change", (event) => {
      takeFiles([...event.target.files]);
      event.target.value = "";
    });
  }
  let depth = 0;
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const dragging = (on) => document.body.classList.toggle("dragging", on);
  addEventListener("dragenter", (event) => {
    if (carriesFiles(event)) {
      depth += 1;
      dragging(true);
    }
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (!depth) dragging(false);
  });
  addEventListener("dragover", (event) => {
    if (carriesFiles(event)) {
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
    }
  });
  addEventListener("drop", (event) => {
    depth = 0;
    dragging(false);
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("go", { detail: "drop" }));
    takeDrop(event.dataTransfer);
  });
  byId("path-form").addEventListener("submit", startRun);
  byId("filter").addEventListener("change", (event) => {
    filter = event.target.value;
    draw();
  });
  byId("cancel").addEventListener("click", () => cancel().then(() => tell(t("drop.cancelled")), complain));
  byId("clear").addEventListener("click", clear);
  addEventListener("beforeunload", (event) => {
    if (busy()) event.preventDefault();
  });
  watch(draw);
}

async function startRun(event) {
  event.preventDefault();
  const input = byId("path");
  const problem = byId("path-problem");
  problem.textContent = "";
  input.removeAttribute("aria-invalid");
  try {
    await post("/api/runs", { path: input.value.trim().replace(/^"(.*)"$/, "$1") });
    input.value = "";
    byId("path-details").open = false;
  } catch (trouble) {
    input.setAttribute("aria-invalid", "true");
    problem.textContent = `${trouble.message} ${trouble.advice}`;
    input.focus();
  }
}

async function clear() {
  const held = inState("held", "waiting", "looking").length;
  if (
    !(await confirmed({
      title: t("clear.title"),
      text: held ? many("clear.held", held) : t("clear.text"),
      yes: t("clear.yes"),
    }))
  )
    return;
  intake.refused = [];
  await del("/api/photos?state=all");
  byId("drop-title").focus();
}

/** Draw the start; its list only while it can be seen. */
export function draw() {
  const photos = [...state.photos.values()];
  const any =
    photos.length > 0 || busy() || intake.refused.length > 0 || intake.others > 0 || state.runs.size > 0;
  document.body.classList.toggle("any", any);
  byId("hello").classList.toggle("hello", !any);
  byId("intro").hidden = any;
  byId("drop").classList.toggle("slim", any);
  byId("work").hidden = !any;
  byId("roots").textContent = listed(state.roots);
  drawOffered();
  if (!any) return;

  const held = inState("held").length;
  const ready = inState("ready").length;
  const failed = inState("failed", "gone").length + intake.refused.length;
  const inLine = inState("waiting", "looking").length;
  const runs = [...state.runs.values()];
  const unlisted = runs
    .filter((run) => run.state === "running")
    .reduce((sum, run) => sum + Math.max(0, (run.total ?? 0) - run.done), 0);
  const left = inLine + intake.queue.length + intake.sending;
  const total = photos.length + intake.queue.length + intake.sending + unlisted;
  const done = photos.length - inLine;
  const working = busy() || inLine > 0 || runs.some((run) => run.state === "running");
  byId("work-title").textContent = working ? t("drop.working") : t("drop.done");
  const progress = byId("progress");
  progress.hidden = byId("cancel").hidden = !working;
  byId("clear").hidden = working;
  progress.max = Math.max(1, total);
  progress.value = done;
  byId("progress-text").textContent = working
    ? t(intake.walking ? "drop.walking" : "drop.progress", {
        done: number(done),
        total: number(total),
        left: number(left),
      })
    : "";
  for (const [id, n] of [
    ["held", held],
    ["ready", ready],
    ["failed", failed],
  ]) {
    byId(`n-${id}`).textContent = number(n);
    byId(`n-${id}`).closest("li").hidden = id === "failed" && n === 0;
  }
  const asked = inState("held").filter(waitsForAnswers).length;
  byId("go-table").hidden = asked < MANY;
  byId("go-review").hidden = held === 0;
  byId("go-results").hidden = ready === 0;
  byId("go-table").classList.toggle("main", asked >= MANY);
  byId("go-review").classList.toggle("main", held > 0 && asked < MANY);
  byId("go-results").classList.toggle("main", held === 0);
  fill(byId("work-notes"), notes(runs));
  speak(working, done, total, held, ready, failed);
  if (!byId("view-drop").hidden) drawList(photos, filter);
}

function notes(runs) {
  const out = [];
  const note = (kind, sign, ...words) =>
    out.push(h("div", { class: `note ${kind}` }, icon(sign), h("p", {}, ...words)));
  if (intake.paused) note("wait", "clock", t(`intake.${intake.paused}`));
  for (const run of runs) {
    if (run.error)
      note("fail", "alert", h("b", {}, run.path, ": "), run.error.message, " ", run.error.advice ?? "");
    else if (run.exports) out.push(savedNote(run));
  }
  if (intake.others) out.push(h("p", { class: "soft small" }, many("drop.others", intake.others)));
  return out;
}

/** Where the results of a typed path lie, and a button that opens the folder. */
export const savedNote = (run) =>
  h(
    "div",
    { class: "note" },
    icon("folder"),
    h(
      "p",
      {},
      t("drop.saved"),
      " ",
      h("b", {}, run.exports),
      " ",
      button(t("drop.open"), () => post(`/api/runs/${run.id}/open`).catch(complain), { class: "link" }),
    ),
  );

function drawOffered() {
  const fresh = state.paths.filter((path) => ![...state.runs.values()].some((run) => run.path === path));
  byId("offered").hidden = fresh.length === 0;
  fill(
    byId("offered"),
    fresh.map((path) =>
      h(
        "div",
        { class: "note" },
        icon("folder"),
        h(
          "div",
          { class: "stack" },
          h("p", {}, t("drop.offered"), " ", h("b", {}, path)),
          button(t("drop.offered_go"), () => post("/api/runs", { path }).catch(complain), { class: "main" }),
        ),
      ),
    ),
  );
}

/** At most every five seconds while working, and once at the end. */
function speak(working, done, total, held, ready, failed) {
  const now = performance.now();
  if (working && now - spokenAt > 5000) {
    spokenAt = now;
    announce(t("drop.spoken", { done: number(done), total: number(total) }));
  } else if (wasBusy && !working)
    announce(t("drop.finished", { ready: number(ready), held: number(held), failed: number(failed) }));
  wasBusy = working;
}
