
// The timeline: events in lanes over virtual time, and as a list below.

const lanes = [
  ['modules', /^(module|dllmain|export)\./], ['files', /^file\./], ['memory, code', /^(memory|code|payload|process\.image)/],
  ['crypto', /^crypto\./], ['registry', /^registry\./], ['network', /^(dns|net|http)\./],
  ['processes', /^(process|thread|service)\./], ['waits, objects', /^(sleep|event|mutex|pipe)/], ['other', /./],
];
const laneOf = kind => lanes.findIndex(([, pattern]) => pattern.test(kind));

// Scale maps virtual time to a length. Shortened, idle time counts by its
// magnitude: a chain is a millisecond of work between days of sleep. Events of
// one instant stand beside one another in their order.
class Scale {
  constructor(events, shortened) {
    this.u = [0];
    for (let i = 1; i < events.length; i++) {
      const d = Math.max(events[i].t - events[i - 1].t, 0);
      this.u.push(this.u[i - 1] + (shortened ? (d > 0 ? 1 + 0.2 * Math.log10(1 + d / 1000) : 0.6) : d));
    }
    this.t = events.map(e => e.t);
    this.end = this.u.at(-1) || 1;
  }

  // time is the virtual time at a length.
  time(u) {
    let low = 0, high = this.u.length - 1;
    if (u <= 0 || high < 1) return this.t[0] || 0;
    while (low < high - 1) {
      const middle = low + high >> 1;
      if (this.u[middle] <= u) low = middle; else high = middle;
    }
    const width = this.u[high] - this.u[low];
    return this.t[low] + (width ? Math.min((u - this.u[low]) / width, 1) : 0) * (this.t[high] - this.t[low]);
  }
}

class Timeline {
  constructor(host, events, choose) {
    Object.assign(this, {events, choose, chosen: null, shortened: true});
    this.left = 112;
    this.lane = 26;
    for (const e of events) e.lane = laneOf(e.kind);
    const lanesUsed = new Set(events.map(e => e.lane));
    this.used = lanes.map((_, i) => i).filter(i => lanesUsed.has(i));
    this.height = this.used.length * this.lane + 30;
    this.picture = svg('svg', {class: 'timeline', tabindex: 0, role: 'group', height: this.height,
      'aria-label': 'Events over virtual time. Plus and minus zoom, arrows move, 0 shows all. The same events stand in the list below.'});
    const button = (text, title, act) => el('button', {type: 'button', textContent: text, title, onclick: act});
    this.range = cell('muted range', '');
    const idle = el('input', {type: 'checkbox', checked: true});
    idle.addEventListener('change', () => { this.shortened = idle.checked; this.scale(); this.fit(); });
    host.append(el('div', {className: 'bar'}, button('+', 'Zoom in (+)', () => this.zoom(0.5)), button('−', 'Zoom out (-)', () => this.zoom(2)),
      button('All', 'All of the run (0)', () => this.fit()), button('Chain', 'From the first step to the last', () => this.fit(true)),
      el('label', {}, idle, ' shorten idle time'), this.range), this.picture);
    this.picture.addEventListener('wheel', event => {
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.move(event.deltaX / this.width());
      else this.zoom(event.deltaY < 0 ? 0.8 : 1.25, this.from + (event.offsetX - this.left) / this.width() * (this.to - this.from));
    }, {passive: false});
    this.picture.addEventListener('keydown', event => this.key(event));
    this.picture.addEventListener('pointerdown', event => {
      let x = event.clientX;
      const move = e => { this.move((x - e.clientX) / this.width()); x = e.clientX; };
      this.picture.setPointerCapture(event.pointerId);
      this.picture.addEventListener('pointermove', move);
      this.picture.addEventListener('pointerup', () => this.picture.removeEventListener('pointermove', move), {once: true});
    });
    this.picture.addEventListener('click', event => {
      const near = this.near(event.offsetX, event.offsetY);
      if (near) choose(near);
    });
    this.scale();
    this.fit(true);
    new ResizeObserver(() => this.draw()).observe(this.picture);
  }

