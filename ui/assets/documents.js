// The documents of the library: a tree of folders or one list, of which only what shows is drawn.
const ROW = 46;  // pixels, as in documents.css
const BEYOND = 4;  // rows drawn above and below what shows
const OPEN_ALL = 200;  // documents: a library of no more begins with all folders open
const numbers = new Intl.NumberFormat();
const STATUSES = ['unseen', 'read', 'relevant', 'irrelevant'];
const shelfList = {
  columns: null, version: '', count: 0, removable: false, status: [], tags: [], haystacks: [],
  root: null, scrolled: 0, brief: false, opened: new Set(), entries: [], active: 0, tree: true, order: 'name', reverse: false,
  drawn: new Map(), spare: [], rowOf: new Map(),
};
quoth.documents = shelfList;
// Asked for at once, while Gradio draws its frame.
let rowsAsked = fetchRows();

async function fetchRows() {
  const response = await fetch(`${base}page/documents/rows`);
  if (response.status === 401) location.reload();
  return response.ok ? response.json() : null;
}

// Take up the rows of a version that is not the one shown.
async function showVersion(version, removable) {
  shelfList.removable = removable;
  if (version === shelfList.version) return;
  let columns = await rowsAsked;
  if (columns?.version !== version) columns = await (rowsAsked = fetchRows());
  if (columns) takeColumns(columns);
}

function takeColumns(columns) {
  const count = columns.names.length;
  const first = !shelfList.columns;
  Object.assign(shelfList, {columns, version: columns.version, count, haystacks: [], rowOf: new Map()});
  shelfList.status = new Uint8Array(count);
  shelfList.tags = [];
  columns.marked.forEach((row, at) => {
    shelfList.status[row] = columns.statuses[at];
    if (columns.tags[at].length) shelfList.tags[row] = columns.tags[at];
  });
  shelfList.types = columns.names.map(typeOf);
  shelfList.root = folderTree(columns.names);
  if (first && count <= OPEN_ALL) openAll();
  offerFilters();
  arrange();
  whenIdle(fillHaystacks);
  document.dispatchEvent(new Event('quoth-documents'));
}

function typeOf(name) {
  const dot = name.lastIndexOf('.');
  return dot > name.lastIndexOf('/') + 1 ? name.slice(dot + 1).toLowerCase() : '';
}

function folderTree(names) {
  const root = {path: '', name: '', folders: [], rows: [], above: null};
  const byPath = new Map([['', root]]);
  const folder = (path) => {
    let found = byPath.get(path);
    if (found) return found;
    const cut = path.lastIndexOf('/');
    const above = folder(cut < 0 ? '' : path.slice(0, cut));
    found = {path, name: path.slice(cut + 1), folders: [], rows: [], above};
    above.folders.push(found);
    byPath.set(path, found);
    return found;
  };
  names.forEach((name, row) => {
    const cut = name.lastIndexOf('/');
    folder(cut < 0 ? '' : name.slice(0, cut)).rows.push(row);
  });
  shelfList.folders = byPath;
  return root;
}

function openAll() { for (const path of shelfList.folders.keys()) shelfList.opened.add(path); }

shelfList.showAll = () => { shelfList.tree = false; arrange(); };

// Searching: every word must stand in name, title, author or sender, however it is accented.
function fold(text) {
  const plain = text.toLowerCase();
  return /^[\x00-\x7f]*$/.test(plain) ? plain : plain.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
}

function haystack(row) {
  const {columns, haystacks} = shelfList;
  return haystacks[row] ??= fold(`${columns.names[row]}\n${columns.titles[row]}\n${columns.people[columns.person[row]]}`);
}

function whenIdle(work) { (window.requestIdleCallback ?? ((act) => setTimeout(act, 1)))(work); }

function fillHaystacks() {
  const {columns, haystacks, count} = shelfList;
  const end = performance.now() + 8;
  while (haystacks.length < count) {
    haystack(haystacks.length);
    if (!(haystacks.length % 100) && performance.now() > end) break;
  }
  if (haystacks.length < count && columns === shelfList.columns) whenIdle(fillHaystacks);
}

