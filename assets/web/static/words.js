// The words of the page, in the language of the person; every one comes from the catalogue.

let catalogue = {};

export async function loadWords() {
  const answer = await fetch("/strings.json", { cache: "no-store" });
  if (answer.ok) catalogue = await answer.json();
}

const find = (key) => key.split(".").reduce((table, part) => table?.[part], catalogue);

/** The text of a key, its {names} filled in; the key itself where there is none. */
export function t(key, values = {}) {
  const text = find(key);
  return typeof text === "string" ? text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all) : key;
}

/** Whether the catalogue has a text for a key. */
export const known = (key) => typeof find(key) === "string";

/** A text that depends on a number: key_one or key_many. */
export const many = (key, n, values = {}) =>
  t(`${key}_${n === 1 ? "one" : "many"}`, { n: number(n), ...values });

/** A term of the program in plain words, the term itself where there are none. */
export const term = (table, name) => find(`${table}.${name}`) ?? name;

export const number = (n) => new Intl.NumberFormat(document.documentElement.lang).format(n);

export function bytes(n) {
  const [size, unit] = n >= 1e6 ? [n / 1e6, "MB"] : [Math.max(1, n / 1e3), "KB"];
  return `${new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: size < 10 && unit === "MB" ? 1 : 0 }).format(size)} ${unit}`;
}

export const day = (iso) =>
  iso
    ? new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium" }).format(
        new Date(iso.length > 10 ? iso : `${iso}T12:00`),
      )
    : "";

/** "location, camera and date". */
export const listed = (words) =>
  new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" }).format(words);

/** What was hidden in a photo and is not in its result. */
export const removed = (photo) =>
  photo.hidden.length
    ? t("results.removed", { what: listed(photo.hidden.map((name) => term("hidden", name))) })
    : t("results.nothing_hidden");

/** What a finding is called in the page: "Face 1", "May show a patient (ward)". */
export function called(photo, finding) {
  const text = finding.kind === "text";
  if (finding.second) return t(text ? "second_look_text" : "second_look");
  const [, index = ""] = finding.id.match(/(\d+)$/) ?? [];
  const alone =
    photo.findings.filter((other) => other.kind === finding.kind).length === 1 && finding.kind !== "face";
  const name = term("kind", finding.kind) + (alone || !index ? "" : ` ${index}`);
  if ((finding.kind === "clinical" || text) && finding.label)
    return t("kind_with", { kind: name, label: term("label", finding.label) });
  return finding.kind === "place" && finding.label
    ? t("kind_with", { kind: name, label: finding.label })
    : name;
}

/** What a held photo waits for, in one line. */
export function waitsFor(photo) {
  const kinds = new Map();
  for (const need of photo.needs) {
    if (!need.finding)
      kinds.set(need.scan ? t("not_looked", { what: term("check", need.scan) }) : t("by_hand"), 0);
    const finding = photo.findings.find((one) => one.id === need.finding);
    if (finding)
      kinds.set(
        finding.kind,
        (kinds.get(finding.kind) ?? new Set()).add?.(finding.id) ?? new Set([finding.id]),
      );
    else if (need.finding)
      kinds.set(t(need.finding.startsWith("second-text") ? "second_look_text" : "second_look"), 0);
  }
  return listed(
    [...kinds].map(([kind, ids]) =>
      ids ? many(`waits.${known(`waits.${kind}_one`) ? kind : "other"}`, ids.size) : kind,
    ),
  );
}
