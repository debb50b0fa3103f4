// The last look: what will be exported, one picture after the other; each is fine, or is opened again.

import { named } from "./asking.js";
import { announce, byId, complain, tell } from "./dom.js";
import { triedNow } from "./findings.js";
import { inOrder, waitsForAnswers } from "./order.js";
import { whyStays } from "./selections.js";
import { call, inState, post, refresh, state, take, touch, watch } from "./store.js";
import { bytes, many, number, t } from "./words.js";

const MOMENT = 400; // ms that a picture is on the screen before it can be said to be fine
const GRACE = 3000; // ms in which "fine" is taken back without anybody having heard of it
const AHEAD = 2; // pictures that are made while a person looks at one

let id = null; // of the picture that is shown
let from = ""; // "review" where one photo was sent here by its review
let order = []; // ids, kept while it shrinks, so that "next" means the same
let seen = null; // {url, width, height, bytes} of its picture, once that is there
let shown = false; // it was on the screen for a moment
let moment = 0;
const ends = new Set(); // "top", "bottom": those of the picture that were on the screen
let leaving = 0;
const made = new Map(); // id -> {as, picture}: a promise of what the server made, and of what
const fine = new Map(); // id -> its place before: said to be fine, not sent yet
const releasing = new Set();

/** Photos of which everything is answered and that nobody looked at yet, as they were taken. */
export const toLookAt = () =>
  inOrder(inState("held").filter((photo) => photo.stage === "look" && !fine.has(photo.id)));

export function startLook() {
  byId("look-fine").addEventListener("click", isFine);
  byId("look-previous").addEventListener("click", () => move(-1));
  byId("look-next").addEventListener("click", () => move(1));
  byId("look-undo").addEventListener("click", undo);
  byId("look-picture").addEventListener("load", onScreen);
  for (const event of ["scroll", "resize"]) addEventListener(event, onScreen, { passive: true });
  document.addEventListener("visibilitychange", () => (document.hidden ? sendNow() : onScreen()));
  watch((changed) => {
    for (const one of changed) follow(state.photos.get(one), one);
    if (!byId("view-look").hidden) show(id);
    else sendNow(); // whoever went on to something else does not take it back any more
  });
}

/** A photo that was being released and waits again is told with what its finished picture still shows. */
function follow(photo, one) {
  if (photo?.stage === "releasing") releasing.add(one);
  else if (releasing.delete(one) && photo?.state === "held") {
    unmake(one); // the server, too, wants it to be looked at anew
    triedNow(photo);
    if (!photo.error) tell(t("look.again", { name: photo.name }), { bad: true });
  }
}

/** Show a photo, or the first that waits for its last look. */
export function show(wanted, { back = from } = {}) {
  from = back;
  const waiting = toLookAt().map((photo) => photo.id);
  const there = new Set(waiting);
  order = [
    ...order.filter((one) => there.has(one)),
    ...waiting.filter((one) => !order.includes(one)),
  ];
  for (const one of made.keys()) if (!there.has(one)) unmake(one);
  const next = there.has(wanted) ? wanted : order[0];
  byId("look").hidden = !next;
  byId("look-empty").hidden = Boolean(next);
  if (!next) {
    id = null;
    seen = null;
    drawEmpty();
    return;
  }
  open(next);
}

function open(next) {
  const photo = state.photos.get(next);
  const fresh = next !== id;
  id = next;
  const before = made.get(id)?.picture;
  const picture = pictureOf(photo);
  if (fresh || before !== picture) {
    shown = false;
    seen = null;
    ends.clear();
    clearTimeout(moment);
    moment = 0;
    byId("look-frame").classList.add("loading");
    byId("look-title").textContent = photo.folder ? `${photo.folder}/${photo.name}` : photo.name;
    byId("look-picture").alt = t("look.alt", { name: photo.name });
    byId("look-open").href = `/review?photo=${id}`;
    history.replaceState({}, "", `/look?photo=${id}`);
    picture.then((told) => id === next && draw(told), (trouble) => id === next && failed(trouble));
    if (fresh) announce(`${photo.name}. ${placeOf()}`);
  }
  drawPlace();
  byId("look-previous").disabled = order.indexOf(id) <= 0;
  byId("look-next").disabled = order.indexOf(id) >= order.length - 1;
  drawState();
}

