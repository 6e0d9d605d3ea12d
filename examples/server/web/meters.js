// Levels that move like a needle: up at once, down calmly. And the loop that draws them.

/** The level to show after `elapsed` ms. Pure. */
export function follow(shown, level, elapsed) {
  const time = level > shown ? 40 : 260;
  const next = shown + (level - shown) * (1 - Math.exp(-elapsed / time));
  return next < 0.005 ? 0 : next; // A rest would be seen for ever.
}

export class Meters {
  #frame = 0;
  #last = 0;
  #levels = { visitor: 0, agent: 0 };
  #bars = { visitor: document.getElementById('meter-visitor'), agent: document.getElementById('meter-agent') };
  #toldAt = 0;

  /** `read(who)` gives 0 to 1; `orb` draws them. */
  constructor(read, orb) {
    this.read = read;
    this.orb = orb;
  }

  start() {
    if (this.#frame) return;
    this.#last = performance.now();
    const tick = (now) => {
      this.#frame = requestAnimationFrame(tick);
      this.#step(now);
    };
    this.#frame = requestAnimationFrame(tick);
  }

  #step(now) {
    const elapsed = Math.min(now - this.#last, 100);
    this.#last = now;
    const tell = now - this.#toldAt > 500;
    if (tell) this.#toldAt = now;
    for (const who of ['visitor', 'agent']) {
      const level = follow(this.#levels[who], this.read(who), elapsed);
      this.#levels[who] = level;
      this.#bars[who].firstElementChild.style.transform = `scaleX(${level.toFixed(3)})`;
      if (tell) this.#bars[who].setAttribute('aria-valuenow', String(Math.round(level * 100)));
    }
    this.orb.draw(now, this.#levels);
  }
}
