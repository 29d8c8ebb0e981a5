// Lists that go on: more passages below an answer, every mention of a text, a list of questions.
const months = () => new Intl.DateTimeFormat(document.documentElement.lang, {year: 'numeric', month: 'long', timeZone: 'UTC'});
const GROUPS = {
  document: (card) => card.dataset.document,
  folder: (card) => card.dataset.document.split('/').slice(0, -1).join('/') || say('no_folder'),
  date: (card) => card.dataset.day ? months().format(new Date(`${card.dataset.day}T00:00Z`)) : say('no_date'),
};
const SORTED = {
  document: (card) => card.dataset.document,
  folder: (card) => card.dataset.document.split('/').slice(0, -1).join('/'),
  date: (card) => card.dataset.day || '~',
};

// A heading before each run of cards that have the same document, folder or month.
function putHeadings(list, by) {
  $$(':scope > .group', list).forEach((heading) => heading.remove());
  if (!GROUPS[by]) return;
  let last = null;
  for (const card of $$(':scope > .card', list)) {
    const name = GROUPS[by](card);
    if (name === last) continue;
    last = name;
    const heading = element('<h3 class="group"><bdi></bdi></h3>');
    $('bdi', heading).textContent = name;
    card.before(heading);
  }
}

// Cards keep the order in which they came within a group.
function group(turn) {
  const list = $('.strong', turn);
  const by = $('.group-by', turn)?.value ?? 'rank';
  if (!list) return;
  const cards = $$(':scope > .card', list);
  cards.forEach((card) => { card.quothRank ??= Number($('.number', card).textContent); });
  const key = SORTED[by] ?? (() => '');
  cards.sort((one, other) => key(one).localeCompare(key(other)) || one.quothRank - other.quothRank);
  list.append(...cards);
  putHeadings(list, by);
}

async function goOn(button) {
  const turn = button.closest('.turn');
  button.disabled = true;
  let found;
  try {
    found = await post('more', {
      question: turn.dataset.question, carry: JSON.parse(turn.dataset.carried), cursor: turn.quothNext ?? '',
    });
  } catch {
    found = {message: say('unreachable')};
  }
  button.disabled = false;
  if (found.message) toast(found.message);
  if (found.counted === undefined) return;
  turn.quothNext = found.next;
  const beyond = $('.beyond', turn);
  const first = addCards(turn, beyond, found);
  group(turn);
  judgeAgain(turn);
  $('.counted', beyond).textContent = found.counted;
  button.hidden = !found.next;
  if (first) $('.citation', first).focus({preventScroll: true});
}

// Passages that may answer join those shown; the weaker ones are folded below them.
function addCards(turn, beyond, found) {
  const strong = $('.strong', turn);
  const cards = [...fragment(found.html).children];
  strong.append(...cards);
  if (found.weaker) {
    let folded = $('.weak.more', turn);
    if (!folded) {
      folded = element('<details class="weak more"><summary></summary></details>');
      beyond.before(folded);
    }
    folded.append(fragment(found.weak));
    $('summary', folded).textContent = say('beyond_weak', {n: $$('.card', folded).length});
  }
  return cards[0];
}

