// A box to type in before Gradio has drawn its own, which takes a second: what is typed goes on there.
const early = element('<main id="early"><h1 class="unseen">Quoth</h1><textarea autocomplete="off" rows="1" maxlength="2000" dir="auto" aria-label="Question"></textarea></main>');
let askedEarly = '';
let handedOver = false;

function openEarly() {
  if (handedOver) return;
  if (matchMedia('(prefers-color-scheme: dark)').matches) document.body.classList.add('dark'); // as Gradio will
  document.title = 'Quoth';
  document.body.append(early);
  const box = $('textarea', early);
  box.focus();
  early.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    askedEarly = box.value.trim();
    box.readOnly = Boolean(askedEarly);
  });
}

// Give the words, the place in them and the focus to Gradio's box; return what was asked already.
function handOver(box) {
  const typed = $('textarea', early);
  const focused = document.activeElement === typed || document.activeElement === document.body;
  if (!askedEarly && typed.value) {
    type(typed.value);
    box.setSelectionRange(typed.selectionStart, typed.selectionEnd);
  }
  if (focused) box.focus();
  handedOver = true;
  early.remove();
  return askedEarly;
}

// Nothing answers: what was typed stays, and can be typed on when the page is loaded again.
function failEarly() {
  const notice = element('<p role="alert">The page could not be loaded. <button type="button">Load it again</button></p>');
  $('button', notice).addEventListener('click', () => location.reload());
  $('textarea', early).readOnly = false;
  $('p', early)?.remove();
  early.prepend(notice);
}

// The body does not exist yet; a page in a background tab is given no frame to wait for.
new MutationObserver((_, watching) => {
  if (!document.body) return;
  watching.disconnect();
  openEarly();
}).observe(document.documentElement, {childList: true});
