// The tiles of the light table in rows: how large they are, where they stand, and what covers them.

import { byId, fill, h } from "./dom.js";
import { nearOf } from "./list.js";
import { nearby } from "./nearby.js";
import { startShown } from "./shown.js";
import { sizeOf, tile } from "./tiles.js";

const GAP = 8;
const FOOT = 120; // pixels kept for the bar below
const WORDS = 44; // pixels of a tile beside its picture, before it is measured
// The longer side of a picture; where few stand side by side they may be a little smaller.
const [LEAST, MOST, LARGE] = [400, 480, 960];
const FEW = 3;

let photos = [];
let columns = 1;
let wide = 0; // pixels of a column
let frame = {}; // how large a picture may be
let bars = ""; // what covers the window, as the pictures that are watched know it
let rows = null;
let large = false;
let marked = () => {};
let seen = () => {};
const tiles = new Map(); // id -> {photo, look, element}

const place = () => byId("tiles");

/** Begin: `mark` is called with every tile that is drawn, `changed` when a photo was on the screen. */
export function startSheet(mark, changed) {
  marked = mark;
  seen = changed;
  rows = nearby(place(), { make: rowOf, guess: heightOf });
}

/** Show photos in their order; `notes` tells why one stayed. */
export function lay(shown, notes) {
  photos = shown;
  arrange();
  const made = [];
  photos.forEach((photo, n) => {
    const look = { ...frame, near: nearOf(photos, n), note: notes.get(photo.id) ?? "" };
    if (n % columns === 0) made.push({ key: "", cells: [] });
    const row = made.at(-1);
    row.cells.push({ photo, look });
    row.key += `${photo.id} `;
  });
  rows.show(made);
  for (const [id, { element }] of tiles) if (!element.isConnected) tiles.delete(id);
  place().setAttribute("aria-rowcount", made.length);
  place().setAttribute("aria-colcount", columns);
}

/** The pixels that the bars above and below cover. */
function covered() {
  const stuck = (element) => (getComputedStyle(element).position === "sticky" ? element.offsetHeight : 0);
  return [stuck(document.querySelector(".bar")), stuck(byId("acts"))];
}

function arrange() {
  const room = place().clientWidth;
  const fit = (width) => Math.max(1, Math.floor((room + GAP) / (width + GAP)));
  columns = large ? fit(LARGE) : fit(MOST) < FEW ? fit(LEAST) : fit(MOST);
  wide = Math.floor(Math.min(large ? LARGE : MOST, (room - (columns - 1) * GAP) / columns));
  const most = Math.max(LEAST / 2, innerHeight - covered()[0] - FOOT);
  frame = { side: large ? LARGE : MOST, wide, most };
}

/** Whether the window is so narrow that no picture can be judged in it. */
export const tooSmall = () => wide * Math.max(1, devicePixelRatio) < LEAST;

/** Watch anew what is on the screen when other parts of the window are covered. */
export function watchBars() {
  const now = covered().join(" ");
  if (now === bars) return;
  bars = now;
  startShown(...covered(), place().querySelectorAll(".pic"), seen);
}

const heightOf = ({ cells }) => Math.max(...cells.map(({ photo }) => sizeOf(photo, frame)[1])) + WORDS;

function rowOf({ cells }, n, before) {
  const row = before ?? h("div", { role: "row", class: "tilerow" });
  row.setAttribute("aria-rowindex", n + 1);
  row.style.gridTemplateColumns = `repeat(${columns}, minmax(0, ${wide}px))`;
  fill(row, cells.map(cellOf));
  return row;
}

function cellOf({ photo, look }, column) {
  const before = tiles.get(photo.id);
  const same = before?.photo === photo && JSON.stringify(before.look) === JSON.stringify(look);
  const element = same ? before.element : tile(photo, look, before?.element);
  if (!same) tiles.set(photo.id, { photo, look, element });
  element.setAttribute("aria-colindex", column + 1);
  marked(element);
  return element;
}

// --- where things are -------------------------------------------------------------------------------

export const ids = () => photos.map((photo) => photo.id);
export const tileOf = (id) => id && place().querySelector(`[data-key="tile-${CSS.escape(id)}"]`);
export const across = () => columns;

/** The photos that a rectangle touches. */
export function hits(from, top, to, bottom) {
  const out = [];
  const left = (place().clientWidth - columns * wide - (columns - 1) * GAP) / 2;
  for (let n = 0; n * columns < photos.length; n += 1) {
    const [y, tall] = rows.where(n);
    if (y > bottom || y + tall < top) continue;
    photos.slice(n * columns, (n + 1) * columns).forEach((photo, column) => {
      const x = left + column * (wide + GAP);
      if (x <= to && x + wide >= from) out.push(photo.id);
    });
  }
  return out;
}

/** Bring a photo into view. */
export function reveal(n) {
  const [over, under] = covered();
  rows.reveal(Math.floor(n / columns), over + GAP, under + GAP);
}

/** How many photos fill the window, from the one at a place. */
export function page(n) {
  const [over, under] = covered();
  const [, tall] = rows.where(Math.floor(n / columns));
  return columns * Math.max(1, Math.floor((innerHeight - over - under) / Math.max(1, tall)));
}

/** Show the pictures larger, or as before; tells which. */
export function resize() {
  large = !large;
  return large;
}