// What the filters ask for; an empty value asks for nothing.
function chosenFilters() {
  const value = (name) => $(`#narrow [name="${name}"]`)?.value ?? '';
  const names = ['type', 'status', 'tag', 'language', 'person', 'since', 'before'];
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}

function dateOf(row) { return shelfList.columns.dates[row] || shelfList.columns.modified[row]; }

function tests() {
  const {columns, types, status, tags} = shelfList;
  const asked = chosenFilters();
  const all = [];
  if (asked.type) all.push((row) => types[row] === asked.type);
  if (asked.status) all.push((row) => STATUSES[status[row]] === asked.status);
  if (asked.tag) all.push((row) => tags[row]?.includes(asked.tag));
  if (asked.language) all.push((row) => columns.languages[columns.language[row]] === asked.language);
  if (asked.since) all.push((row) => dateOf(row) >= asked.since);
  if (asked.before) all.push((row) => dateOf(row) && dateOf(row) < asked.before);
  if (asked.person.trim()) {
    const wanted = fold(asked.person.trim());
    const fits = columns.people.map((name) => name && fold(name).includes(wanted));
    all.push((row) => fits[columns.person[row]]);
  }
  for (const word of fold($('#find').value).split(/\s+/).filter(Boolean)) all.push((row) => haystack(row).includes(word));
  return all;
}

function comparison() {
  const {columns, types} = shelfList;
  const {ranks, sizes, language, languages} = columns;
  const text = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const by = {
    name: () => 0,
    date: (a, b) => text(dateOf(a), dateOf(b)),
    size: (a, b) => sizes[a] - sizes[b],
    type: (a, b) => text(types[a], types[b]),
    language: (a, b) => text(languages[language[a]], languages[language[b]]),
  }[shelfList.order];
  const sign = shelfList.reverse ? -1 : 1;
  return (a, b) => sign * (by(a, b) || ranks[a] - ranks[b]);
}

// Decide what is listed, in which order, and draw it from the top, or from where one was.
function arrange({keep = false} = {}) {
  if (!shelfList.columns) return;
  const all = tests();
  const {count, root} = shelfList;
  const fits = all.length ? Uint8Array.from({length: count}, (_, row) => Number(all.every((test) => test(row)))) : null;
  const compare = comparison();
  const found = $('#find').value.trim() !== '';
  shelfList.flat = found || !shelfList.tree;
  shelfList.entries = [];
  let shown = 0;
  if (shelfList.flat) {
    const rows = [];
    for (let row = 0; row < count; row += 1) if (!fits || fits[row]) rows.push(row);
    rows.sort(compare);
    shown = rows.length;
    shelfList.entries = rows.map((row, at) => ({row, level: 1, at: at + 1, of: shown}));
  } else {
    shown = counted(root, fits);
    addFolder(root, 1, fits, compare);
  }
  shelfList.shown = shown;
  const list = $('#documents');
  if (!keep) { list.scrollTop = 0; shelfList.active = 0; }
  shelfList.active = Math.max(0, Math.min(shelfList.active, shelfList.entries.length - 1));
  const count_ = $('#shown');
  count_.textContent = shown === count && !all.length ? '' : say('shown_of', {shown: shown.toLocaleString(), total: count.toLocaleString()});
  $('#none').textContent = !shown && count ? say('no_match') : '';
  $('#narrow .within').hidden = !withinFilters();
  redraw();
}

function counted(folder, fits) {
  folder.shown = folder.folders.reduce((sum, one) => sum + counted(one, fits), 0);
  folder.fitting = fits ? folder.rows.filter((row) => fits[row]) : folder.rows;
  folder.shown += folder.fitting.length;
  return folder.shown;
}

