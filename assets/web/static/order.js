// In which order photos stand, and what they wait for: from what the server said of them, nothing else.

import { openNeeds, strayNeeds } from "./findings.js";

/** The reasons that the light table filters by, and the kinds of findings behind each. */
export const REASONS = {
  faces: ["face", "person"],
  doubt: ["doubt"],
  clinic: ["clinical", "place"],
  credit: ["source"],
  text: ["text"],
  code: ["code"],
  other: [],
};
const NAMES = Object.keys(REASONS);
const reasonOf = (kind) => NAMES.find((name) => REASONS[name].includes(kind)) ?? "other";

/** Whether a photo waits for answers (and not only for its last look). */
export const waitsForAnswers = (photo) => photo.state === "held" && (photo.stage ?? "answer") === "answer";

const seen = new WeakMap(); // a photo changes by being replaced

// What still shows after covering is told with the covering of now; it stands until the server says otherwise.
const isOpen = (photo, finding) =>
  finding.second
    ? photo.needs.some((need) => need.finding === finding.id)
    : openNeeds(photo, finding).length > 0;

/** What is still open: the findings, and the reasons in the order of REASONS. */
export function openOf(photo) {
  let open = seen.get(photo);
  if (!open) {
    const findings = photo.findings.filter((finding) => isOpen(photo, finding));
    const stray = strayNeeds(photo);
    const has = new Set(findings.map((finding) => reasonOf(finding.kind)));
    if (stray.length || !findings.length) has.add("other");
    open = { findings, stray, reasons: NAMES.filter((name) => has.has(name)) };
    seen.set(photo, open);
  }
  return open;
}

const RANK = { failed: 20, gone: 20, ready: 30, looking: 40, waiting: 50 };
const STAGE = { answer: 0, look: 10, releasing: 12 };

/** What a photo waits for, as a number: answers come first, by their reason. */
function rank(photo) {
  if (photo.state !== "held") return RANK[photo.state] ?? 60;
  const reason = waitsForAnswers(photo) ? NAMES.indexOf(openOf(photo).reasons[0] ?? "other") : 0;
  return (STAGE[photo.stage ?? "answer"] ?? 0) + reason;
}

const LAST = "~"; // after every time
const time = (photo) => photo.taken ?? LAST;
const byTime = (a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : a.order - b.order);

/** Photos by what they wait for, then by the time of capture; shots of one burst stand together. */
export function inOrder(photos) {
  const units = new Map();
  for (const photo of photos) {
    const now = rank(photo);
    const key = photo.burst ? `${Math.floor(now / 10)}/${photo.burst}` : photo.id;
    const unit = units.get(key);
    if (unit) {
      unit.shots.push(photo);
      unit.rank = Math.min(unit.rank, now);
    } else units.set(key, { rank: now, shots: [photo] });
  }
  const all = [...units.values()];
  for (const unit of all) unit.shots.sort(byTime);
  all.sort((a, b) => a.rank - b.rank || byTime(a.shots[0], b.shots[0]));
  return all.flatMap((unit) => unit.shots);
}
