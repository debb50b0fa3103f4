// What has been answered in a photo, and what is still open; the server judges, this only shows it.

const AREAS = new Set(["face", "code"]);
export const canCover = (finding) => AREAS.has(finding.kind) && Boolean(finding.box);

export function openNeeds(shown, finding) {
  return shown.needs.filter(
    (need) =>
      need.finding === finding.id &&
      !(shown.covering.redact.includes(finding.id) && canCover(finding)) &&
      !(need.needs === "credit" && shown.covering.credit),
  );
}

export function answerOf(shown, finding) {
  if (shown.covering.redact.includes(finding.id)) return "covered";
  if (openNeeds(shown, finding).length) return "open";
  const given = shown.answers.filter((answer) => answer.finding === finding.id);
  return given.length && given.every((answer) => answer.kind === "dismissal") ? "dismissed" : "answered";
}

export const openFindings = (shown) => shown.findings.filter((finding) => openNeeds(shown, finding).length);