function addFolder(folder, level, fits, compare) {
  const {entries, opened} = shelfList;
  const folders = folder.folders.filter((one) => one.shown);
  if (shelfList.order === 'name' && shelfList.reverse) folders.reverse();
  const of = folders.length + folder.fitting.length;
  folders.forEach((one, at) => {
    entries.push({folder: one, level, at: at + 1, of});
    if (opened.has(one.path)) addFolder(one, level + 1, fits, compare);
  });
  [...folder.fitting].sort(compare).forEach((row, at) => entries.push({row, level, at: folders.length + at + 1, of}));
}

// Drawing: rows that scroll out of sight are used again for those that come into it.
function redraw() {
  for (const item of shelfList.drawn.values()) shelfList.spare.push(item);
  shelfList.drawn.clear();
  $('#documents ul').style.height = `${shelfList.entries.length * ROW}px`;
  draw();
  $('#documents').dataset.drawn = Number($('#documents').dataset.drawn ?? 0) + 1;
}

// While so much passes by that nobody can read it, names are all that is drawn.
function drawWhileScrolling() {
  const {scrollTop, clientHeight} = $('#documents');
  shelfList.brief = Math.abs(scrollTop - shelfList.scrolled) > clientHeight;
  shelfList.scrolled = scrollTop;
  draw();
  if (shelfList.brief) drawWhole();
}

const drawWhole = later(90, () => {
  shelfList.brief = false;
  for (const [at, item] of shelfList.drawn) if (item.brief) fill(item, at);
  draw();
});

function draw() {
  const list = $('#documents');
  const tree = $('ul', list);
  const {entries, drawn, spare} = shelfList;
  const {scrollTop, clientHeight} = list;
  const beyond = shelfList.brief ? 0 : BEYOND;
  const first = Math.max(0, Math.floor(scrollTop / ROW) - beyond);
  const last = Math.min(entries.length, Math.ceil((scrollTop + clientHeight) / ROW) + beyond);
  const focused = document.activeElement?.closest?.('#documents li');
  for (const [at, item] of drawn) {
    if ((at < first || at >= last) && item !== focused && at !== shelfList.active) { drawn.delete(at); spare.push(item); }
  }
  for (let at = first; at < last; at += 1) if (!drawn.has(at)) take(at);
  if (entries.length && !drawn.has(shelfList.active)) take(shelfList.active);
  for (const item of spare) item.remove();
  if (spare.length > 60) spare.length = 60;
  // Whoever reads the list aloud goes by the order of its elements.
  let next = tree.firstElementChild;
  for (const at of [...drawn.keys()].sort((a, b) => a - b)) {
    while (next && Number(next.dataset.at) > at) {
      const later = next.nextElementSibling;
      next.remove();
      next = later;
    }
    const item = drawn.get(at);
    if (item === next) next = next.nextElementSibling;
    else tree.insertBefore(item, next);
  }
  function take(at) {
    const item = spare.shift() ?? newItem();
    fill(item, at);
    drawn.set(at, item);
  }
}

function newItem() {
  const item = element('<li role="treeitem"><span class="twist" aria-hidden="true"></span><div class="said"><bdi class="name"></bdi><span class="about"><bdi class="where"></bdi><span class="rest"></span></span></div><span class="acts"></span></li>');
  item.parts = {said: $('.said', item), name: $('.name', item), where: $('.where', item), rest: $('.rest', item), acts: $('.acts', item)};
  return item;
}

