// What was found: what of it is still open, and the cards beside the photo that tell and answer it.

import { says } from "./codes.js";
import { button, h, icon, unseen } from "./dom.js";
import { ruleOf, rulesOf } from "./store.js";
import { called, day, known, listed, t, term } from "./words.js";

// --- what is open; the server judges, this only shows it ----------------------------------------

export const canCover = (finding) => Boolean(finding.cover) && !finding.second;

// What still shows after covering can only be told by finishing the photo once more: until something was
// changed since the last time, it stands.
const tried = new Map(); // id of a photo -> what it was finished with
const given = (photo) => JSON.stringify([photo.covering, photo.answers]);
export const triedNow = (photo) => tried.set(photo.id, given(photo));

const isCovered = (shown, finding) => shown.covering.redact.includes(finding.id);

export function openNeeds(shown, finding) {
  if (finding.second && tried.get(shown.id) !== given(shown)) return [];
  return shown.needs.filter(
    (need) =>
      need.finding === finding.id &&
      !(isCovered(shown, finding) && canCover(finding)) &&
      !(shown.covering.credit && ruleOf(finding, need.needs).credit),
  );
}

export function answerOf(shown, finding) {
  if (isCovered(shown, finding)) return "covered";
  if (openNeeds(shown, finding).length) return "open";
  if (finding.second) return "again";
  const answers = shown.answers.filter((answer) => answer.finding === finding.id);
  return answers.length && answers.every((answer) => answer.kind === "dismissal") ? "dismissed" : "answered";
}

export const openFindings = (shown) => shown.findings.filter((finding) => openNeeds(shown, finding).length);

/** The needs that no finding stands for: something could not be looked at, or a person said hold. */
export const strayNeeds = (shown) =>
  shown.needs.filter((need) => !shown.findings.some((finding) => finding.id === need.finding));

// --- the cards ----------------------------------------------------------------------------------

/** One finding with each of its needs. */
export function findingCard(photo, finding, { current, actions }) {
  const about = { finding, name: called(photo, finding), current, now: answerOf(photo, finding) };
  if (finding.second) return secondCard(about, actions);
  const kind = finding.kind === "place" && finding.reason ? "place_unread" : finding.kind;
  const why = finding.confirmed
    ? "confirmed"
    : finding.drawn
      ? "drawn"
      : known(`why.${kind}`)
        ? kind
        : "other";
  return card(
    about,
    h("p", { class: "soft small" }, t(`why.${why}`, { label: finding.label ?? "" }), because(finding)),
    finding.kind === "code" && finding.box && says(photo, finding),
    finding.confirmed &&
      photo.answers
        .filter((one) => one.kind === "confirmation")
        .map((answer) => saidLine(answer, about, actions)),
    canCover(finding) && about.now === "covered"
      ? h(
          "div",
          { class: "need" },
          h(
            "div",
            { class: "row" },
            act(about, "uncover", t("review.leave"), () => actions.cover(finding)),
          ),
        )
      : needBlocks(photo, about, actions),
  );
}

/** What still looks like a face, or can still be read, in the finished picture. */
const secondCard = (about, actions) => {
  const text = about.finding.kind === "text";
  const need = text ? "look" : "person-consent";
  return card(
    about,
    h("p", { class: "soft small" }, t(text ? "stray.second_text" : "stray.second")),
    about.now === "open" &&
      h(
        "div",
        { class: "row need" },
        act(about, "cover", t("review.cover"), () => actions.coverToo(about.finding), "main tight", "r"),
        act(about, "none", t(`dismiss.${need}`), () => actions.notIt(about.finding, need)),
      ),
  );
};

/** A need that no finding stands for. */
export function strayCard(photo, need) {
  const scan = photo.scans.find((one) => one.detector === need.scan);
  const kind = need.scan ? "scan" : need.finding ? "second" : "hand";
  return card(
    { name: t(`stray.${kind}_title`), now: "open" },
    h(
      "p",
      { class: "small" },
      t(`stray.${kind}`, { what: term("check", need.scan), why: scan?.reason ?? "" }),
    ),
  );
}

