// The page's start: words, state, the views, the bar at the top, and the keys.

import { ask, choice, named } from "./asking.js";
import { button, byId, complain, h, tell } from "./dom.js";
import * as drop from "./drop.js";
import * as look from "./look.js";
import { waitsForAnswers } from "./order.js";
import * as results from "./results.js";
import * as review from "./review.js";
import { begin, inState, listen, onNews, post, put, state, watch } from "./store.js";
import * as table from "./table.js";
import { startTroubles } from "./troubles.js";
import { loadWords, many, number, t } from "./words.js";

const PATHS = {
  drop: "/",
  table: "/table",
  review: "/review",
  look: "/look",
  results: "/results",
  consents: "/consents",
  policy: "/policy",
};
const WIDE = new Set(["table", "review", "look"]);
const KEYS = "imageprep-keys";
let view = "";
let wanted = "";

// The two views that few people open are loaded when they are; shown only then, so that no button is dead.
const LATER = { consents: () => import("./consents.js"), policy: () => import("./policy.js") };

async function go(next, { push = true, address = PATHS[next] } = {}) {
  wanted = next;
  const later = await LATER[next]?.().catch(() => tell(t("error.gone"), { bad: true }));
  if (wanted !== next || (next in LATER && !later)) return; // somebody was quicker, or it did not come
  const same = next === view;
  view = next;
  for (const name of Object.keys(PATHS)) byId(`view-${name}`).hidden = name !== next;
  for (const link of document.querySelectorAll(".bar [data-view]")) {
    if (link.dataset.view === next) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  byId("main").classList.toggle("wide", WIDE.has(next));
  document.title = `${t(`title.${next}`)} · imageprep`;
  if (push) history.pushState({}, "", address);
  if (!same || push) scrollTo(0, 0);
  const { searchParams } = new URL(address, location.href);
  if (next === "drop") drop.draw();
  if (next === "table") table.show();
  if (next === "review") review.show(searchParams.get("photo") ?? undefined);
  if (next === "look")
    look.show(searchParams.get("photo") ?? undefined, { back: searchParams.get("back") ?? "" });
  if (next === "results") results.draw();
  later?.load();
  if (push)
    [...byId(`view-${next}`).querySelectorAll("h1")]
      .find((title) => title.offsetParent)
      ?.focus({ preventScroll: true });
}

const viewOf = (path) => Object.keys(PATHS).find((name) => PATHS[name] === path) ?? "drop";

function startViews() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-view]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(link.dataset.view, { address: link.getAttribute("href") });
  });
  document.addEventListener("go", (event) => {
    if (view !== event.detail) go(event.detail);
  });
  addEventListener("popstate", () =>
    go(viewOf(location.pathname), { push: false, address: location.pathname + location.search }),
  );
}

function drawBar() {
  const counts = {
    review: inState("held").filter(waitsForAnswers).length,
    look: look.toLookAt().length,
    results: inState("ready").length,
  };
  for (const [name, n] of Object.entries(counts)) {
    const badge = byId(`count-${name}`);
    badge.hidden = n === 0;
    badge.textContent = number(n);
  }
  byId("me").textContent = state.me.name || t("name.none");
  for (const place of document.querySelectorAll("[data-profile]"))
    place.textContent = t(`profile.${state.profile}`);
}

// What may be said at the head of the page; of several that are so, the first is said.
const NEWS = ["session", "bye", "gone", "restarted", "idle"];
const said = new Map();

/** Say something at the head of the page, until it is not so any more. */
function say(what, kind, text, action = null) {
  said.set(what, { kind, text, action });
  drawBanner();
}

function unsay(what) {
  if (said.delete(what)) drawBanner();
}

function drawBanner() {
  const { kind, text, action } = said.get(NEWS.find((what) => said.has(what))) ?? {};
  const [place, way] = [byId("banner"), byId("banner-button")];
  place.hidden = !text;
  if (!text) return;
  byId("banner-text").textContent = text;
  place.className = `note ${kind}`;
  way.hidden = !action;
  way.textContent = action?.label ?? "";
  way.onclick = action?.run;
}