function fill(item, at) {
  const entry = shelfList.entries[at];
  const {row, folder, level} = entry;
  const {said, name, where, rest, acts} = item.parts;
  item.style.transform = `translateY(${at * ROW}px)`;
  item.style.setProperty('--level', level - 1);
  item.dataset.at = at;
  item.tabIndex = at === shelfList.active ? 0 : -1;
  item.ariaLevel = level;
  item.ariaPosInSet = entry.at;
  item.ariaSetSize = entry.of;
  if (acts.firstChild) acts.replaceChildren();
  item.brief = Boolean(shelfList.brief);
  if (item.brief && row !== undefined) {
    const whole = shelfList.columns.names[row];
    item.className = 'file';
    item.removeAttribute('aria-expanded');
    said.className = 'said document';
    said.dataset.document = keyOf(row);
    item.ariaLabel = name.textContent = whole.slice(whole.lastIndexOf('/') + 1);
    where.textContent = rest.textContent = '';
    return;
  }
  if (folder) {
    const open = shelfList.opened.has(folder.path);
    item.className = open ? 'folder open' : 'folder';
    item.ariaExpanded = String(open);
    item.ariaLabel = `${folder.name}, ${folder.shown}`;
    said.className = 'said';
    delete said.dataset.document;
    name.textContent = folder.name;
    where.textContent = '';
    rest.textContent = numbers.format(folder.shown);
    said.title = folder.path;
  } else {
    const {columns, status, tags} = shelfList;
    const whole = columns.names[row];
    const cut = whole.lastIndexOf('/');
    const own = whole.slice(cut + 1);
    const state = STATUSES[status[row]];
    item.className = `file is-${state}`;
    item.removeAttribute('aria-expanded');
    said.className = 'said document';
    said.dataset.document = keyOf(row);
    said.title = columns.titles[row] ? `${whole}\n${columns.titles[row]}` : whole;
    name.textContent = own;
    const more = [columns.dates[row] || columns.modified[row], `${numbers.format(columns.passages[row])}\u00a0¶`, ...(tags[row] ?? []).map((tag) => `#${tag}`)];
    const place = shelfList.flat && cut > 0 ? whole.slice(0, cut) : '';
    where.textContent = place && `\u200e${place}\u200e`;
    rest.textContent = more.filter(Boolean).join(' · ');
    item.ariaLabel = [own, say(`status_${state}`), place, ...more].filter(Boolean).join(', ');
  }
  if (at === shelfList.active) addActs(item);
}

function keyOf(row) { return shelfList.columns.keys.slice(24 * row, 24 * row + 24); }

function rowOfKey(key) {
  const {rowOf, count} = shelfList;
  if (!rowOf.size) for (let row = 0; row < count; row += 1) rowOf.set(keyOf(row), row);
  return rowOf.get(key);
}

// The buttons of a row are made once one points at it or reaches it by keyboard.
function addActs(item) {
  const {acts} = item.parts;
  if (acts.firstChild) return;
  const {row, folder} = shelfList.entries[Number(item.dataset.at)];
  const name = folder ? folder.name : item.parts.name.textContent;
  const button = (kind, icon, label, pressed) => {
    const made = element('<button type="button"><svg class="icon" aria-hidden="true"><use/></svg></button>');
    made.className = `tool ${kind}`;
    $('use', made).setAttribute('href', `#icon-${icon}`);
    made.ariaLabel = made.title = label;
    if (pressed !== undefined) made.ariaPressed = String(pressed);
    acts.append(made);
  };
  if (folder) { button('within', 'within', say('ask_within', {name})); return; }
  const state = STATUSES[shelfList.status[row]];
  button('mark relevant', 'up', `${say('status_relevant')}: ${name}`, state === 'relevant');
  button('mark irrelevant', 'down', `${say('status_irrelevant')}: ${name}`, state === 'irrelevant');
  button('within', 'within', say('ask_within', {name}));
  if (shelfList.removable) button('remove', 'remove', say('remove', {document: shelfList.columns.names[row]}));
}

