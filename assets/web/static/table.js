// The light table: the photos that wait for answers, side by side, answered together.

import { named } from "./asking.js";
import { announce, button, byId, complain, fill, h, icon, tell } from "./dom.js";
import { REASONS, inOrder, openOf, waitsForAnswers } from "./order.js";
import { picking } from "./picking.js";
import { drawProposals } from "./proposals.js";
import { SAYINGS, aboutOf, say, staying, whyStays } from "./selections.js";
import { across, hits, ids, lay, page, resize, reveal, startSheet, tileOf, tooSmall, watchBars } from "./sheet.js";
import { shownAt } from "./shown.js";
import { del, inState, put, state, take, watch } from "./store.js";
import { called, many, number, t } from "./words.js";

const WHATS = Object.keys(SAYINGS);

let filter = "all";
let photos = []; // of the filter, in order
let said = null; // the server's answer to the last selection, while its result is shown
let pick = null;
let undoing = false;
const notes = new Map(); // id -> why it stayed
const steps = []; // what can be taken back, newest last

const place = () => byId("tiles");
const focus = () => tileOf(pick.current)?.focus({ preventScroll: true });
const chosen = () => photos.filter((photo) => pick.chosen.has(photo.id));

export function startTable() {
  startSheet(mark, counts);
  pick = picking(place(), byId("band"), { ids, hits, reveal: (n) => (reveal(n), focus()) }, marks);
  for (const what of WHATS) byId(`say-${what}`).addEventListener("click", () => act(what));
  byId("table-all").addEventListener("click", all);
  byId("table-none").addEventListener("click", () => pick.only([]));
  byId("table-size").addEventListener("click", larger);
  for (const way of ["table-undo", "table-empty-undo"]) byId(way).addEventListener("click", undo);
  place().addEventListener("click", pressed);
  place().addEventListener("keydown", gridKey);
  place().addEventListener("focusin", (event) => {
    const cell = event.target.closest("[data-photo]");
    if (cell && cell.dataset.photo !== pick.current) pick.at(cell.dataset.photo);
  });
  let width = 0;
  new ResizeObserver(() => {
    if (place().clientWidth !== width && !byId("view-table").hidden) draw();
    width = place().clientWidth;
  }).observe(place());
  watch(() => byId("view-table").hidden || draw());
}

/** Show the light table. */
export function show() {
  draw();
}

// --- drawing ----------------------------------------------------------------------------------------

function draw() {
  const before = ids();
  const waiting = inState("held").filter(waitsForAnswers);
  drawReasons(waiting);
  photos = inOrder(filter === "all" ? waiting : waiting.filter((photo) => openOf(photo).reasons.includes(filter)));
  byId("table").hidden = waiting.length === 0;
  byId("table-empty").hidden = waiting.length > 0;
  if (!waiting.length) drawEmpty();
  drawSaid();
  drawProposals(byId("proposals"), photos, showThese);
  const focused = place().contains(document.activeElement);
  pick.keep(before);
  lay(photos, notes);
  marks();
  if (focused && !place().contains(document.activeElement)) focus();
}

function mark(element) {
  const id = element.dataset.photo;
  element.setAttribute("aria-selected", String(pick.chosen.has(id)));
  element.tabIndex = id === (pick.current ?? photos[0]?.id) ? 0 : -1;
  element.classList.toggle("current", id === pick.current);
}

/** What is chosen, and what can be said about it. */
function marks() {
  for (const element of place().querySelectorAll("[data-photo]")) mark(element);
  counts();
  const some = chosen();
  for (const what of WHATS) byId(`say-${what}`).hidden = aboutOf(what, some).length === 0;
  byId("sayings").hidden = some.length === 0;
  byId("table-chosen").textContent = some.length ? many("table.chosen", some.length) : "";
  byId("table-undo").disabled = steps.length === 0;
  watchBars();
}

function counts() {
  const seen = photos.filter((photo) => shownAt(photo.id)).length;
  byId("table-count").textContent = tooSmall()
    ? t("table.small")
    : t("table.seen", { n: number(seen), all: number(photos.length) });
  byId("table-all").disabled = seen === 0;
}

