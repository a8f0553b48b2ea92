import { computed, signal } from '@preact/signals';

/** Where the user is: the part of the address after `#`, which is never sent to the service. */
export interface Route {
  /** The segments of the path, decoded. */
  path: string[];
  query: URLSearchParams;
}

function read(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  return { path: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export const route = signal<Route>(read());

/** Changes when the page does, but not with its query. */
export const page = computed(() => route.value.path.join('/'));

addEventListener('hashchange', () => {
  route.value = read();
});

/** The address of a page within the console. */
export function hrefOf(path: string[], query: Record<string, string | undefined> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value) {
      parameters.set(name, value);
    }
  }
  const text = parameters.toString();
  return `#/${path.map(segment => encodeURIComponent(segment).replaceAll('%3A', ':')).join('/')}${text ? `?${text}` : ''}`;
}

export function go(path: string[], query?: Record<string, string | undefined>): void {
  location.hash = hrefOf(path, query);
}