function activate(at, focus = true) {
  const before = shelfList.drawn.get(shelfList.active);
  shelfList.active = Math.max(0, Math.min(at, shelfList.entries.length - 1));
  const list = $('#documents');
  const top = shelfList.active * ROW;
  if (focus && top < list.scrollTop) list.scrollTop = top;
  if (focus && top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  draw();
  const item = shelfList.drawn.get(shelfList.active);
  if (before && before !== item) before.tabIndex = -1;
  if (!item) return;
  item.tabIndex = 0;
  addActs(item);
  if (focus) item.focus({preventScroll: true});
}

function toggleFolder(at, open) {
  const {folder} = shelfList.entries[at];
  const {opened} = shelfList;
  if (open ?? !opened.has(folder.path)) opened.add(folder.path); else opened.delete(folder.path);
  shelfList.active = at;
  const focused = document.activeElement?.closest?.('#documents li');
  arrange({keep: true});
  activate(at, Boolean(focused));
}

function openEntry(at) {
  const {row, folder} = shelfList.entries[at];
  if (folder) { toggleFolder(at); return; }
  if (isNarrow()) toggleShelf(false);
  openDocument({focus: () => activate(at)}, keyOf(row));
}

function onTreeKey(event) {
  const at = Number(event.target.closest('li')?.dataset.at ?? NaN);
  if (Number.isNaN(at) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('button') && ['Enter', ' '].includes(event.key)) return;
  const {entries} = shelfList;
  const {row, folder, level} = entries[at];
  const page = Math.max(1, Math.floor($('#documents').clientHeight / ROW) - 1);
  const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const moves = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1, PageDown: at + page, PageUp: at - page};
  if (event.key in moves) activate(moves[event.key]);
  else if (event.key === 'Enter' || event.key === ' ') openEntry(at);
  else if (event.key === 'Delete' && folder === undefined && shelfList.removable) removeDocument(keyOf(row));
  else if (event.key === forward) {
    if (folder && !shelfList.opened.has(folder.path)) toggleFolder(at, true);
    else if (folder) activate(at + 1);
  } else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
    if (folder && shelfList.opened.has(folder.path)) toggleFolder(at, false);
    else for (let above = at - 1; above >= 0; above -= 1) if (entries[above].level < level) { activate(above); break; }
  } else return;
  event.preventDefault();
}

// Marks: set here and on the server, in the list and in the reader.
async function sendMark(key, change) {
  const said = await post('mark', {key, ...change});
  if (said.message) toast(said.message);
  takeMark(said);
  return said;
}

function takeMark({key, status, tags, version, marks}) {
  if (!key) return;
  const row = shelfList.columns ? rowOfKey(key) : undefined;
  if (row !== undefined) {
    shelfList.status[row] = STATUSES.indexOf(status);
    if (tags.length) shelfList.tags[row] = tags; else delete shelfList.tags[row];
    if (followsMine(version)) shelfList.version = version;
    for (const [at, item] of shelfList.drawn) if (shelfList.entries[at].row === row) fill(item, at);
    offerTags();
  }
  const bar = $(`#reader .marks[data-key="${key}"]`);
  if (bar && marks) bar.replaceWith(element(marks));
}

// Whether a version differs from the one shown by no more than the mark just set.
function followsMine(version) {
  const cut = version.lastIndexOf(' ');
  const [before, now] = [shelfList.version, version].map((one) => Number(one.slice(one.lastIndexOf(' '))));
  return shelfList.version.startsWith(version.slice(0, cut + 1)) && now <= before + 1;
}

