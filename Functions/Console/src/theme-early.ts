// Runs before the first paint, so that the page does not appear in one theme and change to the other.
const chosen = localStorage.getItem('theme');
if (chosen === 'light' || chosen === 'dark') {
  document.documentElement.dataset['theme'] = chosen;
}
