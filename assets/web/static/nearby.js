// A column of many items, of which only those near the viewport are in the page.

const AHEAD = 700; // pixels above and below what can be seen

/**
 * Keep a place filled with the items that are near the viewport.
 *
 * `make(item, index, before)` gives the element of an item (`before` is the one that it had), `guess(item)`
 * its height before it was measured. An item has a `key`. What has the focus stays in the page.
 */
export function nearby(place, { make, guess }) {
  let items = [];
  let tops = [0];
  let width = 0;
  let due = 0;
  let stale = false; // the items changed since they were drawn
  const heights = new Map(); // key -> measured
  const elements = new Map(); // key -> element that is in the page
  const known = new Map(); // key -> index

  const height = (item) => heights.get(item.key) ?? guess(item);

  function arrange() {
    tops = [0];
    for (const item of items) tops.push(tops.at(-1) + height(item));
    place.style.height = `${tops.at(-1)}px`;
  }

  /** The first item that ends below a height. */
  function at(y) {
    let [low, high] = [0, Math.max(0, items.length - 1)];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tops[middle + 1] > y) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  function draw() {
    due = 0;
    if (!place.getClientRects().length) return; // drawn when its view is opened
    const anew = stale;
    stale = false;
    if (place.clientWidth !== width) {
      width = place.clientWidth;
      heights.clear();
      arrange();
    }
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    const key = focused?.closest("[data-key]")?.dataset.key;
    const above = -place.getBoundingClientRect().top;
    const anchor = at(Math.max(0, above));
    const wanted = new Set();
    for (let n = at(above - AHEAD); n < items.length && tops[n] < above + innerHeight + AHEAD; n += 1)
      wanted.add(n);
    for (const [one, element] of elements) if (element === focused?.closest("[data-near]")) wanted.add(known.get(one));
    wanted.delete(undefined);
    const order = [...wanted].sort((a, b) => a - b);
    const fresh = new Map();
    for (const n of order) {
      const item = items[n];
      const before = elements.get(item.key);
      const element = before && !anew ? before : make(item, n, before);
      element.dataset.near = "";
      element.style.top = `${tops[n]}px`;
      fresh.set(item.key, element);
    }
    for (const [one, element] of elements) if (fresh.get(one) !== element) element.remove();
    elements.clear();
    let next = place.firstElementChild;
    for (const [one, element] of fresh) {
      elements.set(one, element);
      if (element === next) next = next.nextElementSibling;
      else place.insertBefore(element, next);
    }
    if (focused && !focused.isConnected && key)
      place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
    measure(order, anchor);
  }

  /** What is measured for the first time moves the rest; what can be seen stays where it is. */
  function measure(order, anchor) {
    let moved = false;
    for (const n of order) {
      const tall = elements.get(items[n].key).getBoundingClientRect().height;
      if (tall !== height(items[n])) moved = true;
      heights.set(items[n].key, tall);
    }
    if (!moved) return;
    const before = tops[anchor];
    arrange();
    for (const n of order) elements.get(items[n].key).style.top = `${tops[n]}px`;
    if (tops[anchor] !== before) scrollBy({ top: tops[anchor] - before, behavior: "instant" });
    later();
  }

  const later = () => {
    due ||= requestAnimationFrame(draw);
  };
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later);
  new ResizeObserver(later).observe(place); // also when its view is opened

  return {
    /** Show these items, each with a key of its own. */
    show(next) {
      items = next;
      known.clear();
      items.forEach((item, n) => known.set(item.key, n));
      for (const one of heights.keys()) if (!known.has(one)) heights.delete(one);
      arrange();
      stale = true;
      draw();
    },
    /** Where an item stands: [top, height], from the top of the place. */
    where: (n) => [tops[n], tops[n + 1] - tops[n]],
    /** Bring an item into view, below `over` and above `under` pixels that something else covers. */
    reveal(n, over = 0, under = 0) {
      if (!items[n]) return;
      const top = tops[n] + place.getBoundingClientRect().top;
      const bottom = top + height(items[n]);
      const by =
        top < over ? top - over : bottom > innerHeight - under ? Math.min(top - over, bottom - innerHeight + under) : 0;
      if (by) scrollBy({ top: by, behavior: "instant" });
      draw();
    },
  };
}
