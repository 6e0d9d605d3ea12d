// The living thing in the middle: a soft body that breathes, and moves with whoever speaks.

const POINTS = 96;
const TAU = Math.PI * 2;

/** How each phase looks: `calm` 0 to 1 slows, `who` moves it, `hollow` leaves a ring only. */
const LOOKS = {
  idle: { speed: 0.25, wobble: 0.02, glow: 0.35 },
  connecting: { speed: 1.2, wobble: 0.035, glow: 0.5 },
  listening: { speed: 0.45, wobble: 0.025, glow: 0.6, who: 'visitor' },
  thinking: { speed: 0.9, wobble: 0.05, glow: 0.6 },
  speaking: { speed: 0.6, wobble: 0.035, glow: 0.8, who: 'agent' },
  calling: { speed: 0.6, wobble: 0.02, glow: 0.7, rings: true },
  on_phone: { speed: 0.4, wobble: 0.03, glow: 0.7, rings: true },
  ended: { speed: 0.15, wobble: 0.012, glow: 0.2 },
  error: { speed: 0.1, wobble: 0.01, glow: 0.15 },
};

export class Orb {
  #canvas = document.getElementById('orb');
  #pen = document.getElementById('orb').getContext('2d');
  #still = matchMedia('(prefers-reduced-motion: reduce)');
  #scheme = matchMedia('(prefers-color-scheme: dark)');
  #shown = { ...LOOKS.idle, energy: 0 };
  #time = 0;
  #before = 0;
  #colors = null;

  constructor() {
    this.phase = 'idle';
    this.#scheme.addEventListener('change', () => {
      this.#colors = null;
    });
  }

  #palette() {
    if (!this.#colors) {
      const style = getComputedStyle(document.documentElement);
      const read = (name) => style.getPropertyValue(name).trim();
      this.#colors = {
        core: read('--orb-core'),
        edge: read('--orb-edge'),
        warm: read('--orb-warm'),
        line: read('--orb-line'),
      };
    }
    return this.#colors;
  }

  draw(now, levels) {
    const elapsed = Math.min(now - this.#before, 100) / 1000;
    this.#before = now;
    const look = LOOKS[this.phase] ?? LOOKS.idle;
    const ease = 1 - Math.exp(-elapsed * 4);
    const energy = look.who ? levels[look.who] : 0;
    for (const name of ['speed', 'wobble', 'glow']) this.#shown[name] += (look[name] - this.#shown[name]) * ease;
    this.#shown.energy += (energy - this.#shown.energy) * (1 - Math.exp(-elapsed * 14));
    if (!this.#still.matches) this.#time += elapsed * this.#shown.speed * (1 + 2 * this.#shown.energy);
    this.#paint(look);
  }

  #paint(look) {
    const pen = this.#pen;
    const size = this.#canvas.width;
    const radius = size * 0.29;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, size, size);
    pen.translate(size / 2, size / 2);
    this.#paintGlow(radius);
    if (look.rings) this.#paintRings(radius);
    for (let layer = 2; layer >= 0; layer -= 1) this.#paintBody(radius, layer);
  }

  #paintGlow(radius) {
    const pen = this.#pen;
    const reach = radius * (1.45 + 0.2 * this.#shown.energy);
    const glow = pen.createRadialGradient(0, 0, radius * 0.6, 0, 0, reach);
    glow.addColorStop(0, this.#palette().edge);
    glow.addColorStop(1, `${this.#palette().edge}00`); // Not "transparent", which is black on the way there.
    pen.globalAlpha = 0.42 * this.#shown.glow + 0.25 * this.#shown.energy;
    pen.fillStyle = glow;
    pen.beginPath();
    pen.arc(0, 0, reach, 0, TAU);
    pen.fill();
    pen.globalAlpha = 1;
  }

  #paintRings(radius) {
    const pen = this.#pen;
    pen.strokeStyle = this.#palette().line;
    pen.lineWidth = 3;
    for (let ring = 0; ring < 3; ring += 1) {
      const way = this.#still.matches ? (ring + 1) / 4 : (this.#time * 0.9 + ring / 3) % 1;
      pen.globalAlpha = 0.7 * (1 - way);
      pen.beginPath();
      pen.arc(0, 0, radius * (1.02 + way * 0.62), 0, TAU);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  #paintBody(radius, layer) {
    const pen = this.#pen;
    const { core, edge, warm } = this.#palette();
    const { wobble, energy } = this.#shown;
    const grown = radius * (1 + 0.16 * energy + layer * (0.045 + 0.07 * energy));
    this.#outline(grown, wobble + 0.055 * energy, layer);
    if (layer > 0) {
      pen.globalAlpha = 0.2 / layer;
      pen.fillStyle = edge;
    } else {
      const body = pen.createRadialGradient(-grown * 0.35, -grown * 0.4, grown * 0.08, 0, 0, grown * 1.12);
      body.addColorStop(0, warm);
      body.addColorStop(0.5, core);
      body.addColorStop(1, edge);
      pen.fillStyle = body;
    }
    pen.fill();
    pen.globalAlpha = 1;
  }

  #outline(radius, wobble, layer) {
    const pen = this.#pen;
    const t = this.#time + layer * 1.7;
    pen.beginPath();
    for (let i = 0; i <= POINTS; i += 1) {
      const angle = (i / POINTS) * TAU;
      const wave =
        Math.sin(angle * 3 + t * 2.1) * 0.5 +
        Math.sin(angle * 2 - t * 1.4) * 0.35 +
        Math.sin(angle * 5 + t * 2.9) * 0.15;
      const r = radius * (1 + wobble * wave);
      pen.lineTo(Math.cos(angle) * r, Math.sin(angle) * r);
    }
    pen.closePath();
  }
}
