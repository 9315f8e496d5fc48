'use strict';

// The page: scenarios, tabs, theme, keys. Text of a guest reaches the document
// through textContent and setAttribute alone.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// el makes an element: properties, then children or text.
function el(tag, properties = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in e) e[name] = value;
    else e.setAttribute(name, value);
  }
  e.append(...children);
  return e;
}

const SVG = 'http://www.w3.org/2000/svg';
function svg(tag, attributes = {}, text) {
  const e = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  if (text !== undefined) e.textContent = text;
  return e;
}

// block unpacks the data of that name once; null if the scenario has none.
const blocks = new Map();
function block(article, name) {
  const key = article.id + '/' + name;
  if (!blocks.has(key)) blocks.set(key, unpack($(`script[data-block="${name}"]`, article)));
  return blocks.get(key);
}

async function unpack(script) {
  if (!script) return null;
  const letters = atob(script.textContent.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const value = await new Response(stream).json();
  script.remove();
  return value;
}

// clock is a virtual time of so many ns, as text reports write it.
function clock(ns) {
  const ms = Math.floor(ns / 1e6), pad = (n, width = 2) => String(n).padStart(width, '0');
  const days = Math.floor(ms / 864e5);
  return (days ? days + 'd ' : '') + pad(Math.floor(ms / 36e5) % 24) + ':' + pad(Math.floor(ms / 6e4) % 60) + ':' +
    pad(Math.floor(ms / 1000) % 60) + '.' + pad(ms % 1000, 3) + pad(Math.floor(ns / 1000) % 1000, 3);
}

// span is a length of time with the unit that suits it, to so many digits.
function span(ns, digits = 3) {
  for (const [size, unit] of [[864e11, 'd'], [36e11, 'h'], [6e10, 'min'], [1e9, 's'], [1e6, 'ms'], [1e3, 'µs']]) {
    if (ns >= size) return +(ns / size).toPrecision(digits) + ' ' + unit;
  }
  return ns + ' ns';
}

const say = text => { $('#status').textContent = text; };

// A view fills a panel when it is first opened and returns what keys and links
// may ask of it: {show(seq), search}.
const views = {};
const opened = new Map();

let current = null; // the article that is shown

function view(article, tab) {
  const key = article.id + '/' + tab;
  if (!opened.has(key)) {
    const panel = $(`[data-panel="${tab}"]`, article);
    opened.set(key, views[tab] ? views[tab](article, panel) : Promise.resolve({search: $('input[type=search]', panel)}));
  }
  return opened.get(key);
}

const tabOf = article => $('[role=tab][aria-selected=true]', article).dataset.tab;

function openScenario(n, tab) {
  const article = $(`#scenario-${n}`);
  if (!article) return;
  current = article;
  for (const a of $$('article.scenario')) a.hidden = a !== article;
  for (const a of $$('#scenarios a')) {
    if (a.dataset.scenario === String(n)) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  }
  return openTab(article, tab || tabOf(article));
}

function openTab(article, tab) {
  const tabs = $$('[role=tab]', article);
  if (!tabs.some(t => t.dataset.tab === tab)) tab = tabs[0].dataset.tab;
  for (const t of tabs) {
    const chosen = t.dataset.tab === tab;
    t.setAttribute('aria-selected', chosen);
    t.tabIndex = chosen ? 0 : -1;
  }
  for (const p of $$('[role=tabpanel]', article)) p.hidden = p.dataset.panel !== tab;
  history.replaceState(null, '', `#${article.id.slice('scenario-'.length)}/${tab}`);
  return view(article, tab);
}

// show goes to an event, or to a call that is none.
async function show(seq) {
  const article = current;
  for (const tab of ['timeline', 'calls']) {
    const v = await view(article, tab);
    if (!v.has || !v.has(seq)) continue;
    await openTab(article, tab);
    v.show(seq);
    return;
  }
  say(`#${seq} is not in this report`);
}

function filterScenarios() {
  const text = $('#filter').value.toLowerCase();
  const chosen = $$('.chip[aria-pressed=true]').map(c => c.dataset.verdict);
  let shown = 0;
  for (const li of $$('#scenarios li')) {
    li.hidden = !li.dataset.text.toLowerCase().includes(text) || chosen.length > 0 && !chosen.includes(li.dataset.verdict);
    if (!li.hidden) shown++;
  }
  $('#none').hidden = shown > 0;
}

function step(by) {
  const links = $$('#scenarios li:not([hidden]) a');
  const at = links.findIndex(a => a.hasAttribute('aria-current'));
  const next = links[Math.min(Math.max(at + by, 0), links.length - 1)];
  if (!next) return;
  openScenario(next.dataset.scenario);
  next.focus();
}

// clean writes characters that cannot be seen as escapes, as Go does for the
// rest of the page.
const clean = text => String(text).replace(/[\p{C}\u2028\u2029]/gu, c => '\\u{' + c.codePointAt(0).toString(16) + '}');

// explain says why a rule fired or did not.
function explain({rule, checks}) {
  const p = (...parts) => el('p', {}, ...parts), muted = text => el('span', {className: 'muted', textContent: clean(text)});
  const status = (name, text = name) => el('span', {className: 'status ' + name, textContent: text});
  const list = (items, make) => el('ul', {}, ...(items || []).map(item => el('li', {}, ...make(item))));
  const seqs = numbers => (numbers || []).filter(Boolean).flatMap(n => [' ', seqButton(n)]);
  const about = [rule.title, rule.id, rule.file + (rule.line ? ':' + rule.line : ''), rule.level, ...rule.attack || []];
  const parts = [p(muted(about.filter(Boolean).join(' · ')))];
  for (const c of checks || []) {
    parts.push(p(status(c.status), ` ${c.kind.replaceAll('_', ' ')}: want ${clean(c.want)}, got ${clean(c.got)}`));
    for (const note of [c.why, c.hint && 'hint: ' + c.hint, c.doubt && 'doubt: ' + c.doubt.text, ...c.revisions || []]) if (note) parts.push(p(muted(note)));
  }
  if (rule.fires) {
    parts.push(el('h4', {textContent: 'Why it fired'}), list(rule.fires, f => [clean(f.on), ' ', f.stage ? el('span', {className: 'stage', textContent: clean(f.stage)}) : '', ...seqs(f.seqs),
      el('table', {className: 'misses'}, el('tbody', {}, ...(f.evidence || []).map(e => el('tr', {}, el('td', {textContent: clean(e.term)}),
        el('td', {textContent: e.offset === undefined ? '' : '0x' + e.offset.toString(16).toUpperCase()}), el('td', {}, el('code', {textContent: clean(e.text)}))))))]));
  }
  if (rule.silence) {
    parts.push(el('h4', {textContent: 'Why it is silent'}), p(clean(rule.silence.reason)), list(rule.silence.terms, t => [
      t.holds ? status('pass', 'holds') : status('fail', 'does not hold'), ' ' + clean(t.name), t.on ? muted(' nearest ' + t.on) : '', ...seqs([t.seq]),
      list(t.misses, miss => [el('code', {textContent: clean(miss)})])]));
  }
  if (!rule.fires && !rule.silence) parts.push(p(muted('It did not fire; with so many rules not each is explained.')));
  return parts;
}

// The detection matrix: rows open, and are searched.
views.detect = async (article, panel) => {
  const search = $('.rulefilter', panel), state = $('.rulestate', panel), rows = $$('tr.rule', panel);
  const filter = () => {
    const text = search.value.toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const is = row.dataset.state, fired = row.dataset.fired === 'true';
      const wanted = {'': true, fired, silent: !fired, declared: is !== '', bad: is === 'fail' || is === 'inconclusive'}[state.value];
      row.hidden = !wanted || !row.dataset.text.toLowerCase().includes(text);
      if (row.more) row.more.hidden = row.hidden || $('.open', row).getAttribute('aria-expanded') === 'false';
      if (!row.hidden) shown++;
    }
    $('.count', panel).textContent = `${shown} of ${rows.length}`;
  };
  for (const row of rows) {
    row.addEventListener('click', async () => {
      const button = $('.open', row), open = button.getAttribute('aria-expanded') === 'false';
      button.setAttribute('aria-expanded', open);
      if (!row.more) {
        const rules = await block(article, 'rules');
        row.more = el('tr', {className: 'more'}, el('td', {colSpan: row.cells.length}, ...rules ? explain(rules[row.dataset.at]) : ['This is left out: the page has a limit.']));
        row.after(row.more);
      }
      row.more.hidden = button.getAttribute('aria-expanded') === 'false';
    });
  }
  panel.addEventListener('keydown', event => {
    const by = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!by || !event.target.classList.contains('open')) return;
    event.preventDefault();
    const visible = rows.filter(r => !r.hidden);
    const next = visible[visible.indexOf(event.target.closest('tr')) + by];
    if (next) $('.open', next).focus();
  });
  search.addEventListener('input', filter);
  state.addEventListener('change', filter);
  filter();
  return {search};
};

