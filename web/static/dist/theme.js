// The server sets <html data-theme> from the profile; here the change is shown at once and saved behind it.
document.addEventListener('submit', (event) => {
  const form = event.target;
  const theme = event.submitter && event.submitter.name === 'theme' && event.submitter.value;
  if (!theme) return;
  event.preventDefault();
  document.documentElement.dataset.theme = theme;
  const menu = form.closest('details');
  if (menu) menu.open = false;
  for (const button of form.elements) {
    if (button.name === 'theme') button.setAttribute('aria-pressed', String(button.value === theme));
  }
  const body = new URLSearchParams(new FormData(form, event.submitter));
  fetch(form.action, { method: 'POST', body, redirect: 'manual' });
});
