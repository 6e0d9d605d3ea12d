// The turns of the conversation in the order they began. Pure: the view draws what is in here.

const MAX_TURNS = 500;

export class Transcript {
  #turns = [];
  #byKey = new Map();

  get turns() {
    return this.#turns;
  }

  /**
   * Takes one `transcript` event: the whole text of a turn so far. A turn that was cut comes again with the
   * heard text only, and stays so: a late delta of the model must not bring the unheard words back.
   * Returns the turn, or null when nothing changed.
   */
  apply({ who, turn, text, final = false, cut = false, heard_ms: heardMs }) {
    const key = `${who}:${turn}`;
    let entry = this.#byKey.get(key);
    if (!entry) {
      if (!text && !cut) return null;
      entry = { key, who, turn, text: '', final: false, cut: false, heardMs: null };
      this.#byKey.set(key, entry);
      this.#turns.push(entry);
      this.#dropOldest();
    } else if (entry.cut && !cut) {
      return null;
    } else if (entry.final && !final && !cut) {
      return null;
    }
    entry.text = text;
    entry.final = final || cut;
    entry.cut = cut;
    if (heardMs !== undefined) entry.heardMs = heardMs;
    return entry;
  }

  /** The lines of the phone call, which come at its end, all at once. */
  addCall(callId, lines) {
    return lines
      .map((line, index) =>
        this.apply({
          who: line.who === 'lead' ? 'lead' : 'phone_agent',
          turn: `${callId}/${index}`,
          text: line.text,
          final: true,
          cut: line.cut === true,
        }),
      )
      .filter(Boolean);
  }

  clear() {
    this.#turns = [];
    this.#byKey.clear();
  }

  #dropOldest() {
    while (this.#turns.length > MAX_TURNS) this.#byKey.delete(this.#turns.shift().key);
  }
}
