// The reader: a document opened at a cited passage, the next one a key away.
const reading = {card: null, opener: null};

function openCard(card) {
  reading.card = card;
  reading.opener = $('.citation', card);
  return showDocument({...placeOf(card), marks: card.dataset.marks});
}

function openDocument(opener, key) {
  reading.card = null;
  reading.opener = opener;
  return showDocument({key});
}

async function showDocument(wanted) {
  const {html, ...mark} = await post('document', wanted);
  $('#reader').replaceChildren(element(html));
  takeMark(mark);
  document.body.classList.add('reading');
  $$('.card.open').forEach((card) => card.classList.remove('open'));
  reading.card?.classList.add('open');
  showStep();
  beginSheets(wanted);
  beginFinding();
  const cited = $('#reader .cited');
  cited?.scrollIntoView({block: 'center'});
  const focused = showsPages() ? $('#reader .paper') : cited ? $('p', cited) : $('#reader h2');
  focused.focus({preventScroll: true});
}

function citedCards() {
  return reading.card ? $$('.card', reading.card.closest('.turn')) : [];
}

function showStep() {
  const cards = citedCards();
  if (cards.length < 2) return;
  const at = cards.indexOf(reading.card);
  $('#reader .steps').hidden = false;
  $('#reader .which').textContent = say('cited_n', {n: at + 1, total: cards.length});
  for (const button of $$('#reader .step')) {
    button.disabled = !cards[at + Number(button.dataset.step)];
  }
}

function stepTo(step) {
  const cards = citedCards();
  const next = cards[cards.indexOf(reading.card) + step];
  if (next) openCard(next);
}

function closeReader() {
  $('#reader').replaceChildren();
  document.body.classList.remove('reading', 'both-sides');
  $$('.card.open').forEach((card) => card.classList.remove('open'));
  reading.opener?.focus();
}

function listenToReader() {
  $('#reader').addEventListener('click', (event) => {
    const step = event.target.closest('.step');
    if (step) stepTo(Number(step.dataset.step));
    if (event.target.closest('.close')) closeReader();
  });
  $('#reader').addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input')) return;
    if (event.key === 'n') stepTo(1);
    if (event.key === 'p') stepTo(-1);
  });
  listenToSheets();
  listenToFinding();
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const menu = $('.menu[open]');
    if (menu) {
      menu.open = false;
      $('summary', menu).focus();
    } else if (document.body.classList.contains('reading')) {
      closeReader();
    } else if (casesPanel.open) {
      hideCases();
    } else if (document.body.classList.contains('shelved') && isNarrow()) {
      toggleShelf(false);
    }
  });
}
