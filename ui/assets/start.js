// Bring the page to life once Gradio has drawn its frame.
const started = get('start');
started.then((found) => {
  const box = $('textarea', early);
  box.placeholder = found.words.placeholder;
  box.setAttribute('aria-label', found.words.question);
  early.dir = found.direction;
}, () => {});  // `openPage` tells of it

function frameDrawn() {
  return new Promise((resolve) => {
    const look = () => $('#conversation') && $('#question textarea') && $('#question button') && $('#typed .chips')
      ? resolve() : setTimeout(look, 20);
    look();
  });
}

function nameTheBox() {
  const box = $('#question textarea');
  box.placeholder = say('placeholder');
  box.dir = 'auto';
  box.setAttribute('aria-label', say('question'));
  $('#question button').setAttribute('aria-label', say('ask'));
}

function listenToBar() {
  $('#bar').addEventListener('click', (event) => {
    const at = (selector) => event.target.closest(selector);
    if (at('.toggle')) toggleShelf();
    if (at('.fresh')) begin();
    if (at('.cases')) if (casesPanel.open) hideCases(); else showCases();
    if (at('[data-format]')) exportAs(at('[data-format]').dataset.format);
  });
  document.addEventListener('click', (event) => {
    for (const menu of $$('.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
    if (isNarrow() && document.body.classList.contains('shelved') && !event.target.closest('#shelf, #bar, #toasts')) toggleShelf(false);
  });
  document.addEventListener('scroll', () => {
    document.body.classList.toggle('scrolled', window.scrollY > 4);
  }, {passive: true});
}

// What is being typed, as chips: read by the server, which will read the question as well.
function listenToTyping() {
  const show = later(120, async (text) => {
    const worth = /["“«„]|(^|\s)-\p{L}|\w:\S/u.test(text);
    const found = worth ? await get(`understood?q=${encodeURIComponent(text)}`) : {html: ''};
    if ($('#question textarea').value === text) $('#typed .chips').innerHTML = found.html;
  });
  $('#question').addEventListener('input', (event) => show(event.target.value));
  $('#typed').addEventListener('click', (event) => {
    const sign = event.target.closest('[data-sign]')?.dataset.sign;
    if (!sign) return;
    $('#typed .help').open = false;
    const box = $('#question textarea');
    type(box.value && !/\s$/.test(box.value) ? `${box.value} ${sign}` : box.value + sign);
    const end = box.value.length - (sign === '""' ? 1 : 0);
    box.setSelectionRange(end, end);
  });
}

async function openPage() {
  const [found] = await Promise.all([started, frameDrawn()]);
  Object.assign(quoth, {words: found.words, largest: found.largest});
  document.documentElement.lang = found.language;
  document.documentElement.dir = found.direction;
  for (const block of $$('#frame, #asking .block')) block.dir = found.direction;  // Gradio says ltr
  $('#bar').innerHTML = found.bar;
  $('#typed .chips').parentElement.innerHTML = found.help;
  $('#shelf').innerHTML = found.shelf;
  $('#shelf').setAttribute('aria-label', say('documents'));
  $('#drop p').textContent = say('drop_here');
  nameTheBox();
  const askedEarly = handOver($('#question textarea'));
  listenToConversation();
  listenToLists();
  listenToReader();
  listenToShelf();
  listenToDocuments();
  listenToMarks();
  listenToBar();
  listenToTyping();
  listenToHistory();
  listenToCases();
  toggleShelf(!isNarrow());
  refreshShelf();
  const asked = new URLSearchParams(location.search);
  const resumed = sessionStorage.getItem(CURRENT);
  if (askedEarly) ask(askedEarly);
  else if (asked.get('quote') && await showQuote(asked.get('quote'))) { /* its document is open beside it */ }
  else if (resumed && await resume(resumed, {pushed: true})) { /* as it was */ }
  else if (asked.get('q')) await ask(asked.get('q'), {carry: asked.has('with') ? asked.getAll('with') : null});
  else if (!turns().length && !$('.pending')) conversation().innerHTML = found.welcome;
  document.body.classList.add('ready');
}
openPage().catch((error) => { failEarly(); throw error; });
