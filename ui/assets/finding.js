// Within a document: search, its matches one by one, and the outline.
const finding = {query: '', matches: [], total: 0, at: -1};

function beginFinding() {
  Object.assign(finding, {query: '', matches: [], total: 0, at: -1});
}

const currentMatch = () => finding.matches[finding.at];

// The matches on a page, those nearest to the current one if there are too many.
function matchesOn(page, most) {
  const on = finding.matches.filter((match) => match.shown === page);
  const at = Math.max(on.indexOf(currentMatch()) - most / 2, 0);
  return on.slice(at, at + most);
}

async function findText(query) {
  finding.query = query;
  const found = query.trim() ? await post('find', {...version(), query}) : {total: 0, matches: []};
  if (finding.query !== query || !theReader()) return;
  if (found.message) { toast(found.message); return; }
  finding.total = found.total;
  finding.matches = found.matches.map(([start, end, page, last]) => ({start, end, last, shown: page}));
  const from = showsPages() ? null : Number(theReader().dataset.start ?? sheets.opened.start ?? 0);
  const next = finding.matches.findIndex((match) => (from === null ? match.shown >= sheets.page : match.start >= from));
  finding.at = finding.matches.length ? Math.max(next, 0) : -1;
  markText();
  if (finding.matches.length || !showsPages()) await showMatch();
  else { showCount(); showPage(sheets.page); }
}

function showCount() {
  const {matches, total, at, query} = finding;
  const values = {n: (at + 1).toLocaleString('en'), total: total.toLocaleString('en'), listed: matches.length.toLocaleString('en')};
  const key = !matches.length ? 'no_matches' : matches.length < total ? 'match_first' : 'match_n';
  const keys = {no_matches: say('no_matches'), match_first: say('match_first', values), match_n: say('match_n', values)};
  $('#reader .matches').textContent = query.trim() ? keys[key] : '';
}

function stepMatch(step) {
  const count = finding.matches.length;
  if (!count) return;
  finding.at = (finding.at + step + count) % count;
  showMatch();
}

async function showMatch() {
  showCount();
  const match = currentMatch();
  if (!match) return;
  if (showsText()) {
    await textAt(match.start);
    showCurrentMark();
  }
  if (!showsPages() || !match.shown) return;
  const drawn = () => sheets.places.find(({kind, start}) => kind === 'match' && start === match.start);
  if (sheets.page !== match.shown || !drawn()) await showPage(match.shown);
  if (match !== currentMatch()) return;
  if (drawn() && !drawn().boxes.length && match.shown < match.last) {  // it stands overleaf
    match.shown += 1;
    await showPage(match.shown);
  }
  drawMarks();
  scrollPaper('mark');
}

// Marks are put around the text nodes, so that the text itself stays as it is.
function markText() {
  for (const mark of $$('#reader .text mark.match')) {
    const parent = mark.parentNode;
    mark.replaceWith(...mark.childNodes);
    parent.normalize();
  }
  const parts = $$('#reader .text [data-start]');
  let at = 0;
  finding.matches.forEach((match, number) => {
    while (at + 1 < parts.length && Number(parts[at + 1].dataset.start) <= match.start) at += 1;
    const first = parts[at] ? match.start - Number(parts[at].dataset.start) : -1;
    if (first >= 0 && first < lengthOf(parts[at].textContent)) {
      markPart(parts[at], first, first + match.end - match.start, number);
    }
  });
  showCurrentMark({scroll: false});
}

function markPart(part, first, last, number) {
  const text = part.textContent;
  const [start, end] = [indexOf(text, first), indexOf(text, last)];
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  let passed = 0;
  for (const node of nodes) {
    const length = node.data.length;
    const [from, to] = [Math.max(start - passed, 0), Math.min(end - passed, length)];
    passed += length;
    if (from >= to) continue;
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    const mark = element('<mark class="match"></mark>');
    mark.dataset.match = number;
    range.surroundContents(mark);
  }
}

function showCurrentMark({scroll = true} = {}) {
  $$('#reader .text mark.current').forEach((mark) => mark.classList.remove('current'));
  const marks = $$(`#reader .text mark[data-match="${finding.at}"]`);
  marks.forEach((mark) => mark.classList.add('current'));
  if (scroll) marks[0]?.scrollIntoView({block: 'center'});
}

async function toggleOutline(button) {
  const outline = $('#reader .outline');
  outline.hidden = !outline.hidden;
  button.setAttribute('aria-expanded', String(!outline.hidden));
  if (outline.hidden || outline.childElementCount) return;
  const found = await post('outline', version());
  if (!outline.isConnected) return;
  if (found.message) { toast(found.message); return; }
  outline.innerHTML = found.html;
  $('button', outline)?.focus();
}

async function openOutlineEntry(entry) {
  if (isNarrow()) toggleOutline($('#reader .outlined'));
  const {start, page} = entry.dataset;
  if (showsText()) (await textAt(Number(start)))?.scrollIntoView({block: 'start'});
  if (showsPages() && page) await showPage(Number(page), {to: 'start'});
}

function listenToFinding() {
  const reader = $('#reader');
  const search = later(250, (box) => box.isConnected && findText(box.value));
  reader.addEventListener('input', (event) => {
    if (event.target.matches('.finder input')) search(event.target);
  });
  reader.addEventListener('click', (event) => {
    const at = (selector) => event.target.closest(selector);
    if (at('.tool.match')) stepMatch(Number(at('.tool.match').dataset.step));
    if (at('.outlined')) toggleOutline(at('.outlined'));
    if (at('.outline button')) openOutlineEntry(at('.outline button'));
  });
  reader.addEventListener('keydown', (event) => {
    const box = event.target.closest('.finder input');
    if (event.key === 'F3' || (box && event.key === 'Enter')) {
      event.preventDefault();
      if (box && box.value !== finding.query) findText(box.value);
      else stepMatch(event.shiftKey ? -1 : 1);
    } else if (box?.value && event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      box.value = '';
      findText('');
    }
  });
}
