
// List shows any number of rows of one height: only those in sight are elements.
// fill(row, element) writes a row; choose(row) is called for the one the reader
// is on.
class List {
  constructor(host, label, height, fill, choose) {
    Object.assign(this, {height, fill, choose, rows: [], at: -1});
    this.box = el('div', {className: 'list', tabIndex: 0, role: 'listbox', ariaLabel: label, id: 'list-' + ++List.count});
    this.space = el('div', {className: 'space', role: 'presentation'});
    this.box.append(this.space);
    host.append(this.box);
    this.box.addEventListener('scroll', () => this.draw());
    this.box.addEventListener('keydown', event => this.key(event));
    this.box.addEventListener('click', event => {
      const row = event.target.closest('[role=option]');
      if (row) this.go(Number(row.dataset.at));
    });
    new ResizeObserver(() => this.draw()).observe(this.box);
  }

  // set replaces the rows and stays on the row it was on, if that is still there.
  set(rows) {
    const row = this.rows[this.at];
    this.rows = rows;
    this.at = rows.indexOf(row);
    this.space.style.height = rows.length * this.height + 'px';
    if (this.at < 0) this.box.scrollTop = 0;
    else this.reveal();
    this.draw();
  }

  draw() {
    const first = Math.max(Math.floor(this.box.scrollTop / this.height) - 4, 0);
    const last = Math.min(first + Math.ceil(this.box.clientHeight / this.height) + 9, this.rows.length);
    const shown = [];
    for (let i = first; i < last; i++) {
      const row = el('div', {className: 'row', role: 'option', id: `${this.box.id}-${i}`, ariaSelected: i === this.at});
      row.setAttribute('aria-posinset', i + 1);
      row.setAttribute('aria-setsize', this.rows.length);
      row.dataset.at = i;
      row.style.top = i * this.height + 'px';
      row.style.height = this.height + 'px';
      this.fill(this.rows[i], row);
      shown.push(row);
    }
    this.space.replaceChildren(...shown);
    if (this.at >= first && this.at < last) this.box.setAttribute('aria-activedescendant', `${this.box.id}-${this.at}`);
    else this.box.removeAttribute('aria-activedescendant');
  }

  go(i) {
    if (!this.rows.length) return;
    this.at = Math.min(Math.max(i, 0), this.rows.length - 1);
    this.reveal();
    this.draw();
    if (this.choose) this.choose(this.rows[this.at]);
  }

  reveal() {
    const top = this.at * this.height, room = this.box.clientHeight;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + this.height > this.box.scrollTop + room) this.box.scrollTop = top + this.height - room;
  }

  key(event) {
    const page = Math.max(Math.floor(this.box.clientHeight / this.height) - 1, 1);
    const to = {
      ArrowDown: this.at + 1, ArrowUp: this.at - 1, PageDown: this.at + page, PageUp: this.at - page,
      Home: 0, End: this.rows.length - 1,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.go(to);
  }
}
List.count = 0;

const cell = (className, text) => el('span', {className, textContent: text});

// choices fills a select with what there is, each with its number.
function choices(select, all, counts) {
  select.append(el('option', {value: '', textContent: all}));
  for (const [name, n] of [...counts].sort((a, b) => a[0] < b[0] ? -1 : 1)) {
    select.append(el('option', {value: name, textContent: `${name} (${n})`}));
  }
}

const seqButton = seq => {
  const button = el('button', {type: 'button', className: 'seq', textContent: '#' + seq});
  button.dataset.seq = seq;
  return button;
};