function drawReasons(waiting) {
  const found = Object.keys(REASONS)
    .map((name) => [name, waiting.filter((photo) => openOf(photo).reasons.includes(name)).length])
    .filter(([, n]) => n > 0);
  if (!found.some(([name]) => name === filter)) filter = "all";
  fill(
    byId("reasons"),
    [["all", waiting.length], ...found].map(([name, n]) =>
      button([t(`table.reason_${name}`), h("span", { class: "num" }, ` ${number(n)}`)], () => choose(name), {
        class: "tight",
        "aria-pressed": String(name === filter),
        "data-key": `reason-${name}`,
      }),
    ),
  );
}

function choose(name) {
  filter = name;
  pick.only([]);
  draw();
  scrollTo({ top: 0, behavior: "instant" });
}

/** Choose some photos, and bring the first of them into view. */
function showThese(some) {
  pick.only(some);
  pick.at(photos.find((photo) => some.includes(photo.id)).id);
  reveal(here());
  focus();
}

function drawEmpty() {
  const looks = inState("held").length;
  const busy = inState("waiting", "looking").length;
  byId("table-empty-text").textContent = looks ? many("table.looks", looks) : t(busy ? "review.none_yet" : "review.nothing");
  byId("table-to-look").hidden = looks === 0;
  byId("table-empty-undo").hidden = steps.length === 0;
}

function drawSaid() {
  const box = byId("table-said");
  box.hidden = !said;
  if (!said) return;
  const n = new Set(said.will.map((one) => one.photo)).size;
  fill(
    box,
    icon("check"),
    h(
      "div",
      { class: "stack" },
      h("p", {}, h("b", {}, many("table.done", n))),
      staying(said.stays),
    ),
    said.selection && button(t("table.undo_all"), undo, { class: "tight", "data-key": "undo-all" }),
    button(t("results.close"), closeSaid, { class: "tight", "data-key": "close-said" }),
  );
}

function closeSaid() {
  said = null;
  notes.clear();
  draw();
}

// --- answers ----------------------------------------------------------------------------------------

async function act(what) {
  const some = chosen();
  if (!some.length) return tell(t("table.choose"));
  if (!aboutOf(what, some).length || !(await named())) return;
  try {
    const told = await say(what, some);
    if (!told) return;
    said = told;
    notes.clear();
    for (const one of told.stays) if (one.why !== "nothing") notes.set(one.photo, whyStays(one));
    if (told.selection) steps.push(() => takeBack(told.selection));
    pick.only(told.stays.map((one) => one.photo).filter((id) => pick.chosen.has(id)));
    take(...told.photos);
    announce(many("table.done", new Set(told.will.map((one) => one.photo)).size));
  } catch (trouble) {
    complain(trouble);
  } finally {
    draw();
    if (document.activeElement === document.body) focus();
  }
}

/** Undo an answer for all of its photos; what was released meanwhile stays, and is told. */
async function takeBack(selection) {
  const back = await del(`/api/selections/${selection}`);
  take(...back.photos);
  if (back.stays.length) throw Object.assign(new Error(t("table.not_all")), { advice: back.stays.map(whyStays).at(0) });
}

async function undo() {
  if (undoing) return;
  const step = steps.pop();
  if (!step) return tell(t("review.no_undo"));
  undoing = true;
  try {
    await step();
    said = null;
    notes.clear();
    tell(t("table.undone"));
  } catch (trouble) {
    complain(trouble);
  } finally {
    undoing = false;
    draw();
  }
}

/** A box was pressed: this one is covered, or not any more. */
async function pressed(event) {
  const id = event.target.closest("[data-cover]")?.dataset.cover;
  const photo = id && state.photos.get(event.target.closest("[data-photo]").dataset.photo);
  if (!photo) return;
  const rest = photo.covering.redact.filter((one) => one !== id);
  const on = rest.length === photo.covering.redact.length;
  const path = `/api/photos/${photo.id}/covering`;
  try {
    take(await put(path, { ...photo.covering, redact: on ? [...rest, id] : rest }));
    steps.push(async () => take(await put(path, photo.covering)));
    const what = called(photo, photo.findings.find((one) => one.id === id));
    tell(t(on ? "review.covered" : "review.uncovered", { what }), { action: { label: t("review.undo"), run: undo } });
  } catch (trouble) {
    complain(trouble);
  }
}

