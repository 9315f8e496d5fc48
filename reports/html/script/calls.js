
// The call trace. Rows are numbers; what they show is looked up in columns when
// it comes into sight.
views.calls = async (article, panel) => {
  const began = performance.now();
  const calls = await block(article, 'calls');
  if (!calls) {
    panel.append(el('p', {className: 'muted', textContent: 'No calls were kept of this run.'}));
    return {};
  }
  const n = calls.seq.length, text = calls.strings;
  const seq = new Float64Array(n), time = new Float64Array(n), direct = new Set(calls.direct);
  for (let i = 0, s = 0, t = 0; i < n; i++) {
    seq[i] = s += calls.seq[i];
    time[i] = t += calls.time[i];
  }
  // The module of a caller: what is before the offset, or no module at all.
  const module = text.map(s => s.includes('+0x') ? s.slice(0, s.lastIndexOf('+')) : 'no module');
  const tally = (column, name) => {
    const counts = new Map();
    for (const i of column) counts.set(name(i), (counts.get(name(i)) || 0) + 1);
    return counts;
  };
  const dll = el('select', {ariaLabel: 'DLL that was called'}), thread = el('select', {ariaLabel: 'Thread'}), caller = el('select', {ariaLabel: 'Module of the caller'});
  choices(dll, 'every DLL', tally(calls.dll, i => text[i]));
  choices(thread, 'every thread', tally(calls.tid, String));
  choices(caller, 'every caller', tally(calls.caller, i => module[i]));
  const search = el('input', {type: 'search', placeholder: 'Search calls', ariaLabel: 'Search in names, arguments, results and callers'});
  const count = cell('muted count', ''), both = el('div', {className: 'both'});
  panel.append(el('div', {className: 'bar'}, search, dll, thread, caller, count), both);

  const side = el('aside', {className: 'details', ariaLabel: 'The call'});
  const result = i => text[calls.result[i]] + (calls.error[i] ? ` (last error ${calls.error[i]})` : '');
  const list = new List(both, 'Calls', 22, (i, row) => {
    const end = result(i);
    row.append(cell('c-seq', seq[i]), cell('c-time', clock(time[i])), cell('c-tid', calls.tid[i]), cell('c-caller', text[calls.caller[i]]),
      el('span', {className: 'c-text'}, cell('dll', (direct.has(i) ? 'syscall ' : '') + text[calls.dll[i]] + '!'), el('b', {textContent: text[calls.name[i]]}),
        `(${text[calls.args[i]].replaceAll('\n', ', ')})` + (end ? ' = ' + end : '')));
  }, i => {
    const row = (name, value) => el('tr', {}, el('th', {scope: 'row', textContent: name}), el('td', {textContent: value}));
    side.replaceChildren(el('h3', {textContent: `${text[calls.dll[i]]}!${text[calls.name[i]]} #${seq[i]}`}),
      el('table', {className: 'fields'}, el('tbody', {}, row('time', clock(time[i])), row('thread', calls.tid[i]), row('caller', text[calls.caller[i]]),
        ...text[calls.args[i]].split('\n').filter(Boolean).map(a => row(a.slice(0, a.indexOf('=')), a.slice(a.indexOf('=') + 1))), row('result', result(i)))));
  });
  side.append(el('p', {className: 'muted', textContent: 'Choose a call for its arguments, one below the other.'}));
  both.append(side);

  const lower = text.map(s => s.toLowerCase());
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    // Each text is searched once and not once for each call.
    const holds = words.map(word => lower.map(s => s.includes(word)));
    const rows = [];
    for (let i = 0; i < n; i++) {
      if (dll.value && text[calls.dll[i]] !== dll.value || thread.value && String(calls.tid[i]) !== thread.value || caller.value && module[calls.caller[i]] !== caller.value) continue;
      if (holds.every(h => h[calls.name[i]] || h[calls.args[i]] || h[calls.dll[i]] || h[calls.caller[i]] || h[calls.result[i]])) rows.push(i);
    }
    list.set(rows);
    count.textContent = `${rows.length.toLocaleString('en')} of ${calls.total.toLocaleString('en')}`;
  };
  for (const input of [search, dll, thread, caller]) input.addEventListener('input', filter);
  filter();
  panel.dataset.ready = Math.round(performance.now() - began); // ms, for tests
  const find = s => { // the sequence numbers rise
    let low = 0, high = n;
    while (low < high) {
      const middle = low + high >> 1;
      if (seq[middle] < s) low = middle + 1; else high = middle;
    }
    return seq[low] === s ? low : -1;
  };
  return {
    search, has: s => find(s) >= 0,
    show(s) {
      const i = find(s);
      if (!list.rows.includes(i)) {
        search.value = dll.value = thread.value = caller.value = '';
        filter();
      }
      list.go(list.rows.indexOf(i));
      list.box.focus();
    },
  };
};
