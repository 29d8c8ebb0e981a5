// The reader: a document opened at a cited passage, the next one a key away.
const reading = {card: null, opener: null};

function openCard(card) {
  reading.card = card;
  reading.opener = $('.citation', card);
  return showDocument({...placeOf(card), marks: card.dataset.marks});
}

function openDocument(button) {
  reading.card = null;
  reading.opener = button;
  return showDocument({key: button.dataset.document});
}

async function showDocument(wanted) {
  const {html} = await post('document', wanted);
  $('#reader').replaceChildren(element(html));
  showSheet($('#reader .sheet'));
  document.body.classList.add('reading');
  $$('.card.open').forEach((card) => card.classList.remove('open'));
  reading.card?.classList.add('open');
  showStep();
  const cited = $('#reader .cited');
  cited?.scrollIntoView({block: 'center'});
  (cited ? $('p', cited) : $('#reader h2')).focus({preventScroll: true});
}

// The picture of a PDF's page; the text below says the same, so one that fails is left out.
function showSheet(sheet) {
  if (!sheet) return;
  sheet.addEventListener('error', () => sheet.remove());
  sheet.addEventListener('load', () => $('#reader .cited')?.scrollIntoView({block: 'nearest'}));
  sheet.src = `${base}page/${sheet.dataset.source}`;
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
  document.body.classList.remove('reading');
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
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'n') stepTo(1);
    if (event.key === 'p') stepTo(-1);
  });
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
