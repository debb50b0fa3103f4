// Pictures of photos: a few at a time, those in view first, and kept within a bound.

import { call, state, watch } from "./store.js";

// Browsers open six connections to a host; the news, an upload and an answer need some of them.
const AT_ONCE = 3;
const MOST_BYTES = 48e6;
export const SMALL = 320; // what the server keeps of every photo

const kept = new Map(); // address -> {url, bytes}; the one that was used last stands last
let held = 0;
let wanted = []; // {image, address} that still have to be asked for
const coming = new Map(); // address -> {images, stop}

/** An image that shows a photo at most `side` pixels long, as soon as it is there. */
export function picture(photo, side, attributes = {}) {
  const image = Object.assign(document.createElement("img"), { alt: "", draggable: false, ...attributes });
  const address = `/api/photos/${photo.id}/picture?side=${side}&of=${photo.version}`;
  const before = kept.get(address);
  if (before) {
    kept.delete(address);
    kept.set(address, before);
    image.src = before.url;
  } else {
    wanted.push({ image, address });
    queueMicrotask(ask); // the caller puts it into the page first
  }
  return image;
}

const off = ({ image }) => {
  const { top, bottom } = image.getBoundingClientRect();
  return Math.abs((top + bottom - innerHeight) / 2);
};

/** Ask for what is nearest to the middle of the window; what left the page is not asked for any more. */
function ask() {
  for (const [address, { images, stop }] of coming)
    if (!images.some((image) => image.isConnected)) {
      coming.delete(address);
      stop.abort();
    }
  wanted = wanted.filter(({ image }) => image.isConnected);
  if (wanted.length > 1) wanted.sort((a, b) => off(a) - off(b));
  while (coming.size < AT_ONCE && wanted.length) {
    const { image, address } = wanted.shift();
    const same = coming.get(address);
    if (same) same.images.push(image);
    else if (kept.has(address)) image.src = kept.get(address).url;
    else fetched(address, image);
  }
}

async function fetched(address, image) {
  const one = { images: [image], stop: new AbortController() };
  coming.set(address, one);
  try {
    const answer = await call("GET", address, undefined, { signal: one.stop.signal });
    const blob = await answer.blob();
    keep(address, blob);
    for (const waiting of one.images) waiting.src = kept.get(address).url;
  } catch {
    for (const waiting of one.images) waiting.classList.add("none");
  } finally {
    if (coming.get(address) === one) coming.delete(address);
    ask();
  }
}

function keep(address, blob) {
  kept.set(address, { url: URL.createObjectURL(blob), bytes: blob.size });
  held += blob.size;
  for (const [oldest] of kept) {
    if (held <= MOST_BYTES || oldest === address) break;
    forget(oldest);
  }
}

function forget(address) {
  const { url, bytes } = kept.get(address);
  URL.revokeObjectURL(url);
  kept.delete(address);
  held -= bytes;
}

// A picture of a photo that is gone, or is looked at anew, is not shown again.
watch((changed) => {
  for (const address of [...kept.keys()]) {
    const id = address.split("/")[3];
    const now = changed.has(id) && state.photos.get(id);
    if (changed.has(id) && (!now || now.state === "waiting")) forget(address);
  }
});

addEventListener("scroll", () => wanted.length && queueMicrotask(ask), { passive: true });
