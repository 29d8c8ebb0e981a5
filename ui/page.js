// What the browser does by itself: focus, scrolling, the waiting state, copying a quote.
const quoth = {
  opener: null, // the citation that the reader was opened from: focus goes back there
  reader: null,

  // Show the question at once while the answer is being found.
  pending(text) {
    const conversation = document.querySelector('#conversation');
    if (!text.trim() || !conversation || conversation.querySelector('.pending')) return;
    const turn = document.createElement('article');
    turn.className = 'turn pending';
    turn.setAttribute('role', 'status');
    const heading = document.createElement('h2');
    heading.dir = 'auto';
    heading.textContent = text;
    const waiting = document.createElement('p');
    waiting.className = 'summary';
    waiting.textContent = 'Searching…';
    turn.append(heading, waiting);
    conversation.querySelector('.welcome')?.remove();
    conversation.append(turn);
    turn.scrollIntoView({block: 'start'});
  },

  showLatest(conversation) {
    document.querySelector('.pending')?.remove();
    requestAnimationFrame(() => {
      const questions = conversation.querySelectorAll('.turn h2');
      const latest = conversation.querySelector('.notice') ?? questions[questions.length - 1];
      for (const quote of conversation.querySelectorAll('blockquote.long')) {
        const answer = quote.querySelector('mark.answer');
        if (answer) quote.scrollTop = answer.offsetTop - quote.offsetTop - 40;
      }
      if (latest) latest.scrollIntoView({block: 'start'});
    });
  },

  showReader(element) {
    const open = Boolean(element.querySelector('.reader'));
    document.body.classList.toggle('reading', open);
    if (!open) return;
    requestAnimationFrame(() => {
      const cited = element.querySelector('.cited');
      cited?.scrollIntoView({block: 'center'});
      (cited?.querySelector('p') ?? element.querySelector('h2')).focus({preventScroll: true});
    });
  },

  closeReader() {
    this.reader?.clear();
    document.body.classList.remove('reading');
    this.opener?.focus();
  },

  async copy(button) {
    const quote = button.closest('.card').querySelector('blockquote').textContent;
    try {
      await navigator.clipboard.writeText(`“${quote}”\n${button.dataset.citation}`);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Not allowed by the browser';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  },
};
window.quoth = quoth;

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && document.body.classList.contains('reading')) quoth.closeReader();
});

// An open sidebar would cover a phone's whole page; Gradio opens it some time after loading.
function settleSidebar(tries) {
  const sidebar = document.querySelector('#documents');
  if (!sidebar?.classList.contains('open')) {
    if (tries) setTimeout(settleSidebar, 50, tries - 1);
    return;
  }
  const toggle = sidebar.querySelector('.toggle-button');
  toggle.setAttribute('aria-label', 'Show or hide the documents');
  if (window.innerWidth < 900) toggle.click();
}
settleSidebar(200);

// Gradio draws its send button without a name.
function nameSendButton(tries) {
  const button = document.querySelector('#question button');
  if (button) button.setAttribute('aria-label', 'Ask');
  else if (tries) setTimeout(nameSendButton, 50, tries - 1);
}
nameSendButton(200);
