// Draws the turns of transcript.js; keeps the newest in sight unless the reader has scrolled up.

const NEAR_END_PX = 80;

export class TranscriptView {
  #list = document.getElementById('turns');
  #scroll = document.getElementById('scroll');
  #items = new Map();
  #onPhone = false;

  /** The translator; set before anything is drawn. */
  t = null;

  draw(turn) {
    if (!turn) return;
    const following = this.#isFollowing();
    if (turn.who === 'lead' || turn.who === 'phone_agent') this.#beginPhone();
    const item = this.#items.get(turn.key) ?? this.#create(turn);
    item.text.textContent = turn.text;
    item.element.classList.toggle('partial', !turn.final);
    if (turn.cut && !item.cut) {
      item.cut = document.createElement('span');
      item.cut.className = 'cut';
      item.cut.textContent = this.t('interrupted');
      item.body.append(' ', item.cut);
      item.element.classList.add('was-cut');
    }
    if (following) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  /** A line that nobody said. */
  divide(text) {
    const following = this.#isFollowing();
    const element = document.createElement('li');
    element.className = 'divider';
    element.textContent = text;
    this.#list.append(element);
    if (following) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  clear() {
    this.#list.replaceChildren();
    this.#items.clear();
    this.#onPhone = false;
    this.#mark();
  }

  /** In another language. */
  relabel(turns) {
    for (const turn of turns) {
      const item = this.#items.get(turn.key);
      if (!item) continue;
      item.who.textContent = this.#name(turn.who);
      if (item.cut) item.cut.textContent = this.t('interrupted');
    }
  }

  #isFollowing() {
    return this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight < NEAR_END_PX;
  }

  #beginPhone() {
    if (this.#onPhone) return;
    this.#onPhone = true;
    this.divide(this.t('on_the_phone'));
  }

  #name(who) {
    return this.t({ visitor: 'you', agent: 'agent', lead: 'lead_who', phone_agent: 'phone_agent' }[who] ?? 'agent');
  }

  #create(turn) {
    const element = document.createElement('li');
    const mine = turn.who === 'visitor' || turn.who === 'lead';
    element.className = `turn ${mine ? 'mine' : 'theirs'}`;
    element.dataset.who = turn.who;
    const who = document.createElement('span');
    who.className = 'who';
    who.textContent = this.#name(turn.who);
    const body = document.createElement('p');
    body.className = 'said';
    const text = document.createElement('span');
    body.append(text);
    element.append(who, body);
    this.#list.append(element);
    const item = { element, who, body, text, cut: null };
    this.#items.set(turn.key, item);
    this.#mark();
    return item;
  }

  #mark() {
    document.getElementById('empty').hidden = this.#items.size > 0;
  }
}
