// Cases: quotes kept by the server, with notes, tags and an order. The panel is drawn by the server.
const CASE = 'quoth.case';  // which case was shown last in this browser; the cases are the library's
const casework = {case: '', name: '', count: 0, marks: {}, requests: 0, opener: null};
const casesPanel = element('<dialog id="cases" aria-labelledby="cases-title"></dialog>');

function refreshCases(more = '') {
  return panelOf(get(`cases?case=${encodeURIComponent(casework.case)}${more}`));
}

// Of several requests under way, only the last one's panel is drawn.
async function panelOf(request) {
  const number = ++casework.requests;
  const {html, ...found} = await request;
  takePanel(number === casework.requests ? {html, ...found} : found);
  return found;
}

// What the server says after each change: the panel, which case it shows, which places are kept there.
function takePanel(found) {
  if (found.html) {
    const {case: current, name, count, marks} = found;
    Object.assign(casework, {case: current, name, count, marks});
    try { localStorage.setItem(CASE, current); } catch { /* not allowed: the newest is shown next time */ }
    if (casesPanel.open) drawPanel(found.html);
    casework.html = found.html;
    markKept();
    countKept();
  }
  if (found.message) toast(found.message, found.undo && say('undo'), () => changeCase(found.undo.path, found.undo));
}

function changeCase(path, {path: _, ...request}) {
  return panelOf(post(path, request));
}

// Draw anew, and give the focus, and what is being typed, back to the same control.
function drawPanel(html) {
  const active = casesPanel.contains(document.activeElement) ? document.activeElement : null;
  const quote = active?.closest('[data-quote]')?.dataset.quote;
  const kind = active && (active.dataset.field ? `[data-field="${active.dataset.field}"]` : [...active.classList].map((name) => `.${name}`).join(''));
  const top = casesPanel.scrollTop;
  casesPanel.innerHTML = html;
  casesPanel.scrollTop = top;
  if (!active) return;
  const root = quote ? $(`[data-quote="${quote}"]`, casesPanel) : casesPanel;
  const again = kind && root ? $(kind, root) : null;
  if (again?.matches('input, textarea') && active.matches('input, textarea')) again.value = active.value;
  if (again) again.focus({preventScroll: !quote}); else $('h2', casesPanel).focus({preventScroll: true});
}

function showCases() {
  casework.opener = document.activeElement;
  if (casework.html) drawPanel(casework.html);
  casesPanel.show();
  document.body.classList.add('casing');
  $('h2', casesPanel)?.focus();
  refreshCases();
}

function hideCases() {
  casesPanel.close();
  document.body.classList.remove('casing');
  casework.opener?.focus();
}

function placeKey(card) {
  const {key, start, end, sha} = card.dataset;
  return `${key} ${start} ${end} ${sha}`;
}

// The bookmark of a card is filled when the current case has the quote.
function markKept() {
  for (const card of $$('.turn .card', conversation())) {
    $('.keep', card)?.setAttribute('aria-pressed', String(placeKey(card) in casework.marks));
  }
}

async function keep(button) {
  if (button.ariaBusy) return;
  const card = button.closest('.card');
  const turn = card.closest('.turn');
  const {question, state} = turn.dataset;
  const quote = casework.marks[placeKey(card)];
  button.ariaBusy = 'true';
  try {
    if (quote) await changeCase('quotes/delete', {quote});
    else await changeCase('cases/keep', {case: casework.case || null, place: placeOf(card), question, state, turn: turn.quothTurn ?? ''});
  } catch {
    toast(say('unreachable'));
  } finally {
    button.ariaBusy = null;
  }
}

async function keepAbsence(button) {
  const {question, carried} = button.closest('.turn').dataset;
  button.disabled = true;
  await changeCase('cases/absent', {case: casework.case || null, question, carry: JSON.parse(carried)})
    .finally(() => { button.disabled = false; });
}

function quoteLink(id) {
  const address = addressOf(null);
  address.searchParams.set('quote', id);
  return address.href;
}

function openKept(row) {
  if (!row.dataset.key) return;
  reading.card = null;
  reading.opener = $('.citation', row);
  return showDocument({...placeOf(row), marks: ''});
}