function fragment(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

function judgeAgain(turn) {
  if (turn.dataset.judged) showJudged(turn, JSON.parse(turn.dataset.judged));
}

// Every mention of a text, below the answer that it was offered for.
async function openMentions(button) {
  const turn = button.closest('.turn');
  const {mentions: text} = button.dataset;
  const open = $$('.mentions', turn).find((one) => one.dataset.text === text);
  if (open) return open.scrollIntoView({block: 'start'});
  button.disabled = true;
  const found = await fetchMentions(turn, text).finally(() => { button.disabled = false; });
  if (!found.list) return;
  const list = element(found.list);
  $('.beyond', turn).after(list);
  showMentions(list, found);
  list.scrollIntoView({block: 'start'});
  watchEnd(list);
}

async function fetchMentions(turn, text, order = 'document', cursor = '') {
  let found;
  try {
    found = await post('mentions', {text, order, cursor, near: turn.dataset.question});
  } catch {
    found = {message: say('unreachable')};
  }
  if (found.message) toast(found.message);
  return found;
}

function showMentions(list, found) {
  const rows = $('.rows', list);
  const order = $('.sort-by', list).value;
  rows.append(fragment(found.html));
  putHeadings(rows, {document: 'document', date: 'date', newest: 'date'}[order]);
  list.quothNext = found.next;
  $('.more-mentions', list).hidden = !found.next;
  if (!list.quothExact) $('.counted', list).textContent = found.counted;
  if (found.complete) list.quothExact = true;
  else countMentions(list);
}

// The first page says "at least"; the exact number follows when all are compared.
async function countMentions(list) {
  if (list.quothCounting) return;
  list.quothCounting = true;
  try {
    const {counted} = await post('mentions/count', {text: list.dataset.text});
    if (!counted) return;
    list.quothExact = true;
    $('.counted', list).textContent = counted;
  } catch { /* "at least" holds all the same */ }
}

async function moreMentions(button) {
  const list = button.closest('.mentions');
  if (!list.quothNext || button.disabled) return;
  button.disabled = true;
  const found = await fetchMentions(list.closest('.turn'), list.dataset.text, $('.sort-by', list).value, list.quothNext)
    .finally(() => { button.disabled = false; });
  if (found.html !== undefined && found.counted) showMentions(list, found);
}

async function sortMentions(select) {
  const list = select.closest('.mentions');
  select.disabled = true;
  const found = await fetchMentions(list.closest('.turn'), list.dataset.text, select.value).finally(() => { select.disabled = false; });
  if (!found.counted) return;
  $('.rows', list).replaceChildren();
  showMentions(list, found);
}

// More come as their end is scrolled to; the button is for keys, and where nothing is observed.
function watchEnd(list) {
  const button = $('.more-mentions', list);
  new IntersectionObserver(([seen]) => { if (seen.isIntersecting && list.quothScrolled) moreMentions(button); }, {rootMargin: '200px'}).observe(button);
  document.addEventListener('scroll', () => { list.quothScrolled = true; }, {passive: true, once: true});
}

function closeList(button) {
  const list = button.closest('.mentions, .batch');
  list.quothStopped = true;
  const next = list.matches('.mentions') ? $('.offer', list.closest('.turn')) : $('#question textarea');
  list.remove();
  next?.focus();
}

// A list of questions, asked one after another: each row is shown as it is answered.
async function openQuestions() {
  $('#typed .help').open = false;
  $('.welcome')?.remove();
  const {html} = await get('questions');
  const batch = element(html);
  conversation().append(batch);
  $('input[type="file"]', batch).addEventListener('change', async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    if (file.size > 200000) { toast(say('list_too_long')); return; }
    $('textarea', batch).value = (await file.text()).replace(/^\ufeff/, '');
  });
  $('form', batch).addEventListener('submit', (event) => { event.preventDefault(); askEach(batch); });
  batch.scrollIntoView({block: 'start'});
  $('textarea', batch).focus({preventScroll: true});
}

async function askEach(batch) {
  const questions = $('textarea', batch).value.split('\n').map((line) => line.trim())
    .filter((line) => line && !line.startsWith('#'));
  if (!questions.length) { $('textarea', batch).focus(); return; }
  if (questions.length > 1000) { toast(say('list_too_long')); return; }
  const [ask, stop, csv] = ['.ask-each', '.stop-list', '.as-csv'].map((name) => $(name, batch));
  ask.disabled = true;
  stop.hidden = false;
  csv.hidden = true;
  batch.quothStopped = false;
  batch.quothCsv = [];
  $('tbody', batch).replaceChildren();
  $('.scrolled-table', batch).hidden = false;
  for (const [at, question] of questions.entries()) {
    if (batch.quothStopped) break;
    const found = await rowOf(batch, question);
    if (!found) break;
    $('tbody', batch).append(fragment(found.html));
    batch.quothCsv.push(found.csv);
    $('.counted', batch).textContent = say('list_n', {done: at + 1, all: questions.length});
  }
  ask.disabled = false;
  stop.hidden = true;
  csv.hidden = !batch.quothCsv.length;
}

// A busy server is asked again: others' questions come between those of a list.
async function rowOf(batch, question) {
  for (let tries = 0; tries < 60 && !batch.quothStopped; tries += 1) {
    let found;
    try {
      found = await post('questions/row', {question});
    } catch {
      found = {message: say('unreachable')};
    }
    if (found.csv) return found;
    if (!found.busy) { toast(found.message ?? say('list_too_long')); return null; }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return null;
}

function saveQuestions(batch) {
  const lines = batch.quothCsv.map((csv, at) => at ? csv.slice(csv.indexOf('\r\n') + 2) : csv);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['\ufeff', ...lines], {type: 'text/csv'}));
  link.download = 'questions.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function saveList(button) {
  const list = button.closest('.mentions');
  if (!list) return saveQuestions(button.closest('.batch'));
  const {question} = list.closest('.turn').dataset;
  return download('page/mentions/csv', {text: list.dataset.text, order: $('.sort-by', list).value, near: question});
}

Object.assign(onClick, {
  '.go-on': goOn,
  '[data-mentions]': openMentions,
  '.more-mentions': moreMentions,
  '.close-list': closeList,
  '.as-csv': saveList,
  '.stop-list': (button) => { button.closest('.batch').quothStopped = true; },
});

function listenToLists() {
  conversation().addEventListener('change', (event) => {
    if (event.target.matches('.group-by')) group(event.target.closest('.turn'));
    if (event.target.matches('.sort-by')) sortMentions(event.target);
  });
  $('#typed').addEventListener('click', (event) => { if (event.target.closest('.ask-list')) openQuestions(); });
}
