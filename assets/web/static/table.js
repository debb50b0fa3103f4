// The light table: the photos that wait for answers, side by side, answered together.

import { named } from "./asking.js";
import { announce, button, byId, complain, fill, h, icon, tell } from "./dom.js";
import { nearOf } from "./list.js";
import { nearby } from "./nearby.js";
import { REASONS, inOrder, openOf, waitsForAnswers } from "./order.js";
import { picking } from "./picking.js";
import { SAYINGS, aboutOf, say, staying, whyStays } from "./selections.js";
import { shownAt, startShown } from "./shown.js";
import { del, inState, put, state, take, watch } from "./store.js";
import { sizeOf, tile } from "./tiles.js";
import { called, many, number, t } from "./words.js";

const GAP = 8;
const FOOT = 120; // pixels kept for the bar below
const WORDS = 44; // pixels of a tile beside its picture, before it is measured
const WHATS = Object.keys(SAYINGS);
// The longer side of a picture: as many as fit stand side by side, and fill the width.
const [LEAST, MOST, LARGE] = [400, 480, 960];

let filter = "all";
let large = false;
let photos = []; // of the filter, in order
let columns = 1;
let wide = 0; // pixels of a column
let bars = ""; // what covers the window, as the pictures that are watched know it
let said = null; // the server's answer to the last selection, while its result is shown
const notes = new Map(); // id -> why it stayed
const steps = []; // what can be taken back, newest last
const tiles = new Map(); // id -> {photo, look, element}
let rows = null;
let pick = null;
let working = false;

const ids = () => photos.map((photo) => photo.id);
const place = () => byId("tiles");
const tileOf = (id) => id && place().querySelector(`[data-key="tile-${CSS.escape(id)}"]`);
const left = () => (place().clientWidth - columns * wide - (columns - 1) * GAP) / 2;

export function startTable() {
  rows = nearby(place(), { make: rowOf, guess: heightOf });
  pick = picking(place(), byId("band"), { ids, hits, reveal }, marks);
  for (const what of WHATS) byId(`say-${what}`).addEventListener("click", () => act(what));
  byId("table-all").addEventListener("click", all);
  byId("table-none").addEventListener("click", () => pick.only([]));
  byId("table-size").addEventListener("click", resize);
  byId("table-undo").addEventListener("click", undo);
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
  if (!waiting.length) return;
  const focused = place().contains(document.activeElement);
  pick.keep(before);
  arrange();
  const all_ = photos.map((photo, n) => ({ photo, near: nearOf(photos, n) }));
  const made = [];
  for (let n = 0; n < all_.length; n += columns) {
    const some = all_.slice(n, n + columns);
    made.push({ key: some.map((one) => one.photo.id).join(" "), some });
  }
  rows.show(made);
  for (const id of tiles.keys()) if (!tiles.get(id).element.isConnected) tiles.delete(id);
  place().setAttribute("aria-rowcount", made.length);
  place().setAttribute("aria-colcount", columns);
  marks();
  if (focused && !place().contains(document.activeElement)) focus();
}

const focus = () => tileOf(pick.current)?.focus({ preventScroll: true });

/** The pixels that the bars above and below cover. */
function covered() {
  const stuck = (element) => (getComputedStyle(element).position === "sticky" ? element.offsetHeight : 0);
  return [stuck(document.querySelector(".bar")), stuck(byId("acts"))];
}

function arrange() {
  const room = place().clientWidth;
  columns = Math.max(1, Math.floor((room + GAP) / ((large ? LARGE : LEAST) + GAP)));
  wide = Math.floor(Math.min(large ? LARGE : MOST, (room - (columns - 1) * GAP) / columns));
}

/** Watch anew what was on the screen when other parts of the window are covered. */
function watchBars() {
  const now = covered().join(" ");
  if (now === bars) return;
  bars = now;
  startShown(...covered(), place().querySelectorAll(".pic"), counts);
}

const lookOf = (photo, near) => {
  const [over] = covered();
  const most = Math.max(LEAST / 2, innerHeight - over - FOOT);
  return { side: large ? LARGE : MOST, wide, most, near, note: notes.get(photo.id) ?? "" };
};

function heightOf({ some }) {
  return Math.max(...some.map(({ photo, near }) => sizeOf(photo, lookOf(photo, near))[1])) + WORDS;
}

