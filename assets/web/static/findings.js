// The cards beside the photo: what was found, what it needs, and the ways to answer.

import { h, icon } from "./dom.js";
import { isSecond } from "./standing.js";
import { called, day, known, t, term } from "./words.js";

/** What still looks like a face in the finished picture. */
function secondCard(photo, finding, { now, current, actions }) {
  const name = called(photo, finding);
  const open = now === "open";
  return h(
    "li",
    { class: `finding ${open ? "open" : "done"} ${current ? "current" : ""}`, "data-finding": finding.id },
    h("header", {}, h("h3", {}, name), badge(now)),
    h("p", { class: "soft small" }, t("stray.second")),
    open &&
      h(
        "div",
        { class: "row need" },
        act("cover", name, () => actions.coverToo(finding), finding, t("review.cover"), "main tight", "r"),
        act("none", name, () => actions.notFace(finding), finding, t("dismiss.person_consent")),
      ),
  );
}

const badge = (now) =>
  h(
    "span",
    { class: `state ${now === "open" ? "open" : "done"}` },
    icon(now === "open" ? "hand" : "check"),
    t(`answer.${now}`),
  );

/** One finding with each of its needs. */
export function findingCard(photo, finding, { now, open, current, canCover, actions }) {
  if (isSecond(finding)) return secondCard(photo, finding, { now, current, actions });
  const given = photo.answers.filter((answer) => answer.finding === finding.id && answer.kind !== "drawn");
  const needs = [
    ...new Set([
      ...Object.keys(photo.dismissals[finding.id] ?? {}),
      ...open.map((need) => need.needs),
      ...given.map((answer) => answer.needs),
    ]),
  ];
  const name = called(photo, finding);
  const isOpen = now === "open";
  return h(
    "li",
    { class: `finding ${isOpen ? "open" : "done"} ${current ? "current" : ""}`, "data-finding": finding.id },
    h("header", {}, h("h3", {}, name), badge(now)),
    h(
      "p",
      { class: "soft small" },
      t(finding.drawn ? "why.drawn" : known(`why.${finding.kind}`) ? `why.${finding.kind}` : "why.other", {
        label: finding.label ?? "",
      }),
    ),
    canCover && now === "covered"
      ? h(
          "div",
          { class: "need" },
          h(
            "div",
            { class: "row" },
            act("uncover", name, () => actions.cover(finding), finding, t("review.leave")),
          ),
        )
      : needs.map((need) =>
          needBlock(photo, finding, need, {
            name,
            canCover,
            actions,
            open: open.find((one) => one.needs === need),
            given: given.filter((answer) => answer.needs === need),
            alone: needs.length === 1,
          }),
        ),
  );
}

function act(kind, about, run, finding, label, look = "tight", keyName = null) {
  return h(
    "button",
    { type: "button", class: look, "data-key": `${kind}-${finding.id}`, onclick: run },
    label,
    h("span", { class: "sr" }, about),
    keyName && h("kbd", { "aria-hidden": "true" }, keyName),
  );
}

function needBlock(photo, finding, need, { name, canCover, actions, open, given, alone }) {
  const buttons = [];
  if (open) {
    if (canCover)
      buttons.push(
        act("cover", name, () => actions.cover(finding), finding, t("review.cover"), "main tight", "r"),
      );
    if (known(`choose.${slug(need)}`))
      buttons.push(
        act(
          `consent-${need}`,
          name,
          () => actions.consent(finding, need),
          finding,
          t(`choose.${slug(need)}`),
          "tight",
          alone ? "c" : null,
        ),
      );
    if (photo.dismissals[finding.id]?.[need]?.length)
      buttons.push(
        act(
          `dismiss-${need}`,
          name,
          () => actions.dismiss(finding, need),
          finding,
          t(`dismiss.${slug(need)}`),
          "tight",
          alone ? "d" : null,
        ),
      );
  }
  return h(
    "div",
    { class: "need" },
    !alone &&
      h(
        "p",
        {},
        h("b", {}, term("needs", need)),
        " ",
        h("span", { class: "soft" }, open ? t("answer.open") : t("answer.answered")),
      ),
    open?.why?.map((unfit) =>
      h("p", { class: "small" }, h("b", {}, unfit.ref), ` ${term("unfit", unfit.reason)}`),
    ),
    given.map((answer) =>
      h(
        "p",
        { class: "small" },
        said(answer),
        " ",
        h(
          "button",
          {
            type: "button",
            class: "link",
            "data-key": `take-${answer.ref}`,
            onclick: () => actions.undo(answer.ref),
          },
          t("review.take_back"),
          h("span", { class: "sr" }, name),
        ),
      ),
    ),
    need === "credit" && (open || photo.covering.credit) && creditForm(photo, actions),
    buttons.length > 0 && h("div", { class: "row" }, buttons),
  );
}

const slug = (need) => need.replaceAll("-", "_");

function said(answer) {
  if (answer.kind === "dismissal")
    return t("said.dismissed", { reason: term("reasons", answer.reason), by: answer.by });
  return t("said.records", { refs: answer.records.join(", "), by: answer.by, day: day(answer.at) });
}

const typed = new Map(); // id -> a credit line on its way, which survives that the card is made again

function creditForm(photo, actions) {
  const now = photo.covering.credit;
  if (now)
    return h(
      "p",
      { class: "small" },
      t("credit.will", { line: now }),
      " ",
      h(
        "button",
        { type: "button", class: "link", "data-key": "credit-change", onclick: () => actions.credit("") },
        t("credit.change"),
      ),
    );
  const input = h("input", {
    name: "credit",
    id: "credit",
    maxlength: 120,
    autocomplete: "off",
    "data-key": "credit",
    "aria-describedby": "credit-hint",
  });
  input.value = typed.get(photo.id) ?? photo.credit_suggestion ?? "";
  input.addEventListener("input", () => typed.set(photo.id, input.value));
  return h(
    "form",
    {
      class: "stack",
      onsubmit: (event) => {
        event.preventDefault();
        if (input.value.trim()) actions.credit(input.value.trim());
        else input.focus();
      },
    },
    h(
      "div",
      { class: "field" },
      h("label", { for: "credit" }, t("credit.label")),
      h(
        "p",
        { class: "hint", id: "credit-hint" },
        t(photo.credit_suggestion ? "credit.suggested" : "credit.hint"),
      ),
      input,
    ),
    h("button", { type: "submit", class: "main tight", "data-key": "credit-set" }, t("credit.set")),
  );
}

/** A need that no finding stands for: something could not be looked at, or shows after covering. */
export function strayCard(photo, need) {
  const scan = photo.scans.find((one) => one.detector === need.scan);
  const text = need.scan
    ? t("stray.scan", { what: term("check", need.scan), why: scan?.reason ?? "" })
    : need.finding
      ? t("stray.second")
      : t("stray.hand");
  return h(
    "li",
    { class: "finding open" },
    h(
      "header",
      {},
      h(
        "h3",
        {},
        t(need.scan ? "stray.scan_title" : need.finding ? "stray.second_title" : "stray.hand_title"),
      ),
      h("span", { class: "state open" }, icon("hand"), t("answer.open")),
    ),
    h("p", { class: "small" }, text),
  );
}