// Of expectations the reader looks for the first that does not hold.
views.expect = async (article, panel) => {
  $('li.fail, li.inconclusive', panel)?.scrollIntoView({block: 'center'});
  return {};
};

function start() {
  document.documentElement.classList.add('js');
  $('#filter').addEventListener('input', filterScenarios);
  for (const chip of $$('.chip')) {
    chip.addEventListener('click', () => {
      chip.setAttribute('aria-pressed', chip.getAttribute('aria-pressed') === 'false');
      filterScenarios();
    });
  }
  const themes = ['auto', 'light', 'dark'];
  $('#theme').addEventListener('click', event => {
    const root = document.documentElement;
    const next = themes[(themes.indexOf(root.dataset.theme || 'auto') + 1) % themes.length];
    root.dataset.theme = next;
    event.target.textContent = 'Theme: ' + next;
  });
  $('#help').addEventListener('click', event => {
    $('#keys').hidden = !$('#keys').hidden;
    event.target.setAttribute('aria-expanded', !$('#keys').hidden);
  });
  document.addEventListener('click', event => {
    const scenario = event.target.closest('[data-scenario]'), tab = event.target.closest('[role=tab]'), link = event.target.closest('[data-seq]');
    if (scenario) {
      event.preventDefault();
      openScenario(scenario.dataset.scenario);
    } else if (tab) openTab(tab.closest('article'), tab.dataset.tab);
    else if (link) show(Number(link.dataset.seq));
  });
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target, typing = target.matches('input, select, textarea');
    if (event.key === 'Escape' && typing) {
      target.blur();
      return;
    }
    if (typing) return;
    if (target.matches('[role=tab]') && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      const tabs = $$('[role=tab]', target.parentElement);
      const next = tabs[(tabs.indexOf(target) + (event.key === 'ArrowRight' ? 1 : tabs.length - 1)) % tabs.length];
      openTab(target.closest('article'), next.dataset.tab);
      next.focus();
      event.preventDefault();
    } else if (target.matches('svg [data-seq]') && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      show(Number(target.dataset.seq));
    } else if (event.key === '/') {
      event.preventDefault();
      view(current, tabOf(current)).then(v => (v.search || $('#filter')).focus());
    } else if (event.key === '[' || event.key === ']') step(event.key === ']' ? 1 : -1);
  });
  for (const article of $$('article.scenario')) {
    const tabs = $$('[role=tab]', article);
    const first = tabs.find(t => t.dataset.tab === 'chain') || tabs[0];
    for (const t of tabs) t.setAttribute('aria-selected', t === first);
  }
  const [n, tab] = location.hash.slice(1).split('/');
  const worst = $('#scenarios li:not([data-verdict=pass]) a') || $('#scenarios a');
  if (worst) openScenario($(`#scenario-${Number(n)}`) && n !== '' ? Number(n) : worst.dataset.scenario, tab);
}

document.addEventListener('DOMContentLoaded', start);
