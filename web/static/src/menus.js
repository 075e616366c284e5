// Menus are <details class="menu">: a click elsewhere or Escape closes them. The section list of the editor
// follows the scroll position.
const openMenus = () => document.querySelectorAll('details.menu[open], .acts details.ask[open]');

document.addEventListener('click', (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.firstElementChild.focus();
  }
});

const links = [...document.querySelectorAll('.secnav a')];
const mark = (id) => {
  for (const link of links) {
    if (link.hash === '#' + id) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
};
const seen = new IntersectionObserver(
  (entries) => entries.forEach((entry) => entry.isIntersecting && mark(entry.target.id)),
  { rootMargin: '-15% 0px -75% 0px' },
);
if (links.length) document.querySelectorAll('.sec').forEach((section) => seen.observe(section));

// A link to a field inside closed sections opens them first.
const reveal = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  for (let closed = target; closed; closed = closed.parentElement) if (closed.matches('details')) closed.open = true;
  if (target && target.matches('input, select, textarea')) target.focus();
  else if (target) target.scrollIntoView();
};
addEventListener('hashchange', reveal);
reveal();