function rowOf({ some }, n, before) {
  const row = before ?? h("div", { role: "row", class: "tilerow" });
  row.setAttribute("aria-rowindex", n + 1);
  Object.assign(row.style, { gridTemplateColumns: `repeat(${columns}, ${wide}px)` });
  const made = some.map(({ photo, near }, column) => {
    const look = lookOf(photo, near);
    const had = tiles.get(photo.id);
    const same = had?.photo === photo && JSON.stringify(had.look) === JSON.stringify(look);
    const element = same ? had.element : tile(photo, look, had?.element);
    if (!same) tiles.set(photo.id, { photo, look, element });
    element.setAttribute("aria-colindex", column + 1);
    mark(element);
    return element;
  });
  fill(row, made);
  return row;
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

const chosen = () => photos.filter((photo) => pick.chosen.has(photo.id));

function counts() {
  const seen = photos.filter((photo) => shownAt(photo.id)).length;
  byId("table-count").textContent = t("table.seen", { n: number(seen), all: number(photos.length) });
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

function drawEmpty() {
  const looks = inState("held").length;
  const busy = inState("waiting", "looking").length;
  byId("table-empty-text").textContent = looks ? many("table.looks", looks) : t(busy ? "review.none_yet" : "review.nothing");
  byId("table-to-look").hidden = looks === 0;
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
      h(
        "div",
        { class: "row" },
        said.selection && button([icon("undo"), t("table.undo_all")], undo, { class: "tight", "data-key": "undo-all" }),
        button(t("results.close"), () => ((said = null), notes.clear(), draw()), { class: "tight", "data-key": "close-said" }),
      ),
    ),
  );
}

// --- where things are -------------------------------------------------------------------------------

/** The photos that a rectangle touches. */
function hits(a, top, b, bottom) {
  const out = [];
  const from = left();
  for (let n = 0; n * columns < photos.length; n += 1) {
    const [y, tall] = rows.where(n);
    if (y > bottom || y + tall < top) continue;
    for (let column = 0; column < columns; column += 1) {
      const x = from + column * (wide + GAP);
      const photo = photos[n * columns + column];
      if (photo && x <= b && x + wide >= a) out.push(photo.id);
    }
  }
  return out;
}

function reveal(n) {
  const [over, under] = covered();
  rows.reveal(Math.floor(n / columns), over + GAP, under + GAP);
  focus();
}

/** How many photos fill the window. */
function page() {
  const [over, under] = covered();
  const [, tall] = rows.where(Math.floor(Math.max(0, ids().indexOf(pick.current)) / columns));
  return columns * Math.max(1, Math.floor((innerHeight - over - under) / Math.max(1, tall)));
}

// --- answers ----------------------------------------------------------------------------------------

async function act(what) {
  const some = chosen();
  if (!some.length) return tell(t("table.choose"));
  if (working || !aboutOf(what, some).length || !(await named())) return;
  working = true;
  try {
    const told = await say(what, some);
    if (!told) return;
    said = told;
    notes.clear();
    for (const one of told.stays) notes.set(one.photo, whyStays(one));
    if (told.selection) steps.push(async () => take(...((await del(`/api/selections/${told.selection}`))?.photos ?? [])));
    pick.only(told.stays.map((one) => one.photo).filter((id) => pick.chosen.has(id)));
    take(...told.photos);
    announce(many("table.done", new Set(told.will.map((one) => one.photo)).size));
  } catch (trouble) {
    complain(trouble);
  } finally {
    working = false;
    draw();
    if (document.activeElement === document.body) focus();
  }
}

async function undo() {
  if (working) return;
  const step = steps.pop();
  if (!step) return tell(t("review.no_undo"));
  working = true;
  try {
    await step();
    said = null;
    notes.clear();
    tell(t("table.undone"));
  } catch (trouble) {
    complain(trouble);
  } finally {
    working = false;
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

function all() {
  pick.only(ids().filter(shownAt));
  tell(many("table.chosen", pick.chosen.size));
}

function resize() {
  large = !large;
  byId("table-size").setAttribute("aria-pressed", String(large));
  draw();
  reveal(Math.max(0, ids().indexOf(pick.current)));
}

const similar = () => {
  const burst = state.photos.get(pick.current)?.burst;
  const shots = photos.filter((photo) => photo.id === pick.current || (burst && photo.burst === burst));
  pick.only([...pick.chosen, ...shots.map((photo) => photo.id)]);
};

function next(by) {
  const names = [...byId("reasons").querySelectorAll("[data-key]")].map((one) => one.dataset.key.slice(7));
  choose(names[(names.indexOf(filter) + by + names.length) % names.length]);
}

const steps_ = () => ({
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -columns,
  ArrowDown: columns,
  PageUp: -page(),
  PageDown: page(),
  Home: -photos.length,
  End: photos.length,
});

/** Keys that a grid has for everybody, also where the other keys are turned off. */
function gridKey(event) {
  const box = event.target.closest("[data-cover]");
  const by = steps_()[event.key];
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

/** What a key does on the light table; true where it did something. All of them lie under one hand. */
export function key(event) {
  if (byId("table").hidden) return false;
  const name = event.key.toLowerCase();
  const by = { a: -1, d: 1, w: -columns, s: columns, f: page(), v: -page() }[name];
  if (by) {
    pick.step(by, event.shiftKey);
    return true;
  }
  const what = WHATS[Number(name) - 1];
  if (what) {
    if (!byId(`say-${what}`).hidden) act(what);
    return true;
  }
  if (name === " " && event.target.closest("button, a, summary")) return false;
  const does = {
    " ": () => pick.current && pick.toggle(pick.current),
    q: all,
    x: () => pick.only([]),
    e: resize,
    b: similar,
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
  ["1–8", "say"],
  ["enter", "boxes"],
  ["e", "size"],
  ["r", "open"],
  ["u", "undo"],
];
