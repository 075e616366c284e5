// Regions kept fresh by htmx: nothing is fetched while the tab is hidden, stale data says so,
// and the tab's title carries the progress of what is shown.
let failures = 0;

// What htmx tells of an element that has left the page meanwhile comes from the document.
const isLive = (target) => target instanceof Element && target.matches('[data-live]');

document.addEventListener('htmx:before:request', (event) => {
  if (document.hidden && isLive(event.target)) event.preventDefault();
});

document.addEventListener('htmx:after:request', (event) => {
  if (!isLive(event.target)) return;
  const response = event.detail.ctx.response;
  const status = response ? response.status : 0;
  noted(status > 0 && status < 500);
});

document.addEventListener('htmx:error', (event) => {
  if (isLive(event.target)) noted(false);
});

function noted(good) {
  failures = good ? 0 : failures + 1;
  const label = document.querySelector('.live[data-since]');
  if (!label) return;
  if (good) label.dataset.since = clock();
  label.classList.toggle('off', failures >= 3);
  if (failures >= 3) label.textContent = 'No contact since ' + label.dataset.since + ', retrying';
  else if (label.classList.contains('was-off')) label.textContent = 'Live';
  label.classList.toggle('was-off', failures >= 3);
}

const clock = () => new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

// <div id="live"><div data-title="3 of 8, deployment 1482">: the tab shows it without being in front.
const showTitle = () => {
  const source = document.querySelector('#live [data-title]');
  if (source && document.title !== source.dataset.title) document.title = source.dataset.title;
};
const region = document.getElementById('live');
if (region) {
  new MutationObserver(showTitle).observe(region, { subtree: true, childList: true, attributes: true });
  showTitle();
}
