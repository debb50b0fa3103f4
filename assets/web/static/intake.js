// Taking in what was dropped or chosen: walking folders, then sending one file a request.

import { Problem, call, post, state, take, touch, watch } from "./store.js";
import { t } from "./words.js";

// Browsers open six connections to a host; the news and the pictures need some of them.
const AT_ONCE = 2;
const TRIES = 4;

/** How the taking in goes; `refused` holds what never became a photo of the server's list. */
export const intake = {
  queue: [],
  sending: 0,
  sent: 0,
  total: 0,
  others: 0,
  walking: 0,
  refused: [],
  paused: null,
};
let stop = new AbortController();

export const busy = () => intake.walking > 0 || intake.sending > 0 || intake.queue.length > 0;

const isPhoto = (name) => (state.limits.suffixes ?? []).some((suffix) => name.toLowerCase().endsWith(suffix));

/** Files of a picker; those of a folder keep its name in theirs. */
export function takeFiles(files) {
  begin();
  for (const file of files) add(file, file.webkitRelativePath || file.name, Boolean(file.webkitRelativePath));
  pump();
}

/** What was dropped. Entries must be asked for before the event ends, so this part does not wait. */
export async function takeDrop(transfer) {
  begin();
  const entries = [...transfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  intake.walking += 1;
  touch();
  try {
    for (const entry of entries) {
      if (entry instanceof File) add(entry, entry.name, false);
      else if (entry) await walk(entry, "", false);
    }
  } finally {
    intake.walking -= 1;
    pump();
    touch();
  }
}

async function walk(entry, folder, nested) {
  if (stop.signal.aborted) return;
  const path = folder ? `${folder}/${entry.name}` : entry.name;
  try {
    if (entry.isFile) {
      // What lies in a folder and is no photo by its name is passed over, as on the command line.
      if (nested && (!isPhoto(entry.name) || entry.name.startsWith("."))) intake.others += 1;
      else add(await new Promise((done, failed) => entry.file(done, failed)), path, nested);
      return;
    }
    const inside = await listed(entry);
    const own = new Set(inside.map((one) => `${one.isFile ? stem(one.name) : one.name}-web`)); // our exports' names
    for (const one of inside) {
      if (one.isDirectory && (one.name.startsWith(".") || own.has(one.name))) continue;
      if (one.isFile && own.has(stem(one.name))) intake.others += 1;
      else await walk(one, path, true);
    }
    pump();
  } catch {
    refuse(path, new Problem("input", t("intake.unreadable"), t("intake.unreadable_advice")));
  }
}

// Photos that were dropped together are one album.
let drop = "";

const stem = (name) => name.replace(/\.[^.]*$/, "");

/** Everything in a folder; a reader gives at most 100 entries at a time. */
async function listed(folder) {
  const reader = folder.createReader();
  const inside = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return inside.sort((a, b) => (a.name < b.name ? -1 : 1));
    inside.push(...some);
  }
}

function begin() {
  drop = `${Date.now()}-${Math.random()}`;
  stop = stop.signal.aborted ? new AbortController() : stop;
  if (!busy()) Object.assign(intake, { sent: 0, total: 0, others: 0, refused: [], paused: null });
}

function add(file, name, nested) {
  if (nested && (!isPhoto(name) || name.split("/").some((part) => part.startsWith(".")))) {
    intake.others += 1;
    return;
  }
  intake.total += 1;
  intake.queue.push({ file, name, drop, tries: 0 });
}

function refuse(name, problem) {
  intake.refused.push({ name, message: problem.message, advice: problem.advice });
  touch();
}

function pump() {
  while (intake.sending < AT_ONCE && intake.queue.length && !intake.paused) send(intake.queue.shift());
  touch();
}

async function send(one) {
  intake.sending += 1;
  try {
    if (one.file.size > state.limits.bytes)
      throw new Problem("too-large", t("error.too-large"), t("advice.too-large"));
    const headers = {
      "Content-Type": "application/octet-stream",
      "X-Photo-Name": encodeURIComponent(one.name),
      "X-Photo-Drop": one.drop,
    };
    const photo = await call("POST", "/api/photos", one.file, { headers, signal: stop.signal, raw: true });
    if (!state.photos.has(photo.id)) take(photo);
    intake.sent += 1;
  } catch (trouble) {
    if (trouble.name !== "AbortError") await trouble_with(one, trouble);
  } finally {
    intake.sending -= 1;
    pump();
  }
}

async function trouble_with(one, trouble) {
  const again = ["busy", "gone", "slow"].includes(trouble.code) && one.tries < TRIES;
  if (trouble.code === "full") {
    intake.paused = "full";
    intake.queue.unshift(one);
  } else if (trouble.code === "count" || trouble.status === 403) {
    intake.paused = trouble.code === "count" ? "count" : "session";
    intake.queue.unshift(one);
  } else if (again) {
    one.tries += 1;
    await new Promise((done) => setTimeout(done, (trouble.wait || one.tries) * 1000));
    intake.queue.unshift(one);
  } else {
    intake.sent += 1;
    refuse(one.name, trouble);
  }
}

// Room for more comes back when photos are answered or cleared.
watch(() => {
  if (intake.paused === "full" && (state.counts.held_bytes ?? 0) < state.limits.held_bytes * 0.9) resume();
  if (intake.paused === "count" && state.photos.size < state.limits.photos) resume();
});

function resume() {
  intake.paused = null;
  pump();
}

/** Stop taking in, and have the server drop what waits in its line. */
export async function cancel() {
  stop.abort();
  intake.queue.length = 0;
  intake.paused = null;
  await post("/api/cancel");
  touch();
}
