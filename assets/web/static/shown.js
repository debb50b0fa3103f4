// Which photos were on the screen, whole and long enough to be judged, and telling the server so.

import { onNews, post, state } from "./store.js";

const LONG = 400; // milliseconds
export const SIDES = [400, 480, 960]; // pixels of the longer side that count

const shown = new Map(); // id -> {side, version}: the largest side, of the photo as it was
const seeing = new Map(); // element -> {id, since, timer} while the whole of it can be seen
const about = new WeakMap(); // element -> {id, version, side, image}
let observer = null;
let untold = new Map(); // id -> {side, version}
let telling = 0;
let changed = () => {};

/** The size in which a photo was on the screen; 0 for not at all. */
export function shownAt(id) {
  const was = shown.get(id);
  return was && was.version === state.photos.get(id)?.version ? was.side : 0;
}

/** The size that counts for a picture of so many pixels on this screen; 0 where it is too small. */
export function sideOf(photo, width, height) {
  const pixels = Math.ceil(Math.max(width, height) * Math.max(1, devicePixelRatio));
  const whole = Math.max(photo.width, photo.height);
  return SIDES.findLast((side) => pixels >= Math.min(side, whole)) ?? 0;
}

/** Begin anew with the pixels that bars cover above and below; `listener` hears when a photo was seen. */
export function startShown(over, under, pictures, listener) {
  observer?.disconnect();
  for (const one of seeing.values()) clearTimeout(one.timer);
  seeing.clear();
  changed = listener;
  observer = new IntersectionObserver(noticed, {
    rootMargin: `${-Math.round(over)}px 0px ${-Math.round(under)}px 0px`,
    threshold: [0.5, 0.99],
  });
  for (const element of pictures) if (about.get(element)?.side > shownAt(about.get(element)?.id)) observer.observe(element);
}

/** Notice when the picture of a photo can be seen whole. */
export function watchPicture(element, id, side, image) {
  about.set(element, { id, version: state.photos.get(id)?.version, side, image });
  if (side > shownAt(id)) observer?.observe(element);
}

function noticed(entries) {
  for (const { target, intersectionRatio } of entries) {
    const before = seeing.get(target);
    if (intersectionRatio < 0.99) {
      clearTimeout(before?.timer);
      seeing.delete(target);
    } else if (!before) {
      const one = { since: performance.now(), timer: 0 };
      seeing.set(target, one);
      wait(target, one);
    }
  }
}

const hidden = () => document.visibilityState !== "visible" || document.querySelector("dialog[open]");

function wait(target, one) {
  one.timer = setTimeout(() => {
    const { id, version, side, image } = about.get(target);
    const there = target.isConnected && image.complete && image.naturalWidth > 0;
    if (!target.isConnected) seeing.delete(target);
    else if (!there || hidden()) {
      one.since = performance.now(); // it counts from when it can be seen
      wait(target, one);
    } else if (performance.now() - one.since < LONG) wait(target, one);
    else {
      seeing.delete(target);
      observer.unobserve(target);
      const before = untold.get(id);
      untold.set(id, { side: before?.version === version ? Math.max(side, before.side) : side, version });
      telling ||= setTimeout(tellThem, 100);
    }
  }, LONG);
}

async function tellThem() {
  telling = 0;
  const now = untold;
  untold = new Map();
  for (const side of SIDES) {
    const there = ([id, at]) => at.side === side && state.photos.get(id)?.version === at.version;
    const photos = [...now].filter(there).map(([id]) => id);
    if (!photos.length) continue;
    try {
      for (const id of (await post("/api/shown", { photos, side })).shown)
        shown.set(id, { side, version: now.get(id).version });
    } catch {
      // They count as not shown; they are told when they are on the screen again.
    }
  }
  changed();
}

onNews("restarted", () => shown.clear());