const placeOf = () => t("review.place", { n: number(order.indexOf(id) + 1), all: number(order.length) });

function drawPlace() {
  const { width, height, bytes: size } = seen ?? {};
  const about = seen && t("review.preview_size", { width, height, size: bytes(size) });
  byId("look-place").textContent = [placeOf(), about].filter(Boolean).join(" · ");
}

function draw(told) {
  seen = told;
  byId("look-picture").src = seen.url;
  drawPlace();
  const place = order.indexOf(id);
  for (const one of order.slice(place + 1, place + 1 + AHEAD)) pictureOf(state.photos.get(one)).catch(() => {});
}

function failed(trouble) {
  made.delete(id);
  byId("look-said").textContent = `${trouble.message} ${trouble.advice ?? ""}`;
}

/** The lines of pixels between which nothing lies over the page. */
function free() {
  const stuck = (element) => getComputedStyle(element).position === "sticky";
  const [bar, buttons] = [document.querySelector(".bar"), byId("look-deciding")];
  const last = stuck(buttons) ? Math.min(innerHeight, buttons.getBoundingClientRect().top) : innerHeight;
  return [stuck(bar) ? bar.offsetHeight : 0, last];
}

/** The picture was drawn or moved; all of it has to be seen, for a moment, before it counts as looked at. */
function onScreen() {
  const image = byId("look-picture");
  if (!seen || image.src !== seen.url || !image.complete || byId("view-look").hidden || document.hidden) return;
  byId("look-frame").classList.remove("loading");
  const { top, bottom } = image.getBoundingClientRect();
  const [first, last] = free();
  if (top >= first - 1 && top <= last) ends.add("top");
  if (bottom <= last + 1 && bottom >= first) ends.add("bottom");
  drawState();
  if (ends.size < 2 || moment || shown) return;
  const about = id;
  moment = setTimeout(() => {
    moment = 0;
    if (about !== id || document.hidden) return;
    shown = true;
    drawState();
  }, MOMENT);
}

const cut = () => seen && ends.size < 2 && !byId("look-frame").classList.contains("loading");

function drawState() {
  byId("look-fine").setAttribute("aria-disabled", String(!shown));
  byId("look-undo").disabled = fine.size === 0;
  const { error, unchecked } = state.photos.get(id);
  byId("look-said").textContent = [
    unchecked && t("review.unchecked"),
    error && `${error.message} ${error.advice ?? ""}`,
    cut() && t("look.scroll"),
    fine.size > 0 && many("look.leaving", fine.size),
  ]
    .filter(Boolean)
    .join(" ");
}

function drawEmpty() {
  const going = inState("held").filter((photo) => photo.stage === "releasing").length + fine.size;
  const left = inState("held").filter(waitsForAnswers).length;
  byId("look-empty-text").textContent = going
    ? many("look.releasing", going)
    : left
      ? many("look.unanswered", left)
      : t(inState("ready").length ? "look.done" : "review.nothing");
  byId("look-picture").removeAttribute("src");
}

/** What the server makes of a photo as it stands; asked for again when its answers change. */
function pictureOf(photo) {
  const as = JSON.stringify([state.profile, photo.covering, photo.answers.map((one) => one.ref)]);
  const before = made.get(photo.id);
  if (before?.as === as) return before.picture;
  if (before) unmake(photo.id);
  const picture = (async () => {
    const answer = await call("GET", `/api/photos/${photo.id}/preview?v=${Date.now()}`);
    const told = JSON.parse(answer.headers.get("x-preview") ?? "{}");
    return { ...told, url: URL.createObjectURL(await answer.blob()) };
  })();
  made.set(photo.id, { as, picture });
  return picture;
}