function copyKept(row) {
  const {above, citation} = row.dataset;
  const quote = `“${$('blockquote', row).textContent}”\n${citation}`;
  copyText(above ? `${above}\n${quote}` : quote);
}

function pickCase() {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.json,application/json';
  input.addEventListener('change', async () => {
    const [file] = input.files;
    if (!file) return;
    const response = await fetch(`${base}page/cases/import`, {
      method: 'POST', headers: {'content-type': 'application/json'}, body: file,
    });
    const found = await response.json();
    takePanel(response.ok ? found : {message: found.message ?? found.detail ?? say('unreachable')});
  });
  input.click();
}

async function exportCase(format) {
  if (!casework.case) { toast(say('export_nothing')); return false; }
  return download('page/cases/export', {case: casework.case, format});
}

const onPanelClick = {
  '.close': hideCases,
  '.new-case': async () => {
    await changeCase('cases/new', {});
    $('.case-name', casesPanel)?.select();
  },
  '.import-case': pickCase,
  '.delete-case': () => changeCase('cases/delete', {case: casework.case}),
  '.empty-bin': () => panelOf(post(`cases/empty-bin?case=${casework.case}`, {})),
  '.page': (button) => refreshCases(`&first=${button.dataset.first}`),
  '.drop-question': (button) => changeCase('cases/forget-question', {case: casework.case, question: button.dataset.question}),
  '[data-case-format]': async (button) => {
    const menu = button.closest('.menu');
    if (!await exportCase(button.dataset.caseFormat)) return;
    menu.open = false;
    $('summary', menu).focus();
  },
};

const onQuoteClick = {
  '.citation': openKept,
  '.copy': copyKept,
  '.link': (row) => copyText(quoteLink(row.dataset.quote)),
  '.up': (row) => changeCase('quotes/move', {quote: row.dataset.quote, step: -1}),
  '.down': (row) => changeCase('quotes/move', {quote: row.dataset.quote, step: 1}),
  '.drop': (row) => changeCase('quotes/delete', {quote: row.dataset.quote}),
};

function clickedKept(event) {
  for (const [selector, act] of Object.entries(onQuoteClick)) {
    const target = event.target.closest(selector);
    const row = target?.closest('[data-quote]');
    if (row) return act(row);
  }
  for (const [selector, act] of Object.entries(onPanelClick)) {
    const target = event.target.closest(selector);
    if (target) return act(target);
  }
}

async function changedKept(event) {
  const field = event.target;
  const quote = field.closest('[data-quote]')?.dataset.quote;
  if (field.matches('.choice')) {
    casework.case = field.value;
    await refreshCases();
  } else if (field.matches('.case-name')) await changeCase('cases/change', {case: casework.case, name: field.value});
  else if (field.matches('.case-note')) await changeCase('cases/change', {case: casework.case, note: field.value});
  else if (field.matches('.move') && field.value) await changeCase('quotes/move', {quote, case: field.value});
  else if (field.dataset.field) {
    const value = field.dataset.field === 'tags' ? field.value.split(',') : field.value;
    const found = await post('quotes/annotate', {quote, [field.dataset.field]: value});
    if (found.message) toast(found.message);
    casework.html = found.html ?? casework.html;
  }
}

// A quote on its own, and its document beside it: what the quote's link opens.
async function showQuote(id) {
  const found = await get(`quotes/${encodeURIComponent(id)}`).catch(() => ({message: say('quote_unknown')}));
  if (!found.html) {
    toast(found.message ?? say('quote_unknown'));
    return false;
  }
  conversation().innerHTML = found.html;
  casework.case = found.case;
  refreshCases();
  const row = $('.one-quote [data-quote]');
  await openKept(row);
  return true;
}

function listenToCases() {
  try { casework.case = localStorage.getItem(CASE) ?? ''; } catch { /* not allowed */ }
  document.body.append(casesPanel);
  casesPanel.addEventListener('click', clickedKept);
  casesPanel.addEventListener('change', changedKept);
  for (const kind of ['click', 'change']) {
    conversation().addEventListener(kind, (event) => {
      if (event.target.closest('.one-quote')) (kind === 'click' ? clickedKept : changedKept)(event);
    });
  }
  refreshCases().catch(() => {});  // the shelf tells that the server is away
}
