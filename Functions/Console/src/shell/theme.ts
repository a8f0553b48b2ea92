import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const stored = 'theme';
const chosen = localStorage.getItem(stored);

export const theme = signal<Theme>(chosen === 'light' || chosen === 'dark' ? chosen : 'system');

effect(() => {
  if (theme.value === 'system') {
    delete document.documentElement.dataset['theme'];
    localStorage.removeItem(stored);
  } else {
    document.documentElement.dataset['theme'] = theme.value;
    localStorage.setItem(stored, theme.value);
  }
});
