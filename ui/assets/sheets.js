// The two sides of the reader: pictures of a PDF's pages, and the text.
const VIEW = 'quoth.view';
const MOST_PLACES = 50;
// What is shown: `places` are spans of the text on this page, with their boxes on the picture.
const sheets = {opened: {}, page: 0, pages: 0, places: [], request: null};

const theReader = () => $('#reader .reader');
const showsPages = () => ['page', 'both'].includes(theReader()?.dataset.view);
const showsText = () => theReader()?.dataset.view !== 'page';
const version = () => ({key: theReader().dataset.key, sha256: theReader().dataset.sha});

function beginSheets(opened) {
  sheets.opened = opened;
  sheets.page = 0;
  sheets.request?.abort();
  for (const link of $$('#reader [data-source]')) link.href = base + link.dataset.source;
  let view = 'text';
  if ($('#reader .page-view')) view = chosenView();
  if (view === 'both' && isNarrow()) view = 'page';
  if (theReader()) drawView(view);
  if (showsPages()) showPage(Number(theReader().dataset.page));
}

function chosenView() {
  try { return localStorage.getItem(VIEW) ?? 'page'; } catch { return 'page'; }
}

function drawView(view) {
  theReader().dataset.view = view;
  document.body.classList.toggle('both-sides', view === 'both');
  for (const button of $$('#reader button[data-view]')) {
    button.setAttribute('aria-pressed', String(button.dataset.view === view));
  }
}

// A switch keeps the place: the page of the text in sight, or the text of the page.
async function switchView(view) {
  const before = theReader().dataset.view;
  const page = before === 'text' ? pageInSight() : sheets.page;
  drawView(view);
  try { localStorage.setItem(VIEW, view); } catch { /* no room, or not allowed */ }
  if (before === 'text' || !sheets.page) await showPage(page);
  if (before === 'page') await showTextOf(page);
  showCurrentMark({scroll: currentMatch()?.shown === page});
}

function pageInSight() {
  const top = $('#reader .text').getBoundingClientRect().top;
  const cited = $('#reader .cited[data-page]');
  if (cited && isInSight(cited)) return Number(cited.dataset.page);
  const first = $$('#reader .text [data-page]').find((one) => one.getBoundingClientRect().bottom > top + 8);
  return Number(first?.dataset.page ?? theReader().dataset.page);
}

function isInSight(one) {
  const [inner, outer] = [one, $('#reader .text')].map((each) => each.getBoundingClientRect());
  return inner.bottom > outer.top && inner.top < outer.bottom;
}

async function showTextOf(page) {
  const cited = $(`#reader .cited[data-page="${page}"]`);
  if (cited) { cited.scrollIntoView({block: 'center'}); return; }
  const onPage = () => $(`#reader .text [data-page="${page}"]`);
  if (!onPage()) await fetchText({page});
  onPage()?.scrollIntoView({block: 'start'});
}

// The element of the text that holds a place; of a long document, another part may have to come.
async function textAt(start) {
  if (!holderOf(start)) await fetchText({near: start});
  return holderOf(start);
}

function holderOf(start) {
  const parts = $$('#reader .text [data-start]');
  const at = parts.findLastIndex((part) => Number(part.dataset.start) <= start);
  if (at < 0) return null;
  const end = Number(parts[at].dataset.start) + lengthOf(parts[at].textContent);
  return start < end ? parts[at] : null;
}

// The server counts code points, the browser UTF-16.
const lengthOf = (text) => (/[\ud800-\udbff]/.test(text) ? [...text].length : text.length);
const indexOf = (text, point) => (/[\ud800-\udbff]/.test(text) ? [...text].slice(0, point).join('').length : point);

async function fetchText(where) {
  const found = await post('text', {...sheets.opened, ...version(), ...where});
  if (!theReader()) return;
  if (found.message) { toast(found.message); return; }
  $('#reader .text').innerHTML = found.html;
  $('#reader .shown').textContent = found.summary;
  markText();
}

// What is to be marked on a page: the cited passage, and what was searched for.
function placesOn(page) {
  const {start, end, page: first, last} = theReader().dataset;
  const cited = start && page >= Number(first) && page <= Number(last)
    ? [{start: Number(start), end: Number(end), kind: 'cited'}] : [];
  const matches = matchesOn(page, MOST_PLACES).map((match) => ({...match, kind: 'match'}));
  return [...cited, ...matches];
}

async function showPage(page, {to = 'mark'} = {}) {
  sheets.request?.abort();
  const request = sheets.request = new AbortController();
  const places = placesOn(page);
  sheets.page = page;
  $('#reader .paper').ariaBusy = 'true';
  let found;
  try {
    const spans = places.map(({start, end}) => [start, end]);
    found = await post('sheet', {...version(), page, places: spans}, request.signal);
  } catch (error) {
    if (error.name === 'AbortError') return;
    found = {message: say('unreachable')};
  }
  if (sheets.request !== request || !$('#reader .paper')) return;
  $('#reader .paper').ariaBusy = null;
  places.forEach((place, at) => { place.boxes = found.marks?.[at] ?? []; });
  sheets.places = places;
  drawPage(page, found, to);
}

