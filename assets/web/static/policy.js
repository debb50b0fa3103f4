// The rules in force, to be read; and the one thing that can be switched.

import { confirmed } from "./asking.js";
import { button, byId, complain, fill, h, icon, tell } from "./dom.js";
import { get, put, state, touch } from "./store.js";
import { bytes, listed, number, t, term } from "./words.js";

export async function load() {
  try {
    draw(await get("/api/policy"));
  } catch (trouble) {
    complain(trouble);
  }
}

function draw(policy) {
  fill(
    byId("profiles"),
    ["personal", "official"].map((profile) => {
      const now = policy.profile === profile;
      return h(
        "div",
        { class: "card stack", "aria-current": now ? "true" : null },
        h(
          "div",
          { class: "row" },
          h("h3", {}, t(`profile.${profile}`)),
          now && h("span", { class: "state done" }, icon("check"), t("profile.now")),
        ),
        h("p", { class: "soft" }, t(`profile.${profile}_text`)),
        !now &&
          button(t(`profile.switch_${profile}`), () => change(profile), { "data-key": `profile-${profile}` }),
      );
    }),
  );
  const off = policy.not_checked;
  byId("not-checked").hidden = off.length === 0;
  byId("not-checked-text").textContent = t("policy.not_checked", {
    what: listed(off.map((flag) => term("check", flag))),
  });
  const [width, height] = policy.export.size;
  const facts = [
    ["channel", policy.channel],
    ["size", t("policy.size_text", { width, height, dpi: policy.export.dpi })],
    [
      "format",
      `${policy.export.format.toUpperCase()}${policy.export.format === "png" ? "" : ` · ${policy.export.quality}`}`,
    ],
    ["names", t(`policy.names_${policy.export.names}`)],
    ["watermark", policy.watermark.shown],
    ["logo", policy.watermark.logo ? t("policy.logo_yes") : t("policy.logo_no")],
    ...Object.entries(policy.flags).map(([flag, level]) => [`flag_${flag}`, t(`policy.level_${level}`)]),
    ["responsible", [policy.owner.responsible, policy.owner.role].filter(Boolean).join(", ") || "–"],
    ["contact", policy.owner.contact || "–"],
    [
      "limits",
      t("policy.limits_text", { mp: number(policy.limits.megapixels), bytes: bytes(policy.limits.bytes) }),
    ],
    ["places", policy.places.length ? number(policy.places.length) : t("policy.no_places")],
  ];
  fill(
    byId("policy-facts"),
    facts.map(([name, value]) => [h("dt", {}, t(`policy.${name}`)), h("dd", {}, value)]),
  );
  byId("policy-digest").textContent = policy.digest.slice(0, 16);
}

async function change(profile) {
  if (
    !(await confirmed({
      title: t(`profile.switch_${profile}`),
      text: t(`profile.${profile}_means`),
      yes: t("profile.yes"),
    }))
  )
    return;
  try {
    draw(await put("/api/profile", { profile }));
    state.profile = profile;
    touch();
    tell(t("profile.done"));
  } catch (trouble) {
    complain(trouble);
  }
}