function card({ finding, name, now, current = false }, ...body) {
  const [look, sign] = now === "open" ? ["open", "hand"] : ["done", "check"];
  return h(
    "li",
    { class: `finding ${look} ${current ? "current" : ""}`, "data-finding": finding?.id },
    h("header", {}, h("h3", {}, name), h("span", { class: `state ${look}` }, icon(sign), t(`answer.${now}`))),
    ...body,
  );
}

/** A way to answer; it says to a screen reader what it is about. */
const act = ({ finding, name }, kind, label, run, look = "tight", key = null) =>
  button([label, unseen(name), key && h("kbd", { "aria-hidden": "true" }, key)], run, {
    class: look,
    "data-key": `${kind}-${finding.id}`,
  });

/** What besides speaks for a doubt, in the person's language. */
const because = ({ kind, reason }) =>
  kind === "doubt" && reason
    ? ` ${t("why.because", { what: listed(reason.split(" and ").map((one) => term("because", one))) })}`
    : "";

/** An answer that was given here, and the way to withdraw it. */
const saidLine = (answer, about, actions) =>
  h(
    "p",
    { class: "small" },
    said(answer),
    " ",
    button([t("review.take_back"), unseen(about.name)], () => actions.undo(answer.ref), {
      class: "link",
      "data-key": `take-${answer.ref}`,
    }),
  );

function needBlocks(photo, about, actions) {
  const { finding } = about;
  const open = openNeeds(photo, finding);
  const answers = photo.answers.filter((one) => one.finding === finding.id && one.kind !== "drawn");
  const needs = new Set([
    ...rulesOf(finding).map((rule) => rule.need),
    ...open.map((one) => one.needs),
    ...answers.map((one) => one.needs),
  ]);
  return [...needs].map((need) => {
    const still = open.find((one) => one.needs === need);
    const rule = ruleOf(finding, need);
    const ways = still ? waysToAnswer(about, rule, needs.size === 1, actions) : [];
    return h(
      "div",
      { class: "need" },
      needs.size > 1 &&
        h(
          "p",
          {},
          h("b", {}, term("needs", need)),
          " ",
          h("span", { class: "soft" }, t(still ? "answer.open" : "answer.answered")),
        ),
      still?.why?.map((unfit) =>
        h("p", { class: "small" }, h("b", {}, unfit.ref), ` ${term("unfit", unfit.reason)}`),
      ),
      answers
        .filter((answer) => answer.needs === need)
        .map((answer) => saidLine(answer, about, actions)),
      rule.credit && (still || photo.covering.credit) && creditForm(photo, actions),
      ways.length > 0 && h("div", { class: "row" }, ways),
    );
  });
}

/** The buttons of a need; where it is the only one they have keys. */
function waysToAnswer(about, { need, records, reasons, may_be }, alone, actions) {
  const { finding } = about;
  if (may_be)
    return [
      act(about, "nothing", t("judge.nothing"), () => actions.judge(finding, false), "main tight", "d"),
      act(about, "clinical", t("judge.clinical"), () => actions.judge(finding, true), "tight", "y"),
    ];
  return [
    canCover(finding) &&
      act(about, "cover", t("review.cover"), () => actions.cover(finding), "main tight", "r"),
    records.length > 0 &&
      act(
        about,
        `consent-${need}`,
        t(`choose.${need}`),
        () => actions.consent(finding, need),
        "tight",
        alone ? "c" : null,
      ),
    reasons.length > 0 &&
      act(
        about,
        `dismiss-${need}`,
        t(`dismiss.${need}`),
        () => actions.dismiss(finding, need),
        "tight",
        alone ? "d" : null,
      ),
  ].filter(Boolean);
}

const said = (answer) =>
  answer.kind === "confirmation"
    ? t("said.confirmed", { by: answer.by })
    : answer.kind === "dismissal"
    ? t("said.dismissed", { reason: term("reasons", answer.reason), by: answer.by })
    : t("said.records", { refs: answer.records.join(", "), by: answer.by, day: day(answer.at) });

const typed = new Map(); // id -> a credit line on its way, which survives that the card is made again

function creditForm(photo, actions) {
  const now = photo.covering.credit;
  if (now)
    return h(
      "p",
      { class: "small" },
      t("credit.will", { line: now }),
      " ",
      button(t("credit.change"), () => actions.credit(""), { class: "link", "data-key": "credit-change" }),
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
