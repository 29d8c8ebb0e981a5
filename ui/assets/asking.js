// Questions and their answers.
const conversation = () => $('#conversation');
const turns = () => $$('.turn:not(.pending, [data-refused])', conversation());
let asking = Promise.resolve();

quoth.submit = (text) => {
  if (!text.trim()) return text;
  ask(text);
  return '';
};

// Ask one after another; `instead` is a turn whose place the answer takes.
function ask(text, options = {}) {
  asking = asking.then(() => askNow(text.trim(), options));
  return asking;
}

async function askNow(text, {carry = null, instead = null, quiet = false} = {}) {
  const before = instead ? turns()[turns().indexOf(instead) - 1] : turns().at(-1);
  const pending = pendingTurn(text);
  $('.welcome, .one-quote')?.remove();
  $$('.notice', conversation()).forEach((notice) => notice.closest('.turn').remove());
  if (instead?.isConnected) instead.replaceWith(pending); else conversation().append(pending);
  if (!quiet) {
    pending.scrollIntoView({block: 'start'});
    announce(say('searching'));
  }
  let answer;
  try {
    answer = await post('ask', {
      question: text, carry,
      earlier: before?.dataset.question ?? '',
      earlier_carried: before ? JSON.parse(before.dataset.carried) : [],
      conversation: current, instead: instead?.quothTurn ?? null,
    });
  } catch {
    answer = {failed: true};
  }
  const shown = answer.html ? element(answer.html) : failed();
  if (shown.matches('.turn')) {
    pending.replaceWith(shown);
  } else {  // refused: the question stays, with the reason below it
    pending.classList.remove('pending');
    $('.summary', pending).replaceWith(shown);
    Object.assign(pending.dataset, {question: text, carried: JSON.stringify(carry ?? []), refused: ''});
  }
  const turn = shown.closest('.turn');
  turn.quothCarry = carry;
  noteStored(turn, answer);
  settle(turn, quiet);
  const offers = $('.none .offers', turn);
  if (offers && !quiet) offers.innerHTML = (await post('topics', {question: text})).html;
}

function failed() {
  const notice = element('<div class="notice" role="alert"><p></p><button type="button" class="again"></button></div>');
  $('p', notice).textContent = say('unreachable');
  $('button', notice).textContent = say('again');
  return notice;
}

// Show the question at once while the answer is being found.
function pendingTurn(text) {
  const turn = element('<article class="turn pending"><header><h2 dir="auto"></h2></header><p class="summary"></p></article>');
  $('h2', turn).textContent = text;
  $('.summary', turn).textContent = say('searching');
  return turn;
}

function settle(turn, quiet) {
  for (const quote of $$('blockquote.long', turn)) {
    const answer = $('mark.answer', quote);
    if (answer) quote.scrollTop = answer.offsetTop - quote.offsetTop - 40;
  }
  drawTimeline(turn);
  if (turn.dataset.judged) showJudged(turn, JSON.parse(turn.dataset.judged));
  markKept();
  showAddress();
  if (quiet) return;
  turn.scrollIntoView({block: 'start'});
  announce($('.summary, .notice', turn)?.textContent ?? '');
}

// The question asked last stands in the address, so that it can be kept and shared.
function addressOf(turn) {
  const address = new URL(location.href);
  address.search = '';
  address.hash = '';
  if (turn) {
    address.searchParams.set('q', turn.dataset.question);
    for (const word of JSON.parse(turn.dataset.carried)) address.searchParams.append('with', word);
  }
  return address;
}

function showAddress() {
  const last = turns().at(-1);
  history.replaceState({conversation: current}, '', addressOf(last));
  document.title = last ? `${last.dataset.question} · Quoth` : 'Quoth';
}

function placeOf(card) {
  const {key, start, end, sha} = card.dataset;
  return {key, start: Number(start), end: Number(end), sha256: sha};
}

const onClick = {
  '[data-ask]': (button) => ask(button.dataset.ask),
  '.citation': (button) => openCard(button.closest('.card')),
  '.copy': (button) => {
    const card = button.closest('.card');
    const {above, citation} = card.dataset;
    const quote = `“${$('.quotes > blockquote', card).textContent}”\n${citation}`;
    copyText(above ? `${above}\n${quote}` : quote);
  },
  '.link': (button) => copyText(addressOf(button.closest('.turn')).href),
  '.again': (button) => {
    const turn = button.closest('.turn');
    const carry = turn.quothCarry ?? null;
    const text = turn.dataset.question;
    ask(text, {carry, instead: turn});
  },
  '[data-drop]': (button) => {
    const turn = button.closest('.turn');
    const left = JSON.parse(turn.dataset.carried).filter((word) => word !== button.dataset.drop);
    ask(turn.dataset.question, {carry: left, instead: turn});
  },
  '[data-instead]': (button) => {
    const turn = button.closest('.turn');
    ask(button.dataset.instead, {carry: JSON.parse(turn.dataset.carried), instead: turn});
  },
  '.explain': (button) => {
    const why = $('.why', button.closest('.card'));
    why.hidden = !why.hidden;
    button.setAttribute('aria-expanded', String(!why.hidden));
  },
  '.more': (button) => showNeighbour(button),
  '.judge': (button) => judge(button),
  '.keep': (button) => keep(button),
  '[data-report]': (button) => saveReport(button),
  '.keep-absence': (button) => keepAbsence(button),
  '.switch': () => switchModel(),
};

function listenToConversation() {
  conversation().addEventListener('click', (event) => {
    if (event.target.closest('.one-quote')) return;
    for (const [selector, act] of Object.entries(onClick)) {
      const target = event.target.closest(selector);
      if (target) return act(target);
    }
  });
}

// The paragraph before or after, from the document's own text, above or below what is shown.
async function showNeighbour(button) {
  if (button.ariaBusy) return;  // pressed again before the paragraph came: it would come twice
  const card = button.closest('.card');
  const step = Number(button.dataset.step);
  const number = Number(button.dataset.paragraph) + step;
  button.ariaBusy = 'true';
  const found = await post('neighbour', {key: card.dataset.key, number}).finally(() => { button.ariaBusy = null; });
  if (!found.html) {
    button.disabled = true;
    toast(found.message);
    return;
  }
  button.dataset.paragraph = number;
  const shown = element(found.html);
  if (step < 0) $('.quotes', card).prepend(shown); else $('.quotes', card).append(shown);
}

// Pressed again, a button takes back what it said.
async function judge(button) {
  const turn = button.closest('.turn');
  const card = button.closest('.card');
  const pressed = button.getAttribute('aria-pressed') === 'true';
  const said = await post('judge', {
    question: turn.dataset.question,
    place: card && placeOf(card),
    answers: pressed ? null : button.dataset.verdict === 'good',
  });
  if (said.judged) showJudged(turn, said.judged);
  toast(said.message);
}

// What one says of a passage can change what holds of the question, and the reverse.
function showJudged(turn, judged) {
  for (const button of $$('.judge', turn)) {
    const {verdict} = button.dataset;
    const {key, start, end} = button.closest('.card')?.dataset ?? {};
    const pressed = verdict === 'nothing' ? judged.nothing : judged[verdict].includes(`${key} ${start} ${end}`);
    button.setAttribute('aria-pressed', String(pressed));
  }
}
