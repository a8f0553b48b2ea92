import { effect, signal } from '@preact/signals';
import { ofBrowser } from './storage';

export type Theme = 'system' | 'light' | 'dark';

const stored = 'theme';
const chosen = ofBrowser.get(stored);

export const theme = signal<Theme>(chosen === 'light' || chosen === 'dark' ? chosen : 'system');

effect(() => {
  if (theme.value === 'system') {
    delete document.documentElement.dataset['theme'];
    ofBrowser.remove(stored);
  } else {
    document.documentElement.dataset['theme'] = theme.value;
    ofBrowser.set(stored, theme.value);
  }
});
