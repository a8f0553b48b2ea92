// Runs before the first paint, so that the page does not appear in one theme and change to the other.
import { ofBrowser } from './shell/storage';

const chosen = ofBrowser.get('theme');
if (chosen === 'light' || chosen === 'dark') {
  document.documentElement.dataset['theme'] = chosen;
}
