
// Artifacts: bytes in hexadecimal, the strings in them, and as a file.

const shown = byte => byte >= 0x20 && byte < 0x7f;

// strings finds runs of at least five printable characters, of one byte or of
// two (UTF-16, little-endian).
function strings(bytes) {
  const found = [];
  for (const width of [1, 2]) {
    let from = -1;
    const ends = i => {
      if (from >= 0 && i - from >= 5 * width) {
        let text = '';
        for (let k = from; k < i; k += width) text += String.fromCharCode(bytes[k]);
        found.push([from, width === 1 ? 'ASCII' : 'UTF-16', text]);
      }
      from = -1;
    };
    for (const phase of width === 1 ? [0] : [0, 1]) {
      let i = phase;
      for (; i + width <= bytes.length; i += width) {
        if (shown(bytes[i]) && (width === 1 || bytes[i + 1] === 0)) from = from < 0 ? i : from;
        else ends(i);
      }
      ends(i);
    }
  }
  return found.sort((a, b) => a[0] - b[0]);
}

const hex = (n, width) => n.toString(16).padStart(width, '0');

views.artifacts = async (article, panel) => {
  const list = await block(article, 'artifacts') || [];
  if (!list.length) {
    panel.append(el('p', {className: 'muted', textContent: 'The run left no artifacts.'}));
    return {};
  }
  const names = el('div', {className: 'names', role: 'group', ariaLabel: 'Artifacts'}), body = el('div', {className: 'artifact'});
  panel.append(el('div', {className: 'both artifacts'}, names, body));
  const open = (a, button) => {
    for (const b of names.children) b.setAttribute('aria-pressed', b === button);
    const letters = atob(a.data || ''), bytes = Uint8Array.from(letters, c => c.charCodeAt(0)), whole = bytes.length === a.size;
    const download = el('button', {type: 'button', textContent: whole ? 'Download' : 'Download the part', disabled: !bytes.length, onclick() {
      const url = URL.createObjectURL(new Blob([bytes], {type: 'application/octet-stream'}));
      el('a', {href: url, download: whole ? a.name : a.name + '.part'}).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
    }});
    const host = el('div'), search = el('input', {type: 'search', placeholder: 'Search strings', ariaLabel: 'Search strings', hidden: true});
    const draw = {
      Hex() {
        search.hidden = true;
        const l = new List(host, 'Bytes of ' + a.name, 20, (at, row) => {
          const part = bytes.subarray(at, at + 16);
          row.append(cell('c-offset', hex(at, 8)), cell('c-hex', [...part].map((b, i) => hex(b, 2) + (i === 7 ? ' ' : '')).join(' ')),
            cell('c-ascii', [...part].map(b => shown(b) ? String.fromCharCode(b) : '·').join('')));
        });
        l.set(Array.from({length: Math.ceil(bytes.length / 16)}, (_, i) => i * 16));
      },
      Strings() {
        search.hidden = false;
        const all = strings(bytes);
        const l = new List(host, 'Strings of ' + a.name, 20, ([at, kind, text], row) => row.append(cell('c-offset', hex(at, 8)), cell('c-enc', kind), cell('c-text', text)));
        const filter = () => l.set(all.filter(s => s[2].toLowerCase().includes(search.value.toLowerCase())));
        search.oninput = filter;
        filter();
      },
    };
    const modes = Object.keys(draw).map(name => el('button', {type: 'button', textContent: name, onclick(event) {
      for (const m of modes) m.setAttribute('aria-pressed', m === event.target);
      host.replaceChildren();
      draw[name]();
    }}));
    body.replaceChildren(el('h3', {textContent: a.name}),
      el('p', {className: 'muted', textContent: `${a.kind} · ${a.size} bytes · sha256 ${a.sha256}` + (whole ? '' : ` · ${bytes.length} bytes of it are in this report`)}),
      el('div', {className: 'bar'}, ...modes, download, search), host);
    modes[0].click();
  };
  for (const a of list) {
    const button = el('button', {type: 'button', ariaPressed: false}, el('b', {textContent: a.name}), cell('sub', `${a.kind}, ${a.size} bytes`));
    button.addEventListener('click', () => open(a, button));
    names.append(button);
  }
  names.firstChild.click();
  return {};
};