function startNews() {
  const reload = { label: t("lost.again"), run: () => location.reload() };
  onNews("session", () => say("session", "fail", t("lost.session")));
  onNews("broken", () => say("gone", "fail", t("lost.gone"), reload));
  onNews("back", () => unsay("gone"));
  onNews("restarted", () => {
    say("restarted", "wait", t("lost.restarted"), { label: t("lost.understood"), run: () => unsay("restarted") });
    go("drop");
  });
  onNews("bye", ({ reason }) => say("bye", "wait", t(reason === "idle" ? "lost.idle" : "lost.stopped")));
  const stay = { label: t("lost.stay"), run: () => post("/api/stay").catch(() => {}) };
  onNews("idle", ({ minutes }) => say("idle", "wait", many("lost.soon", minutes), stay));
  onNews("used", () => unsay("idle"));
}

function help() {
  const keys = view === "table" ? table.KEYS : [
    ["j", "next"],
    ["k", "previous"],
    ["r", "cover"],
    ["c", "consent"],
    ["d", "dismiss"],
    ["y", "yes"],
    ["b", "draw"],
    ["p", "preview"],
    ["e", "export"],
    ["f", "fine"],
    ["o", "open"],
    ["u", "undo"],
    ["?", "help"],
  ];
  const words = view === "table" ? "table.key" : "help.key";
  const on = {
    type: "checkbox",
    checked: localStorage.getItem(KEYS) !== "off",
    onchange: (event) => localStorage.setItem(KEYS, event.target.checked ? "on" : "off"),
  };
  return ask((close) =>
    h(
      "div",
      {},
      h("h2", {}, t("help.title")),
      h(
        "ul",
        { class: "stack" },
        ["one", "two", "three", "four"].map((name) => h("li", {}, t(`help.${name}`))),
      ),
      h("h3", {}, t(view === "table" ? "table.keys" : "help.keys")),
      h(
        "dl",
        { class: "facts keys" },
        keys.map(([key, name]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, t(`${words}_${name}`))]),
      ),
      choice(on, t("help.keys_on")),
      h("h3", {}, t("help.stop")),
      h("p", {}, t("help.where", { address: location.host, minutes: number(state.idleMinutes) })),
      h(
        "div",
        { class: "buttons" },
        button(
          t("help.stop"),
          () => {
            close();
            post("/api/stop").catch(() => {});
          },
          { class: "danger" },
        ),
        button(t("results.close"), () => close(), { class: "main" }),
      ),
    ),
  );
}

function startKeys() {
  addEventListener("keydown", (event) => {
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.isComposing ||
      document.querySelector("dialog[open]")
    )
      return;
    // A dialog that was closed keeps its field in focus for a moment more.
    const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea");
    if (typing && !typing.closest("dialog:not([open])")) return;
    if (localStorage.getItem(KEYS) === "off") return;
    if (event.key === "?") {
      event.preventDefault();
      help();
    } else if (view === "review" && review.key(event.key)) event.preventDefault();
    else if (view === "look" && look.key(event.key, event.repeat)) event.preventDefault();
    else if (view === "table" && table.key(event)) event.preventDefault();
  });
}

async function start() {
  await loadWords();
  startViews();
  startNews();
  startKeys();
  byId("help").addEventListener("click", help);
  byId("me-button").addEventListener("click", () => named(true));
  byId("language").addEventListener("change", async (event) => {
    try {
      await put("/api/me", { language: event.target.value });
      location.reload();
    } catch (trouble) {
      complain(trouble);
    }
  });
  drop.startDrop();
  table.startTable();
  review.startReview();
  look.startLook();
  results.startResults();
  startTroubles();
  watch(drawBar);
  try {
    await begin();
  } catch {
    return; // the banner says what is wrong
  }
  listen();
  await go(document.body.dataset.page, { push: false, address: location.pathname + location.search });
  document.body.dataset.ready = "yes";
}

start();
