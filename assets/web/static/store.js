// The server: requests to it, what it last said (photos, runs, counts), and the stream of its news.
// The page decides nothing that the server has not said.

import { known, t } from "./words.js";

export class Problem extends Error {
  constructor(code, message, advice = "", status = 0, wait = 0) {
    super(message);
    Object.assign(this, { code, advice, status, wait });
  }
}

const token = () => document.querySelector('meta[name="csrf"]').content;

/** Send a request; resolves with the JSON answer (null for none), or throws a Problem. */
export async function call(
  method,
  path,
  body = undefined,
  { headers = {}, signal = undefined, raw = false } = {},
) {
  const options = { method, headers: { ...headers }, signal, credentials: "same-origin", cache: "no-store" };
  if (method !== "GET") options.headers["X-CSRF-Token"] = token();
  if (raw) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (trouble) {
    if (trouble.name === "AbortError") throw trouble;
    if (!raw) {
      heardOf("answers", false); // a file that is gone from its folder cannot be sent either
      again();
    }
    throw new Problem("gone", t("error.gone"), t("advice.gone"));
  }
  heardOf("answers", true);
  if (answer.ok)
    return answer.status === 204
      ? null
      : answer.headers.get("content-type")?.includes("json")
        ? answer.json()
        : answer;
  throw await problemOf(answer);
}