function drawPage(page, found, to) {
  const notice = $('#reader .paper .notice');
  notice.hidden = !found.message;
  notice.textContent = found.message ?? '';
  $('#reader .leaf').hidden = Boolean(found.message);
  $('#reader .page-number').value = page;
  if (found.message) return;
  sheets.pages = found.pages;
  const sheet = $('#reader .sheet');
  sheet.src = found.image;
  sheet.width = found.width;
  sheet.height = found.height;
  const {label, page: cited} = theReader().dataset;
  sheet.alt = label && page === Number(cited) ? label : say('page_plain', {page, name: $('#reader h2').textContent});
  $('#reader .of').textContent = found.label
    ? say('of_pages_numbered', {n: found.pages, label: found.label}) : say('of_pages', {n: found.pages});
  for (const button of $$('#reader .flip')) {
    const next = page + Number(button.dataset.step);
    button.disabled = next < 1 || next > found.pages;
  }
  linkPicture(page);
  drawMarks();
  scrollPaper(to);
}

function linkPicture(page) {
  const marked = sheets.places.slice(0, 40).map(({start, end}) => `${start}-${end}`).join();
  const {key, sha256} = version();
  const address = new URLSearchParams({key, sha256, page, ...(marked && {places: marked})});
  $('#reader .save-picture').href = `${base}page/picture?${address}`;
}

function drawMarks() {
  $$('#reader .leaf i').forEach((mark) => mark.remove());
  const current = currentMatch();
  for (const {kind, start, boxes} of sheets.places) {
    const kinds = kind === 'match' && start === current?.start ? 'match current' : kind;
    for (const [left, top, width, height] of boxes) {
      const mark = element('<i></i>');
      mark.className = kinds;
      const shares = {left, top, width, height};
      for (const [side, share] of Object.entries(shares)) mark.style[side] = `${100 * share}%`;
      $('#reader .leaf').append(mark);
    }
  }
}

// The mark comes into view at once: the picture has its size before it is drawn.
function scrollPaper(to) {
  const paper = $('#reader .paper');
  const mark = to === 'mark' && ($('.leaf .current', paper) ?? $('.leaf .cited', paper) ?? $('.leaf i', paper));
  if (mark) {
    const box = mark.getBoundingClientRect();
    const frame = paper.getBoundingClientRect();
    paper.scrollTop += box.top - frame.top - frame.height / 3;
    paper.scrollLeft += Math.min(0, box.left - frame.left - 24) || Math.max(0, box.right - frame.right + 24);
  } else {
    paper.scrollTop = to === 'end' ? paper.scrollHeight : 0;
  }
}

function turnPage(step, to = 'start') {
  const page = sheets.page + step;
  if (page < 1 || (sheets.pages && page > sheets.pages)) return;
  showPage(page, {to});
  if (showsText()) showTextOf(page);
}

function goToPage(box) {
  const page = Math.min(Math.max(Math.trunc(Number(box.value)), 1), sheets.pages || 1);
  if (Number.isNaN(page) || page === sheets.page) { box.value = sheets.page; return; }
  turnPage(page - sheets.page);
}

// Page Down goes on within a page first; left and right turn it at once.
function paperKey(event, paper) {
  const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const atEnd = paper.scrollTop + paper.clientHeight >= paper.scrollHeight - 4;
  const wide = paper.scrollWidth > paper.clientWidth + 4;
  if (event.key === 'PageDown' && atEnd) turnPage(1);
  else if (event.key === 'PageUp' && paper.scrollTop <= 4) turnPage(-1, 'end');
  else if (!wide && ['ArrowLeft', 'ArrowRight'].includes(event.key)) turnPage(event.key === forward ? 1 : -1);
  else return;
  event.preventDefault();
}

function listenToSheets() {
  const reader = $('#reader');
  reader.addEventListener('click', (event) => {
    const at = (selector) => event.target.closest(selector);
    if (at('button[data-view]')) switchView(at('button[data-view]').dataset.view);
    if (at('.flip')) turnPage(Number(at('.flip').dataset.step));
    if (at('.zoom')) {
      const whole = $('#reader .page-view').classList.toggle('zoomed');
      at('.zoom').setAttribute('aria-pressed', String(whole));
      scrollPaper('mark');
    }
  });
  reader.addEventListener('change', (event) => {
    if (event.target.matches('.page-number')) goToPage(event.target);
  });
  reader.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.matches('.paper')) return;
    paperKey(event, event.target);
  });
}
