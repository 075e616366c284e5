// <button data-copy="#id"> copies the text of that element, <button data-copy-text="..."> the given text.
// Without a clipboard (plain HTTP) the buttons stay hidden; the text can always be selected.
if (navigator.clipboard) {
  document.documentElement.classList.add('can-copy');
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-copy], [data-copy-text]');
    if (!button) return;
    const text = button.dataset.copyText || document.querySelector(button.dataset.copy).innerText;
    await navigator.clipboard.writeText(text);
    say(button);
  });
}

function say(button) {
  const note = document.createElement('span');
  note.className = 'copied xs';
  note.setAttribute('role', 'status');
  note.textContent = 'Copied';
  button.after(note);
  setTimeout(() => note.remove(), 2000);
}