// --- keys -------------------------------------------------------------------------------------------

const all = () => pick.only(ids().filter(shownAt));

function larger() {
  byId("table-size").setAttribute("aria-pressed", String(resize()));
  draw();
  reveal(Math.max(0, here()));
}

const here = () => ids().indexOf(pick.current);

const similar = () => {
  const burst = state.photos.get(pick.current)?.burst;
  const shots = photos.filter((photo) => photo.id === pick.current || (burst && photo.burst === burst));
  pick.only([...pick.chosen, ...shots.map((photo) => photo.id)]);
};

function next(by) {
  const names = [...byId("reasons").querySelectorAll("[data-key]")].map((one) => one.dataset.key.slice(7));
  choose(names[(names.indexOf(filter) + by + names.length) % names.length]);
}

/** How many photos on a moving key goes; undefined for other keys. */
const byOf = (name) =>
  ({
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -across(),
    ArrowDown: across(),
    PageUp: -page(Math.max(0, here())),
    PageDown: page(Math.max(0, here())),
    Home: -photos.length,
    End: photos.length,
  })[name];

/** Keys that a grid has for everybody, also where the other keys are turned off. */
function gridKey(event) {
  const box = event.target.closest("[data-cover]");
  const by = byOf(event.key);
  if (event.key === "Escape" && box) focus();
  else if (box && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    const every = [...box.closest(".pic").querySelectorAll("[data-cover]")];
    every[(every.indexOf(box) + (event.key === "ArrowLeft" ? -1 : 1) + every.length) % every.length].focus();
  } else if (box || event.target.closest("a")) return;
  else if ((event.ctrlKey || event.metaKey) && event.key === "a") all();
  else if (by && !event.ctrlKey && !event.altKey && !event.metaKey) pick.step(by, event.shiftKey);
  else if (event.key === " ") pick.current && (event.shiftKey ? pick.range(pick.current) : pick.toggle(pick.current));
  else if (event.key === "Enter") event.target.querySelector("[data-cover], a")?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

const MOVES = { a: "ArrowLeft", d: "ArrowRight", w: "ArrowUp", s: "ArrowDown", f: "PageDown", v: "PageUp" };

/** What a key does on the light table; true where it did something. All of them lie under one hand. */
export function key(event) {
  const name = event.key.toLowerCase();
  const by = photos.length && byOf(MOVES[name]);
  if (by) {
    pick.step(by, event.shiftKey);
    return true;
  }
  const what = /^\d$/.test(name) && WHATS[(Number(name) + 9) % 10];
  if (what) {
    if (!byId(`say-${what}`).hidden) act(what);
    return true;
  }
  if (name === " " && event.target.closest("button, a, summary")) return false;
  const does = {
    " ": () => pick.current && pick.toggle(pick.current),
    q: all,
    x: () => pick.only([]),
    e: larger,
    b: similar,
    g: () => byId("say-suggested").hidden || act("suggested"),
    t: () => next(event.shiftKey ? -1 : 1),
    u: undo,
    z: undo,
    r: () => tileOf(pick.current)?.querySelector("a.open").click(),
    escape: () => pick.only([]),
  }[name];
  does?.();
  return Boolean(does);
}

/** The keys, for the help: what is pressed, and the name of what it does. */
export const KEYS = [
  ["w a s d", "move"],
  ["f v", "page"],
  ["space", "choose"],
  ["shift", "range"],
  ["q x", "all"],
  ["b", "similar"],
  ["t", "reason"],
  ["1–9 0", "say"],
  ["g", "suggested"],
  ["enter", "boxes"],
  ["e", "size"],
  ["r", "open"],
  ["u", "undo"],
];
