// What has been answered in a photo, and what is still open; the server judges, this only shows it.

const AREAS = new Set(["face", "code"]);
export const canCover = (finding) => AREAS.has(finding.kind) && Boolean(finding.box) && !isSecond(finding);

// What still shows after covering can only be told by finishing the photo once more: until something was
// changed since the last time, it stands.
const tried = new Map(); // id of a photo -> what it was finished with
const given = (photo) => JSON.stringify([photo.covering, photo.answers]);
export const isSecond = (finding) => finding.id.startsWith("second-");
export const triedNow = (photo) => tried.set(photo.id, given(photo));

export function openNeeds(shown, finding) {
  if (isSecond(finding) && tried.get(shown.id) !== given(shown)) return [];
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
  if (isSecond(finding)) return "again";
  const answers = shown.answers.filter((answer) => answer.finding === finding.id);
  return answers.length && answers.every((answer) => answer.kind === "dismissal") ? "dismissed" : "answered";
}

export const openFindings = (shown) => shown.findings.filter((finding) => openNeeds(shown, finding).length);