async function problemOf(answer) {
  let said = {};
  try {
    said = (await answer.json()).error ?? {};
  } catch {
    /* not JSON: the status has to do */
  }
  if (said.code === "no-session") {
    over = true;
    report("session");
  }
  return new Problem(
    said.code ?? "bug",
    known(`error.${said.code}`) ? t(`error.${said.code}`) : (said.message ?? t("error.bug")),
    known(`advice.${said.code}`) ? t(`advice.${said.code}`) : (said.advice ?? ""),
    answer.status,
    Number(answer.headers.get("retry-after") ?? 0),
  );
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
export const del = (path, body = undefined) => call("DELETE", path, body);

export const state = {
  me: { name: "", language: "en" },
  profile: "personal",
  channel: "web",
  limits: {},
  counts: {},
  needs: {},
  runs: new Map(),
  photos: new Map(),
  started: "",
  paths: [],
  roots: [],
  idleMinutes: 0,
};

const listeners = new Set();
const news = new EventTarget();
let coming = 0;
const changed = new Set();

let pause = 80; // milliseconds; long lists take longer to draw, and leave the window time to answer

/** Call a function, at most ten times a second, with the ids of the photos that changed. */
export const watch = (listener) => listeners.add(listener);

/** Listen to what becomes of the server: "restarted", "idle", "used", "bye", "session", "broken", "back". */
export const onNews = (kind, listener) => news.addEventListener(kind, (event) => listener(event.detail));
const report = (kind, detail = null) => news.dispatchEvent(new CustomEvent(kind, { detail }));

const silent = new Set(); // "answers", "news": what does not come from the server
let over = false; // it said goodbye, or does not know this browser any more

/** Note whether the server is heard by one of its ways; what is told is only whether by all of them. */
function heardOf(way, comes) {
  const before = silent.size;
  if (comes) silent.delete(way);
  else silent.add(way);
  if (Boolean(before) !== Boolean(silent.size)) report(before ? "back" : "broken");
}

export function touch(...ids) {
  for (const id of ids) changed.add(id);
  coming ||= setTimeout(() => {
    coming = 0;
    const ids = new Set(changed);
    changed.clear();
    const began = performance.now();
    for (const listener of listeners) {
      try {
        listener(ids);
      } catch (trouble) {
        reportError(trouble); // the others hear of it all the same
      }
    }
    pause = Math.min(1000, Math.max(80, 4 * (performance.now() - began)));
  }, pause);
}

let heard = 0; // number of the last news
const asked = new Set(); // for each answer about everything that is on its way: what was told meanwhile

// What only an answer about one photo tells; news about it must not lose it.
const DETAIL = ["captured", "credit_suggestion", "sha256"];
const pick = (from, names) => Object.fromEntries(names.map((name) => [name, from[name]]));

/** Take photos as the server told them: an answer may come after newer news, and changes nothing then. */
export function take(...photos) {
  for (const photo of photos) {
    const before = state.photos.get(photo.id);
    if (!before && photo.told <= heard) continue; // it has left the list since
    const [older, newer] = before && photo.told < before.told ? [photo, before] : [before, photo];
    const more = older?.captured === undefined ? {} : pick(older, DETAIL);
    state.photos.set(photo.id, { ...more, ...newer });
    touch(photo.id);
  }
}

export const inState = (...wanted) =>
  [...state.photos.values()]
    .filter((photo) => wanted.includes(photo.state))
    .sort((a, b) => a.order - b.order);

/** What a finding needs, and what may be said about each need; a kind that nobody knows has none. */
export const rulesOf = (finding) => state.needs[finding.kind] ?? [];
export const ruleOf = (finding, need) =>
  rulesOf(finding).find((rule) => rule.need === need) ?? { need, records: [], reasons: [] };

/** Ask for everything until it is told; a browser that the server does not know is never told. */
export async function begin() {
  while (!state.started)
    try {
      await refresh();
    } catch (trouble) {
      if (over) throw trouble;
      await new Promise((done) => setTimeout(done, AGAIN));
    }
}

/** Ask for everything; what was told since the answer was made is taken once more. */
export async function refresh() {
  const meanwhile = [];
  asked.add(meanwhile);
  let told;
  try {
    told = await get("/api/state");
  } finally {
    asked.delete(meanwhile);
  }
  Object.assign(state, {
    me: told.me,
    profile: told.profile,
    channel: told.channel,
    limits: told.limits,
    counts: told.counts,
    needs: told.needs,
    paths: told.ready_paths,
    roots: told.roots,
    idleMinutes: told.idle_minutes,
  });
  state.runs = new Map(told.runs.map((run) => [run.id, run]));
  const gone = [...state.photos.keys()];
  state.photos = new Map(told.photos.map((photo) => [photo.id, photo]));
  const restarted = state.started && state.started !== told.started;
  state.started = told.started;
  heard = told.event;
  for (const one of meanwhile) if (one.number > told.event) hear(one);
  touch(...gone, ...state.photos.keys());
  if (restarted) report("restarted");
}

function hear({ number, take }) {
  take();
  heard = number;
}

const AGAIN = 4000; // ms until the server is asked once more, where the browser does not do that by itself
let stream = null;
let broken = false; // since the last news, whichever stream they come by

/** Open the stream, the only one; the browser itself tries again when it breaks. */
export function listen() {
  stream?.close();
  const source = new EventSource("/api/events");
  stream = source;
  /** Ask for everything; where that fails, a new stream does so. */
  const all = () =>
    refresh().then(
      () => true,
      () => {
        source.close();
        broken = true;
        again();
      },
    );
  const come = (kind, take) =>
    source.addEventListener(kind, (event) => {
      heardOf("answers", true); // whatever was not answered before
      take(event);
    });
  const on = (kind, take) => come(kind, ({ data }) => take(JSON.parse(data)));
  const told = (kind, take) =>
    come(kind, ({ data, lastEventId }) => {
      const one = { number: Number(lastEventId), take: () => take(JSON.parse(data)) };
      for (const meanwhile of asked) meanwhile.push(one);
      hear(one);
    });
  on("hello", async ({ started, event }) => {
    // What happened after the answer about everything, and before this, was told to others only.
    if ((broken || started !== state.started || event !== heard) && !(await all())) return;
    broken = false;
    heardOf("news", true);
  });
  told("photo", (photo) => take(photo));
  told("gone", ({ ids }) => {
    for (const id of ids) state.photos.delete(id);
    touch(...ids);
  });
  told("run", (run) => {
    state.runs.set(run.id, run);
    touch();
  });
  told("counts", (counts) => {
    state.counts = counts;
    touch();
  });
  told("profile", ({ profile }) => {
    state.profile = profile;
    touch();
  });
  told("paths", ({ ready_paths }) => {
    state.paths = ready_paths;
    touch();
  });
  on("reload", all);
  on("idle", (data) => report("idle", data));
  on("used", () => report("used"));
  on("bye", (data) => {
    source.close();
    over = true;
    report("bye", data);
  });
  source.addEventListener("error", () => {
    if (!broken) setTimeout(() => broken && heardOf("news", false), 1500);
    broken = true;
    // A refused stream is not tried again by the browser.
    if (source.readyState === EventSource.CLOSED) again();
  });
}

let asking = 0;

/** Ask the server for a sign after a while, and so on until it gives one; a closed stream is opened again then. */
function again() {
  if (over) return;
  asking ||= setTimeout(async () => {
    asking = 0;
    try {
      await post("/api/stay");
    } catch {
      return again();
    }
    return stream?.readyState === EventSource.CLOSED && listen();
  }, AGAIN);
}
