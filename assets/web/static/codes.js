// What the codes of a photo say, for the person who decides about them. It is text and nothing else: it comes
// from whoever made the code, so it is never a link. It is asked for when a card shows it, and not recorded.

import { h } from "./dom.js";
import { get } from "./store.js";
import { t } from "./words.js";

let last = { of: "", said: null }; // of the photo that was asked about last

/** A line that tells what a code says, as soon as that is known. */
export function says(photo, finding) {
  const of = `${photo.id}-${photo.version}`;
  if (last.of !== of) last = { of, said: get(`/api/photos/${photo.id}/codes`).then((told) => told.codes) };
  const line = h("p", { class: "small says" }, t("codes.reading"));
  last.said.then(
    (codes) => line.replaceChildren(...words(codes[finding.id])),
    () => {
      last = { of: "", said: null };
      line.replaceChildren(...words(null));
    },
  );
  return line;
}

const words = (text) => (text ? [t("codes.says"), " ", h("bdi", {}, text)] : [t("codes.unread")]);
