// What outlives a page: earlier conversations, in this browser only, and files to take along.
const HISTORY = 'quoth.history';
const CURRENT = 'quoth.current';
const MOST_KEPT = 50;
const kept = new Map();
let current = null;

function stored() {
  try { return JSON.parse(localStorage.getItem(HISTORY)) ?? []; } catch { return []; }
}

function store(conversations) {
  try { localStorage.setItem(HISTORY, JSON.stringify(conversations)); } catch { /* no room, or not allowed */ }
  drawHistory();
}

// Questions are kept, answers are not: they are asked again of the documents as they then are.
function keepHistory() {
  const questions = turns().map((turn) => ({question: turn.dataset.question, carry: turn.quothCarry ?? null}));
  if (!questions.length) return;
  current ??= crypto.randomUUID?.() ?? String(Math.random());
  sessionStorage.setItem(CURRENT, current);
  store([{id: current, questions}, ...stored().filter((one) => one.id !== current)].slice(0, MOST_KEPT));
}

function drawHistory() {
  const list = $('#history ul');
  const conversations = stored();
  $('#history').hidden = !conversations.length;
  list.replaceChildren(...conversations.map(({id, questions}) => {
    const row = element('<li><button type="button" class="past" dir="auto"></button></li>');
    $('.past', row).textContent = questions[0]?.question ?? '';
    $('.past', row).addEventListener('click', () => resume(id));
    const forget = element('<button type="button" class="tool"><svg class="icon" aria-hidden="true"><use href="#icon-close"/></svg></button>');
    forget.setAttribute('aria-label', `${say('forget')}: ${questions[0]?.question ?? ''}`);
    forget.addEventListener('click', () => store(stored().filter((one) => one.id !== id)));
    row.append(forget);
    return row;
  }));
}

async function resume(id) {
  const found = stored().find((one) => one.id === id);
  if (!found) return;
  clear();
  current = id;
  if (isNarrow()) toggleShelf(false);
  for (const {question, carry} of found.questions) ask(question, {carry, quiet: true});
  await asking;
  turns().at(-1)?.scrollIntoView({block: 'start'});
}

function clear() {
  if (document.body.classList.contains('reading')) closeReader();
  conversation().replaceChildren();
  kept.clear();
  countKept();
}

function begin() {
  clear();
  current = null;
  sessionStorage.removeItem(CURRENT);
  showAddress();
  greet();
  $('#question textarea').focus();
}

// What stands before the first question tells how much there is to ask.
async function greet() {
  const {welcome} = await get('start');
  if (!conversation().firstElementChild || $('.welcome')) conversation().innerHTML = welcome;
}

function keep(button) {
  const card = button.closest('.card');
  const {question, state} = card.closest('.turn').dataset;
  const id = `${question}\n${card.dataset.key}\n${card.dataset.start}`;
  if (kept.has(id)) kept.delete(id); else kept.set(id, {question, state, place: placeOf(card)});
  button.setAttribute('aria-pressed', String(kept.has(id)));
  countKept();
}

function countKept() {
  $('#bar .kept-count').textContent = say('export_kept', {n: kept.size});
  if (kept.size) $('#bar input[value="kept"]').checked = true;
  else $('#bar input[value="conversation"]').checked = true;
}

function chosen(scope) {
  if (scope === 'conversation') {
    return turns().map((turn) => ({
      question: turn.dataset.question,
      state: turn.dataset.state,
      places: $$('.strong > .card', turn).map(placeOf),
    }));
  }
  const questions = new Map();
  for (const {question, state, place} of kept.values()) {
    const places = questions.get(question)?.places ?? [];
    questions.set(question, {question, state, places: [...places, place]});
  }
  return [...questions.values()];
}

async function exportAs(format) {
  const questions = chosen($('#bar input[name="scope"]:checked').value);
  if (!questions.length) { toast(say('export_nothing')); return; }
  if (await download('page/export', {format, questions})) $('#bar .export').open = false;
}

// That nothing was found, as a file: the server searches again, so that it can vouch for the report.
async function saveReport(button) {
  const {question, carried} = button.closest('.turn').dataset;
  button.disabled = true;
  await download('page/report', {format: button.dataset.report, question, carry: JSON.parse(carried)})
    .finally(() => { button.disabled = false; });
}

async function download(path, request) {
  let response;
  try {
    response = await fetch(`${base}${path}`, {
      method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(request),
    });
  } catch {
    toast(say('unreachable'));
    return false;
  }
  if (!response.ok) {
    const refusal = await response.json();
    toast(refusal.message ?? refusal.detail ?? say('unreachable'));
    return false;
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = /filename="([^"]+)"/.exec(response.headers.get('content-disposition'))?.[1] ?? 'quotes';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  return true;
}