// Asking within a folder, a document or what the filters leave.
function quoted(text) { return /[\s"]/.test(text) ? `"${text.replaceAll('"', '?')}"` : text; }

function askWithin(signs) {
  const box = $('#question textarea');
  const text = [box.value.trim(), signs].filter(Boolean).join(' ');
  if (isNarrow()) toggleShelf(false);
  type(`${text} `);
}

function withinFilters() {
  const asked = chosenFilters();
  const named = {type: 'type', status: 'status', tag: 'tag', person: 'author', since: 'after', before: 'before'};
  return Object.entries(named).filter(([name]) => asked[name].trim()).map(([name, sign]) => `${sign}:${quoted(asked[name].trim())}`).join(' ');
}

function offerFilters() {
  const {columns, types} = shelfList;
  offer('type', tally(types));
  offer('language', tally(columns.language.map((number) => columns.languages[number])), (code) => languageName(code));
  $('#people').replaceChildren(...columns.people.filter(Boolean).slice(0, 500).map((name) => new Option(name)));
  offerTags();
}

function offerTags() { offer('tag', tally(shelfList.tags.flat())); }

function tally(values) {
  const counts = new Map();
  for (const value of values) if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 500);
}

function offer(name, counts, label = (value) => value) {
  const select = $(`#narrow [name="${name}"]`);
  const chosen = select.value;
  select.replaceChildren(new Option(say('any'), ''), ...counts.map(([value, count]) => new Option(`${label(value)} (${count.toLocaleString()})`, value)));
  select.value = counts.some(([value]) => value === chosen) ? chosen : '';
}

function languageName(code) {
  try { return new Intl.DisplayNames([document.documentElement.lang], {type: 'language'}).of(code); } catch { return code; }
}

async function showUnread() {
  const {html} = await get('unread');
  const dialog = $('#unread');
  dialog.replaceChildren(element(html));
  dialog.showModal();
}

function listenToDocuments() {
  const list = $('#documents');
  let asked = false;
  list.addEventListener('scroll', () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; drawWhileScrolling(); });
  }, {passive: true});
  new ResizeObserver(() => { if (shelfList.columns) draw(); }).observe(list);
  const item = (event) => event.target.closest('#documents li');
  list.addEventListener('pointerover', (event) => { if (item(event)) addActs(item(event)); });
  list.addEventListener('focusin', (event) => { if (item(event) && Number(item(event).dataset.at) !== shelfList.active) activate(Number(item(event).dataset.at), false); });
  list.addEventListener('keydown', onTreeKey);
  list.addEventListener('click', (event) => {
    if (!item(event)) return;
    const at = Number(item(event).dataset.at);
    const {row, folder} = shelfList.entries[at];
    const button = event.target.closest('button');
    if (!button) { activate(at); openEntry(at); return; }
    if (button.matches('.remove')) removeDocument(keyOf(row));
    else if (button.matches('.within')) askWithin(folder ? `folder:${quoted(folder.path)}` : `document:${quoted(shelfList.columns.names[row])}`);
    else {
      const status = button.matches('.relevant') ? 'relevant' : 'irrelevant';
      sendMark(keyOf(row), {status: button.ariaPressed === 'true' ? 'read' : status});
    }
  });
  $('#find').addEventListener('input', () => requestAnimationFrame(() => arrange()));
  $('#find').addEventListener('keydown', (event) => { if (event.key === 'ArrowDown' && shelfList.entries.length) { event.preventDefault(); activate(0); } });
  $('#narrow').addEventListener('input', later(60, () => arrange()));
  $('#arrange').addEventListener('input', (event) => { shelfList.order = event.target.value; arrange(); });
  $('#shelf').addEventListener('click', (event) => {
    const at = (selector) => event.target.closest(selector);
    if (at('#arrange .reverse')) { shelfList.reverse = !shelfList.reverse; at('.reverse').ariaPressed = String(shelfList.reverse); arrange(); }
    if (at('#arrange .tree')) { shelfList.tree = !shelfList.tree; at('.tree').ariaPressed = String(shelfList.tree); arrange(); }
    if (at('#narrow .within')) askWithin(withinFilters());
    if (at('#narrow .clear')) { for (const field of $$('#narrow [name]')) field.value = ''; arrange(); }
    if (at('.unread-line')) showUnread();
    if (at('#unread .close')) $('#unread').close();
  });
}

// The marks in the reader's head: a status is pressed, a tag typed or taken away.
function listenToMarks() {
  const bar = (event) => event.target.closest('.marks');
  $('#reader').addEventListener('click', (event) => {
    const status = event.target.closest('.marks [data-status]');
    const tag = event.target.closest('.marks [data-untag]');
    if (status) sendMark(bar(event).dataset.key, {status: status.dataset.status});
    if (tag) sendMark(bar(event).dataset.key, {remove_tags: [tag.dataset.untag]});
  });
  $('#reader').addEventListener('submit', async (event) => {
    if (!bar(event)) return;
    event.preventDefault();
    const {key} = bar(event).dataset;
    const text = $('input', event.target).value.trim();
    if (text) await sendMark(key, {add_tags: [text]});
    $(`#reader .marks[data-key="${key}"] input`)?.focus();
  });
}
