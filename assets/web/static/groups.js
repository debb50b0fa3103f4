// Many findings of one kind in one photo as one card: how many, one answer for all, one to be picked.

import { button, h, icon, unseen } from "./dom.js";
import { answerOf, canCover, findingCard, openNeeds } from "./findings.js";
import { ruleOf } from "./store.js";
import { called, known, many, t, term } from "./words.js";

const SIGNS = { open: "?", covered: "■", answered: "✓", dismissed: "–", again: "…" };
const open = new Set(); // ids of photo and kind whose single cards are asked for

/** The findings of a kind that are one group: those that can be covered, where there are several. */
function groupsOf(photo) {
  const kinds = new Map();
  for (const finding of photo.findings.filter(canCover))
    kinds.set(finding.kind, [...(kinds.get(finding.kind) ?? []), finding]);
  return new Map([...kinds].filter(([, findings]) => findings.length > 1));
}

/** The group that a finding belongs to, or nothing. */
export const groupOf = (photo, finding) =>
  canCover(finding) ? groupsOf(photo).get(finding.kind) : undefined;

/** The cards beside a photo: one for each group, and one for each finding that stands alone. */
export function cardsOf(photo, { current, picked, actions }) {
  const groups = groupsOf(photo);
  const single = (finding) => findingCard(photo, finding, { current: finding.id === current, actions });
  return photo.findings.flatMap((finding) => {
    const group = canCover(finding) && groups.get(finding.kind);
    if (!group) return [single(finding)];
    if (group[0] !== finding) return [];
    return [groupCard(photo, group, { picked: group.find((one) => one.id === picked), single, actions })];
  });
}

function groupCard(photo, findings, { picked, single, actions }) {
  const [{ kind }] = findings;
  const about = many(`group.${known(`group.${kind}_many`) ? kind : "other"}`, findings.length);
  const left = findings.filter((finding) => openNeeds(photo, finding).length);
  const [look, sign] = left.length ? ["open", "hand"] : ["done", "check"];
  return h(
    "li",
    { class: `finding group ${look}`, "data-finding": `group-${kind}` },
    h(
      "header",
      {},
      h("h3", {}, about),
      h(
        "span",
        { class: `state ${look}` },
        icon(sign),
        left.length ? many("group.left", left.length) : t("group.done"),
      ),
    ),
    h("p", { class: "soft small" }, t(`group.why_${kind === "face" ? "face" : "other"}`)),
    left.length > 0 && unfit(photo, left),
    left.length > 0 &&
      h("div", { class: "need" }, h("div", { class: "row" }, ways(photo, left, about, actions))),
    h(
      "div",
      { class: "need" },
      h("p", { class: "small", id: `pick-${kind}` }, t("group.pick")),
      h(
        "ul",
        { class: "chips", "aria-labelledby": `pick-${kind}` },
        findings.map((finding) => h("li", {}, chip(photo, finding, picked, actions))),
      ),
    ),
    picked && h("ul", { class: "records" }, single(picked)),
    cards(photo, kind, findings, single),
  );
}

/** Why what was said does not answer what is open, each reason once. */
function unfit(photo, left) {
  const why = left.flatMap((finding) => openNeeds(photo, finding).flatMap((need) => need.why ?? []));
  const told = new Map(why.map(({ ref, reason }) => [`${ref} ${reason}`, { ref, reason }]));
  return [...told.values()].map(({ ref, reason }) => h("p", { class: "small" }, h("b", {}, ref), ` ${term("unfit", reason)}`));
}

/** What answers all that are open. */
function ways(photo, left, about, actions) {
  const [finding] = left;
  const needs = openNeeds(photo, finding).map((need) => ruleOf(finding, need.needs));
  const way = (kind, words, run, look = "tight") =>
    button([words, unseen(` ${about}`)], run, { class: look, "data-key": `${kind}-group-${finding.kind}` });
  return [
    way("cover", many("group.cover", left.length), () => actions.coverThese(left), "main tight"),
    needs.flatMap(({ need, records, reasons }) => [
      records.includes("event") && way("signed", t("group.signed"), () => actions.consent(finding, need, left)),
      reasons.length > 0 && way("dismiss", t("group.dismiss"), () => actions.dismiss(finding, need, left)),
    ]),
  ];
}

function chip(photo, finding, picked, actions) {
  const now = answerOf(photo, finding);
  const [n] = finding.id.match(/\d+$/) ?? [""];
  return button(
    [h("span", { "aria-hidden": "true" }, `${n} ${SIGNS[now] ?? "?"}`), unseen(`${called(photo, finding)}, ${t(`answer.${now}`)}`)],
    () => actions.pick(finding),
    {
      class: `tight chip ${now}`,
      "data-key": `chip-${finding.id}`,
      "aria-pressed": String(picked === finding),
    },
  );
}

/** A card for each, for whoever wants to answer them one by one. */
function cards(photo, kind, findings, single) {
  const key = `${photo.id} ${kind}`;
  const body = h("ul", { class: "records" });
  const show = (on) => body.replaceChildren(...(on ? findings.map(single) : []));
  show(open.has(key));
  return h(
    "details",
    {
      open: open.has(key),
      ontoggle: (event) => {
        const on = event.target.open;
        if (on === open.has(key)) return;
        open[on ? "add" : "delete"](key);
        show(on);
      },
    },
    h("summary", { "data-key": `cards-${kind}` }, t("group.single")),
    body,
  );
}

/** Arrow keys go from a box on the picture to the next one in that direction, and pick it. */
export function startPicking(boxes, pick) {
  boxes.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const from = event.target.closest(".box[data-key^=box-]");
    if (!way || !from || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = nearest(from, [...boxes.querySelectorAll(".box[data-key^=box-]")], way);
    if (!next) return;
    next.focus({ preventScroll: true });
    pick(next.dataset.key.replace(/^box-/, ""));
  });
}

/** The nearest box in a direction; what lies across it counts double. */
function nearest(from, all, [x, y]) {
  const middle = (box) => {
    const { left, top, width, height } = box.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  };
  const [left, top] = middle(from);
  const far = (box) => {
    const [dx, dy] = [middle(box)[0] - left, middle(box)[1] - top];
    const along = dx * x + dy * y;
    return along > 0 ? along + 2 * Math.abs(dx * y + dy * x) : Infinity;
  };
  const [best] = all.filter((box) => far(box) < Infinity).sort((a, b) => far(a) - far(b));
  return best;
}
