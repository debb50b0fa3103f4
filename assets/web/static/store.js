// What the server last said: the photos, the runs, the counts; and the stream of its news.

import { get } from "./api.js";

export const state = {
  me: { name: "", language: "en" },
  profile: "personal",
  channel: "web",
  limits: {},
  counts: {},
  runs: new Map(),
  photos: new Map(),
  started: "",
  paths: [],
  roots: [],
};

const listeners = new Set();
const news = new EventTarget();
let coming = 0;
const changed = new Set();

/** Call a function, at most ten times a second, with the ids of the photos that changed. */
export const watch = (listener) => listeners.add(listener);

/** Listen to what happens to the connection: "restarted", "idle", "bye", "broken", "back". */
export const onNews = (kind, listener) => news.addEventListener(kind, (event) => listener(event.detail));
const report = (kind, detail = null) => news.dispatchEvent(new CustomEvent(kind, { detail }));

export function touch(...ids) {
  for (const id of ids) changed.add(id);
  coming ||= setTimeout(() => {
    coming = 0;
    const ids = new Set(changed);
    changed.clear();
    for (const listener of listeners) listener(ids);
  }, 80);
}

// What only an answer about one photo tells; news about it must not lose it.
const DETAIL = ["captured", "credit_suggestion", "sha256"];
const pick = (from, names) => Object.fromEntries(names.map((name) => [name, from[name]]));

/** Take photos as the server told them. */
export function take(...photos) {
  for (const photo of photos) {
    const before = state.photos.get(photo.id);
    const more = before?.captured === undefined ? {} : pick(before, DETAIL);
    state.photos.set(photo.id, { ...more, ...photo });
    touch(photo.id);
  }
}

export const inState = (...wanted) =>
  [...state.photos.values()]
    .filter((photo) => wanted.includes(photo.state))
    .sort((a, b) => a.order - b.order);

export async function refresh() {
  const told = await get("/api/state");
  Object.assign(state, {
    me: told.me,
    profile: told.profile,
    channel: told.channel,
    limits: told.limits,
    counts: told.counts,
    paths: told.ready_paths,
    roots: told.roots,
  });
  state.runs = new Map(told.runs.map((run) => [run.id, run]));
  const gone = [...state.photos.keys()];
  state.photos = new Map(told.photos.map((photo) => [photo.id, photo]));
  const restarted = state.started && state.started !== told.started;
  state.started = told.started;
  touch(...gone, ...state.photos.keys());
  if (restarted) report("restarted");
}

/** Open the stream; the browser itself tries again when it breaks. */
export function listen() {
  const source = new EventSource("/api/events");
  const on = (kind, take) => source.addEventListener(kind, (event) => take(JSON.parse(event.data)));
  let broken = false;
  on("hello", async (data) => {
    if (broken || data.started !== state.started) await refresh();
    if (broken) report("back");
    broken = false;
  });
  on("photo", (photo) => take(photo));
  on("gone", ({ ids }) => {
    for (const id of ids) state.photos.delete(id);
    touch(...ids);
  });
  on("run", (run) => {
    state.runs.set(run.id, run);
    touch();
  });
  on("counts", (counts) => {
    state.counts = counts;
    touch();
  });
  on("profile", ({ profile }) => {
    state.profile = profile;
    touch();
  });
  on("paths", ({ ready_paths }) => {
    state.paths = ready_paths;
    touch();
  });
  on("reload", () => refresh());
  on("idle", (data) => report("idle", data));
  on("bye", (data) => {
    source.close();
    report("bye", data);
  });
  source.addEventListener("error", () => {
    if (!broken) setTimeout(() => broken && report("broken", source.readyState === EventSource.CLOSED), 1500);
    broken = true;
    // A refused stream (no session any more) is not tried again by the browser.
    if (source.readyState === EventSource.CLOSED)
      setTimeout(
        () =>
          get("/api/state").then(
            () => listen(),
            () => {},
          ),
        4000,
      );
  });
}