  width() { return Math.max((this.picture.clientWidth || 900) - this.left - 20, 50); }
  scale() { this.map = new Scale(this.events, this.shortened); }
  x(u) { return this.left + (u - this.from) / (this.to - this.from) * this.width(); }

  // fit shows the whole run, or the part of it that steps speak of.
  fit(steps) {
    let us = this.map.u;
    if (steps && this.events.some(e => e.step)) us = us.filter((_, i) => this.events[i].step);
    const pad = (us.at(-1) - us[0] || this.map.end) * 0.03;
    this.set(us[0] - pad, us.at(-1) + pad);
  }

  set(from, to) {
    const most = this.map.end * 1.1 || 1, least = this.shortened ? 2 : Math.min(1000, most);
    const size = Math.min(Math.max(to - from, least), most), pad = this.map.end * 0.05;
    this.from = Math.min(Math.max(from, -pad), this.map.end + pad - size);
    if (size === most) this.from = -pad;
    this.to = this.from + size;
    this.draw();
  }

  zoom(by, around = (this.from + this.to) / 2) {
    this.set(around - (around - this.from) * by, around + (this.to - around) * by);
  }

  move(by) { const d = by * (this.to - this.from); this.set(this.from + d, this.to + d); }

  key(event) {
    const act = {
      '+': () => this.zoom(0.5), '=': () => this.zoom(0.5), '-': () => this.zoom(2), 0: () => this.fit(),
      ArrowLeft: () => this.move(-0.2), ArrowRight: () => this.move(0.2),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  near(x, y) {
    const lane = this.used[Math.floor(y / this.lane)];
    let best = null, distance = 9;
    this.events.forEach((e, i) => {
      const d = Math.abs(this.x(this.map.u[i]) - x);
      if (e.lane === lane && d < distance) [best, distance] = [e, d];
    });
    return best;
  }

  draw() {
    const width = this.width(), end = this.left + width, parts = [], seen = new Set();
    this.used.forEach((lane, i) => {
      const y = i * this.lane;
      parts.push(svg('rect', {x: 0, y, width: end + 20, height: this.lane, class: i % 2 ? 'lane odd' : 'lane'}),
        svg('text', {x: 8, y: y + 17, class: 'name'}, lanes[lane][0]));
    });
    const bottom = this.used.length * this.lane;
    // So many digits that two labels beside one another differ.
    const first = this.map.time(this.from), last = this.map.time(this.to);
    const digits = Math.min(3 + Math.max(Math.floor(Math.log10(last / (last - first || 1)) || 0), 0), 12);
    for (let x = this.left; x < end - 60; x += 130) {
      parts.push(svg('line', {x1: x, x2: x, y1: 0, y2: bottom, class: 'tick'}),
        svg('text', {x, y: bottom + 17, class: 'time'}, span(Math.round(this.map.time(this.from + (x - this.left) / width * (this.to - this.from))), digits)));
    }
    const marks = [];
    this.events.forEach((e, i) => {
      const x = this.x(this.map.u[i]);
      if (i && this.shortened && e.t - this.events[i - 1].t >= 1e9) {
        const before = Math.max(this.x(this.map.u[i - 1]), this.left);
        if (x > before + 4 && before < end && x > this.left) {
          parts.push(svg('rect', {x: before + 2, width: Math.min(x, end) - before - 4 > 0 ? Math.min(x, end) - before - 4 : 0, y: 0, height: bottom, class: 'idle'}));
          if (x - before > 46) parts.push(svg('text', {x: (before + Math.min(x, end)) / 2, y: bottom / 2, class: 'idletext'}, span(e.t - this.events[i - 1].t)));
        }
      }
      if (x < this.left - 1 || x > end + 8) return;
      const lane = this.used.indexOf(e.lane), y = lane * this.lane + this.lane / 2, chosen = e === this.chosen;
      const spot = lane + '/' + Math.round(x / 3);
      if (!e.step && !chosen && seen.has(spot)) return;
      seen.add(spot);
      const g = svg('g', {class: 'event' + (e.step ? ' step' : '') + (chosen ? ' chosen' : '') + (e.kind.startsWith('gap') ? ' gap' : '')});
      g.append(svg('circle', {cx: x, cy: y, r: e.step ? 9 : 4}), svg('title', {}, `${e.kind} ${e.text}`));
      if (e.step) g.append(svg('text', {x, y: y + 4}, e.step));
      marks[e.step || chosen ? 'push' : 'unshift'](g);
    });
    this.picture.replaceChildren(...parts, ...marks);
    this.range.textContent = `${clock(Math.max(this.map.time(this.from), 0))} to ${clock(this.map.time(this.to))}`;
    this.picture.dataset.from = this.from;
    this.picture.dataset.to = this.to;
  }

  select(event) {
    this.chosen = event;
    const u = this.map.u[this.events.indexOf(event)];
    if (u < this.from || u > this.to) this.set(u - (this.to - this.from) / 2, u + (this.to - this.from) / 2);
    else this.draw();
  }
}

// details shows all fields of an event.
function details(host, e) {
  const table = el('table', {className: 'fields'}, el('tbody', {}, ...(e.fields || []).filter(([, value]) => value !== '')
    .map(([name, value]) => el('tr', {}, el('th', {scope: 'row', textContent: name}), el('td', {textContent: value})))));
  host.replaceChildren(el('h3', {textContent: `${e.kind} #${e.seq}`}),
    el('p', {className: 'muted', textContent: [e.t >= 0 ? clock(e.t) : '', e.tid ? `thread ${e.tid}` : '', e.step ? `step ${e.step}` : '', e.stage].filter(Boolean).join(' · ')}), table);
  if (e.calls?.length) host.append(el('p', {}, 'Proved by ', ...e.calls.flatMap(seq => [seqButton(seq), ' '])));
}

views.timeline = async (article, panel) => {
  const events = await block(article, 'events') || [];
  events.sort((a, b) => a.seq - b.seq);
  events.forEach((e, i) => { if (e.t < 0) e.t = i ? events[i - 1].t : 0; }); // a gap is where it was found
  const bySeq = new Map(events.map(e => [e.seq, e]));
  const side = el('aside', {className: 'details', ariaLabel: 'The event', tabIndex: -1});
  side.append(el('p', {className: 'muted', textContent: 'Choose an event for all of its fields.'}));

  let list;
  const line = new Timeline(panel, events, e => { reset(e); list.go(list.rows.indexOf(e)); });
  const search = el('input', {type: 'search', placeholder: 'Search events', ariaLabel: 'Search events'});
  const kind = el('select', {ariaLabel: 'Kind of event'}), steps = el('input', {type: 'checkbox'}), count = cell('muted count', '');
  const kinds = new Map();
  for (const e of events) kinds.set(e.kind, (kinds.get(e.kind) || 0) + 1);
  choices(kind, 'all kinds', kinds);
  const both = el('div', {className: 'both'});
  panel.append(el('div', {className: 'bar'}, search, kind, el('label', {}, steps, ' matched by a step'), count), both);
  list = new List(both, 'Events', 24, (e, row) => {
    row.classList.toggle('step', !!e.step);
    row.classList.toggle('gap', e.kind.startsWith('gap'));
    row.append(cell('c-step', e.step || ''), cell('c-time', clock(e.t)), cell('c-kind', e.kind), cell('c-text', e.text));
  }, e => { details(side, e); line.select(e); });
  both.append(side);
  const filter = () => {
    const text = search.value.toLowerCase();
    list.set(events.filter(e => (!kind.value || e.kind === kind.value) && (!steps.checked || e.step) &&
      (!text || (e.kind + ' ' + e.text).toLowerCase().includes(text) || e.fields?.some(f => f[1].toLowerCase().includes(text)))));
    count.textContent = `${list.rows.length} of ${events.length}`;
  };
  // reset clears the filters where they hide an event.
  const reset = e => {
    if (list.rows.includes(e)) return;
    search.value = kind.value = '';
    steps.checked = false;
    filter();
  };
  for (const input of [search, kind, steps]) input.addEventListener('input', filter);
  filter();
  return {
    search, has: seq => bySeq.has(seq),
    show(seq) {
      const e = bySeq.get(seq);
      reset(e);
      list.go(list.rows.indexOf(e));
      list.box.focus();
    },
  };
};
