// Consents: what is on record, what ends soon, withdrawing and erasing.

import { ask, asked, confirmed, named } from "./asking.js";
import { button, byId, complain, fill, h, icon, linked, soft, tell, unseen } from "./dom.js";
import { printButtons, recordForm } from "./forms.js";
import { del, get, post, state, take } from "./store.js";
import { day, known, many, t, term } from "./words.js";

let records = [];
const RECORDS = new Set(["consent", "event-consent", "place-permission"]);

let started = false;

function start() {
  started = true;
  byId("consent-filter").addEventListener("change", load);
  byId("consent-search").addEventListener("input", draw);
  byId("consent-find").addEventListener("submit", (event) => event.preventDefault());
  byId("consent-add").addEventListener("click", async () => {
    if ((await named()) && (await recordForm(kinds()))) {
      tell(t("record.saved"));
      await load();
    }
  });
  byId("consent-print").addEventListener("click", () =>
    ask((close) =>
      h(
        "div",
        {},
        h("h2", {}, t("print.title")),
        h("p", { class: "soft" }, t("print.text")),
        h(
          "ul",
          { class: "records" },
          kinds()
            .filter((kind) => kind !== "place")
            .map((kind) =>
              h(
                "li",
                { class: "row" },
                h("b", {}, term("people", kind)),
                h(
                  "span",
                  { class: "row push" },
                  printButtons(() => kind, { about: unseen(term("people", kind)), after: close }),
                ),
              ),
            ),
        ),
        h(
          "div",
          { class: "buttons" },
          button(t("ask.cancel"), () => close()),
        ),
      ),
    ),
  );
}

/** Every kind of record that answers something. */
const kinds = () => [
  ...new Set(
    Object.values(state.needs)
      .flat()
      .flatMap((rule) => rule.records),
  ),
];

export async function load() {
  if (!started) start();
  const filter = byId("consent-filter").value;
  try {
    records = (await get(`/api/records${filter === "expiring" ? "?expiring=30" : ""}`)).records.filter(
      (record) => RECORDS.has(record.kind),
    );
  } catch (trouble) {
    complain(trouble);
  }
  draw();
}

function draw() {
  const words = byId("consent-search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (record) =>
    words.every((word) =>
      [record.ref, record.title, term("records", record.kind), ...Object.values(record.fields ?? {})]
        .join(" ")
        .toLowerCase()
        .includes(word),
    );
  const some = records.filter(fits);
  byId("consents-empty").hidden = some.length > 0;
  byId("consents-none").textContent = t(
    words.length
      ? "consents.no_match"
      : byId("consent-filter").value === "expiring"
        ? "consents.none_expiring"
        : "consents.none",
  );
  byId("consents-table").hidden = some.length === 0;
  fill(
    byId("consent-rows"),
    some.slice(0, 500).map((record) =>
      h(
        "tr",
        {},
        h(
          "th",
          { scope: "row" },
          button(record.ref, () => detail(record.ref), { class: "link num", "data-key": record.ref }),
        ),
        h("td", { "data-label": t("consents.about") }, record.title || "–"),
        h("td", { "data-label": t("consents.kind") }, term("records", record.kind)),
        h("td", { "data-label": t("consents.state") }, standing(record)),
        h("td", { "data-label": t("consents.ends") }, record.ends ? day(record.ends) : t("consents.no_end")),
      ),
    ),
  );
}

const expired = (record) =>
  record.state === "in force" && record.ends && new Date(`${record.ends}T23:59:59`) < new Date();

function standing(record) {
  const state = expired(record) ? "expired" : record.state;
  return h(
    "span",
    { class: `state ${state === "in force" ? "done" : "failed"}` },
    icon(state === "in force" ? "check" : "alert"),
    term("standing", state),
  );
}

async function detail(ref) {
  let told;
  try {
    told = await get(`/api/records/${ref}`);
  } catch (trouble) {
    complain(trouble);
    return;
  }
  const { record, exports } = told;
  const fields = Object.entries(record.fields ?? {}).filter(
    ([name, value]) =>
      value && value.length !== 0 && !["ref", "account", "at", "form_sha256", "sheet_sha256"].includes(name),
  );
  const shown = (value) =>
    [value]
      .flat()
      .map((one) => (/^\d{4}-\d\d-\d\d/.test(one) ? day(one) : String(term("choices", one))))
      .join(", ");
  const next = await ask((close) =>
    h(
      "div",
      {},
      h(
        "div",
        { class: "row" },
        h("h2", {}, record.ref),
        standing(record),
        button(t("results.close"), () => close(), { class: "tight push" }),
      ),
      record.state === "erased"
        ? h("p", {}, t("consents.erased_text"))
        : h(
            "dl",
            { class: "facts" },
            fields.map(([name, value]) => [
              h("dt", {}, known(`fields.${name}`) ? t(`fields.${name}`) : name.replaceAll("_", " ")),
              h("dd", {}, shown(value)),
            ]),
          ),
      h("h3", {}, t("consents.exports")),
      used(exports),
      h(
        "div",
        { class: "buttons" },
        record.state === "in force" && button(t("consents.withdraw"), () => close("withdraw")),
        record.state !== "erased" && button(t("consents.erase"), () => close("erase"), { class: "danger" }),
      ),
    ),
  );
  if (next === "withdraw") await withdraw(ref, exports);
  if (next === "erase") await erase(ref, exports);
}

function used(exports) {
  if (!exports.length) return h("p", { class: "soft" }, t("consents.no_exports"));
  return h(
    "ul",
    { class: "records" },
    exports.map((one) =>
      h(
        "li",
        { class: "card" },
        h("p", {}, h("b", {}, one.name || one.path), " ", soft(`${day(one.at)} · ${one.channel}`)),
        one.urls.length
          ? one.urls.map((url) => h("p", { class: "small" }, t("results.posted_at"), " ", linked(url)))
          : h("p", { class: "soft small" }, t("consents.not_posted")),
      ),
    ),
  );
}

async function withdraw(ref, exports) {
  if (!(await named())) return;
  const told = await asked({
    title: t("withdraw.title", { ref }),
    intro: exports.length ? many("withdraw.text", exports.length) : t("withdraw.text_none"),
    label: t("withdraw.reason"),
    hint: t("withdraw.hint"),
    submit: t("consents.withdraw"),
    danger: true,
    send: (reason) => post(`/api/records/${ref}/withdrawal`, { reason }),
  });
  if (told) await after(told, t("withdraw.done", { ref }));
}

async function erase(ref, exports) {
  if (!(await named())) return;
  if (
    !(await confirmed({
      title: t("erase.title", { ref }),
      text: `${t("erase.text")} ${exports.length ? many("withdraw.text", exports.length) : ""}`,
      yes: t("consents.erase"),
      danger: true,
      word: ref,
    }))
  )
    return;
  try {
    await after(await del(`/api/records/${ref}`, { confirm: ref }), t("erase.done", { ref }));
  } catch (trouble) {
    complain(trouble);
  }
}

/** What follows: pictures that have to be taken down by a person. */
async function after(told, title) {
  take(...(told.photos ?? []));
  await load();
  if (!told.exports.length) {
    tell(title);
    return;
  }
  await ask((close) =>
    h(
      "div",
      {},
      h("h2", {}, title),
      h("p", {}, t("withdraw.take_down")),
      used(told.exports),
      h(
        "div",
        { class: "buttons" },
        button(t("withdraw.understood"), () => close(), { class: "main" }),
      ),
    ),
  );
}
