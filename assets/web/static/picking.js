// Choosing photos of the light table: by click, range, drag, long press and keys.

const FAR = 6; // pixels after which a press is a drag
const PRESS = 500; // milliseconds after which a touch stands for "up to here"
const EDGE = 60; // pixels from the edge of the window where a drag scrolls

/**
 * What is chosen in a grid.
 *
 * `grid` tells of the photos that are shown: `ids()`, `hits(left, top, right, bottom)` (ids of
 * what a rectangle touches, in pixels of the place) and `reveal(index)`; `changed()` is called after a change.
 */
export function picking(place, band, grid, changed) {
  const chosen = new Set();
  let current = null; // where the keyboard is
  let anchor = null; // where a range begins
  let press = null;
  let ignored = false; // the click that ends a drag or a long press

  const move = (id) => {
    current = id;
    anchor = id;
  };

  function toggle(id) {
    if (!chosen.delete(id)) chosen.add(id);
    move(id);
    changed();
  }

  function range(id) {
    const ids = grid.ids();
    const [a, b] = [ids.indexOf(anchor ?? id), ids.indexOf(id)].map((n) => Math.max(0, n));
    for (const one of ids.slice(Math.min(a, b), Math.max(a, b) + 1)) chosen.add(one);
    anchor ??= id;
    current = id;
    changed();
  }

  const idOf = (event) => event.target.closest?.("[data-photo]")?.dataset.photo;
  const own = (event) => event.target.closest?.("button, a");

  place.addEventListener("click", (event) => {
    const id = idOf(event);
    if (ignored || !id || own(event)) {
      ignored = false;
      return;
    }
    if (event.shiftKey) range(id);
    else toggle(id);
  });

  place.addEventListener("pointerdown", (event) => {
    ignored = false;
    if (event.button || own(event)) return;
    const id = idOf(event);
    if (event.pointerType === "mouse") press = begun(event);
    else if (id) {
      const timer = setTimeout(() => {
        press = null;
        ignored = true;
        range(id);
      }, PRESS);
      press = { ...begun(event), timer };
    }
  });

  place.addEventListener("contextmenu", (event) => {
    if (ignored || press?.timer) event.preventDefault(); // a long press means something else here
  });

  const within = (event) => {
    const { left, top } = place.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const begun = (event) => ({ at: within(event), x: event.clientX, y: event.clientY, before: new Set(chosen) });
  const done = () => {
    clearTimeout(press?.timer);
    cancelAnimationFrame(press?.scrolling);
    press = null;
    band.hidden = true;
  };

  addEventListener("pointermove", (event) => {
    if (!press) return;
    const far = Math.hypot(event.clientX - press.x, event.clientY - press.y) > FAR;
    if (press.timer) {
      if (far) done(); // it scrolls
      return;
    }
    if (!press.dragged && !far) return;
    press.dragged = true;
    press.last = event;
    draw();
    scrolls();
  });

  function draw() {
    const [[a, b], [c, d]] = [press.at, within(press.last)];
    const [left, top, right, bottom] = [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
    band.hidden = false;
    const px = (n) => `${Math.round(n)}px`;
    Object.assign(band.style, { left: px(left), top: px(top), width: px(right - left), height: px(bottom - top) });
    chosen.clear();
    for (const id of [...press.before, ...grid.hits(left, top, right, bottom)]) chosen.add(id);
    changed();
  }

  /** Near the edge of the window a drag goes on beyond it. */
  function scrolls() {
    cancelAnimationFrame(press.scrolling);
    const { clientY } = press.last;
    const by = clientY < EDGE ? -12 : clientY > innerHeight - EDGE ? 12 : 0;
    if (!by) return;
    press.scrolling = requestAnimationFrame(() => {
      if (!press) return;
      const before = scrollY;
      scrollBy({ top: by, behavior: "instant" });
      if (scrollY === before) return;
      draw();
      scrolls();
    });
  }

  for (const end of ["pointerup", "pointercancel"])
    addEventListener(end, (event) => {
      ignored ||= Boolean(press?.dragged) && end === "pointerup" && place.contains(event.target);
      done();
    });

  return {
    chosen,
    get current() {
      return current;
    },
    toggle,
    range,
    /** The keyboard is here. */
    at(id) {
      current = id;
      changed();
    },
    /** Forget what is not shown any more; the keyboard goes to what took its place. */
    keep(before) {
      const ids = grid.ids();
      const there = new Set(ids);
      for (const id of chosen) if (!there.has(id)) chosen.delete(id);
      if (anchor && !there.has(anchor)) anchor = null;
      if (!there.has(current)) current = ids[Math.min(ids.length - 1, Math.max(0, before.indexOf(current)))] ?? null;
    },
    only(ids) {
      chosen.clear();
      for (const id of ids) chosen.add(id);
      changed();
    },
    /** Go some photos on; with `extend` they are chosen on the way. */
    step(by, extend = false) {
      const ids = grid.ids();
      const n = Math.max(0, ids.indexOf(current));
      const next = Math.min(ids.length - 1, Math.max(0, n + by));
      if (!ids.length) return;
      if (extend) {
        anchor ??= ids[n];
        range(ids[next]);
      } else move(ids[next]);
      changed();
      grid.reveal(next);
    },
  };
}
