// A box to type in before Gradio has drawn its own, which takes a second: what is typed goes on there.
const early = element('<main id="early"><h1 class="unseen">Quoth</h1><textarea autocomplete="off" rows="1" maxlength="2000" dir="auto" aria-label="Question"></textarea></main>');
let askedEarly = '';

function openEarly() {
  if (!document.body) return requestAnimationFrame(openEarly);
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
  early.remove();
  return askedEarly;
}
openEarly();
