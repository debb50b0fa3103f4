// What goes wrong with a photo that people answer: told as soon as the server says it.

import { complain, tell } from "./dom.js";
import { state, watch } from "./store.js";
import { t } from "./words.js";

const asked = new Map(); // id of a photo that waits for a person, or did -> as it was told last

export function startTroubles() {
  watch((ids) => {
    for (const id of ids) follow(state.photos.get(id), id);
  });
}

function follow(photo, id) {
  const before = asked.get(id);
  if (!photo || (!before && photo.state !== "held")) asked.delete(id);
  else asked.set(id, photo);
  if (!photo || !before) return;
  const { message, advice } = photo.error ?? {};
  if (photo.state === "failed" && before.state !== "failed")
    complain({ message: `${photo.name}: ${message}`, advice });
  else if (photo.unchecked && !before.unchecked)
    tell(`${photo.name}: ${t("review.unchecked")}`, { bad: true });
  else if (photo.error && before.stage === "releasing" && photo.state === "held")
    complain({ message: `${photo.name}: ${message}`, advice });
}
