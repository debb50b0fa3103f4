// Every request to the server; the page decides nothing that the server has not said.

import { known, t } from "./words.js";

export class Problem extends Error {
  constructor(code, message, advice = "", status = 0, wait = 0) {
    super(message);
    Object.assign(this, { code, advice, status, wait });
  }
}

const token = () => document.querySelector('meta[name="csrf"]').content;
let lost = () => {};

/** Called with "gone" (no answer) or "session" when the server no longer serves this page. */
export const onLost = (listener) => {
  lost = listener;
};

/** Send a request; resolves with the JSON answer (null for none), or throws a Problem. */
export async function call(
  method,
  path,
  body = undefined,
  { headers = {}, signal = undefined, raw = false } = {},
) {
  const options = { method, headers: { ...headers }, signal, credentials: "same-origin", cache: "no-store" };
  if (method !== "GET") options.headers["X-CSRF-Token"] = token();
  if (raw) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (trouble) {
    if (trouble.name === "AbortError") throw trouble;
    if (!raw) lost("gone");
    throw new Problem("gone", t("error.gone"), t("advice.gone"));
  }
  if (answer.ok)
    return answer.status === 204
      ? null
      : answer.headers.get("content-type")?.includes("json")
        ? answer.json()
        : answer;
  throw await problemOf(answer);
}

async function problemOf(answer) {
  let said = {};
  try {
    said = (await answer.json()).error ?? {};
  } catch {
    /* not JSON: the status has to do */
  }
  if (said.code === "no-session") lost("session");
  const own = said.code?.replaceAll("-", "_");
  return new Problem(
    said.code ?? "bug",
    known(`error.${own}`) ? t(`error.${own}`) : (said.message ?? t("error.bug")),
    known(`advice.${own}`) ? t(`advice.${own}`) : (said.advice ?? ""),
    answer.status,
    Number(answer.headers.get("retry-after") ?? 0),
  );
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
export const del = (path, body = undefined) => call("DELETE", path, body);