function unmake(one) {
  const { picture } = made.get(one) ?? {};
  made.delete(one);
  picture?.then(({ url }) => url !== seen?.url && URL.revokeObjectURL(url), () => {});
}

export function move(by) {
  const place = order.indexOf(id) + by;
  if (place < 0 || place >= order.length) return tell(t(by < 0 ? "review.first" : "review.last"));
  open(order[place]);
  return byId("look-title").focus({ preventScroll: true });
}

// --- fine, and taking it back ----------------------------------------------------------------------

async function isFine() {
  if (!shown || !id) return announce(t(cut() ? "look.scroll" : "look.wait"));
  const about = id;
  if (!(await named()) || about !== id || !shown) return null;
  const place = order.indexOf(id);
  fine.set(id, place);
  shown = false;
  clearTimeout(leaving);
  leaving = setTimeout(sendNow, GRACE);
  order = order.filter((one) => one !== about);
  if (from === "review" && inState("held").some(waitsForAnswers)) {
    from = "";
    sendNow();
    byId("look-open").href = "/review";
    return byId("look-open").click(); // back to the photos that wait for answers
  }
  show(order[Math.min(place, order.length - 1)]);
  touch(about);
  if (!id) {
    byId("look-empty-title").focus({ preventScroll: true });
    tell(many("look.leaving", fine.size), { action: { label: t("review.undo"), run: undo } });
  }
  return null;
}

/** Take back the last "fine", as long as it was not sent. */
function undo() {
  const [last] = [...fine].at(-1) ?? [];
  if (!last) return tell(t("look.sent"));
  order.splice(fine.get(last), 0, last);
  fine.delete(last);
  clearTimeout(leaving);
  leaving = setTimeout(sendNow, GRACE); // the others
  touch(last);
  show(last);
  return byId("look-title").focus({ preventScroll: true });
}

let line = Promise.resolve();

/** Send what was said to be fine; the server records who looked and when, and releases. */
function sendNow() {
  clearTimeout(leaving);
  if (!fine.size) return;
  const photos = [...fine.keys()];
  fine.clear();
  if (!id && !byId("view-look").hidden) tell(many("look.releasing", photos.length)); // no undo any more
  const before = new Map(); // photo as it is said to leave, until the server says more -> as it was
  for (const one of photos) {
    releasing.add(one);
    const photo = state.photos.get(one);
    if (!photo) continue;
    const leaves = { ...photo, stage: "releasing" };
    before.set(leaves, photo);
    state.photos.set(one, leaves);
  }
  touch(...photos);
  line = line.then(() => send(photos, before));
}

/** Nothing is raised: what was said to be fine later is sent all the same. */
async function send(photos, before) {
  try {
    const told = await post("/api/looks", { photos, fine: true });
    take(...told.photos);
    for (const stay of told.stays) {
      releasing.delete(stay.photo);
      unmake(stay.photo);
    }
    if (told.stays.length) await refresh(); // what is true of them
    const [stay] = told.stays;
    if (stay) tell(t("look.stays", { name: state.photos.get(stay.photo)?.name ?? "", why: whyStays(stay) }), { bad: true });
  } catch (trouble) {
    for (const [leaves, photo] of before) {
      releasing.delete(photo.id);
      if (state.photos.get(photo.id) === leaves) state.photos.set(photo.id, photo);
    }
    touch(...photos);
    complain(trouble);
    await refresh().catch(() => {}); // the stream says more, once the server is there again
  }
}

// --- keys ------------------------------------------------------------------------------------------

/** What a key does in the last look; true where it did something. */
export function key(name, repeated) {
  const does = {
    f: isFine,
    o: () => id && byId("look-open").click(),
    j: () => move(1),
    k: () => move(-1),
    ArrowRight: () => move(1),
    ArrowLeft: () => move(-1),
    u: undo,
  }[name];
  if (!does) return false;
  if (!repeated) does(); // a key that is held down looks at nothing
  return true;
}
