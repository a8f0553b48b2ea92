import { useEffect, useRef } from 'preact/hooks';
import { endSession, may, session } from '../session/session';
import { activeUploads } from '../uploads/queue';
import { roleWords } from '../organization/roles';
import { Icon, type IconName } from '../ui/icon';
import { hrefOf, route } from './router';
import { theme, type Theme } from './theme';

interface Entry {
  path: string[];
  label: string;
  icon: IconName;
}

const main: Entry[] = [
  { path: [], label: 'Overview', icon: 'gauge' },
  { path: ['backends'], label: 'Backends', icon: 'database' },
  { path: ['artifacts'], label: 'Artifacts', icon: 'file' },
];

const organization: Entry[] = [
  { path: ['owners'], label: 'Owners', icon: 'people' },
  { path: ['tokens'], label: 'Tokens', icon: 'key' },
  { path: ['trusts'], label: 'Trusts', icon: 'link' },
  { path: ['audit'], label: 'Audit log', icon: 'list' },
];

export function Navigation() {
  const { organization: name, role, identity } = session.value!;
  const entries = may.value.manage ? organization : organization.slice(0, 1);
  const moving = activeUploads.value.length;
  return (
    <header class="side">
      <div class="side-top">
        <p class="brand">
          <Icon name="shield" />
          CasFunctions
        </p>
        <p class="organization">
          <span class="visually-hidden">Organization </span>
          {name}
        </p>
        <p class="small muted breakable who">
          Signed in as {roleWords[role].toLowerCase()} <code>{identity}</code>
        </p>
      </div>
      <nav aria-label="Pages">
        <ul>
          {main.map(entry => (
            <Link key={entry.label} entry={entry} note={entry.path[0] === 'artifacts' && moving > 0 ? `${moving} uploading` : undefined} />
          ))}
        </ul>
        <ul>
          {entries.map(entry => (
            <Link key={entry.label} entry={entry} />
          ))}
        </ul>
      </nav>
      <div class="side-bottom">
        <label class="theme">
          <Icon name="theme" />
          <span class="visually-hidden">Theme</span>
          <select value={theme.value} onChange={event => (theme.value = event.currentTarget.value as Theme)}>
            <option value="system">As the system</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </select>
        </label>
        <button type="button" class="button small" onClick={() => endSession(null)}>
          <Icon name="signOut" />
          Sign out
        </button>
      </div>
    </header>
  );
}

function Link({ entry, note }: { entry: Entry; note?: string | undefined }) {
  const link = useRef<HTMLAnchorElement>(null);
  const current = (route.value.path[0] ?? '') === (entry.path[0] ?? '');
  useEffect(() => {
    if (current) {
      // On a narrow screen the entries are a row that scrolls.
      link.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
  }, [current]);
  return (
    <li>
      <a ref={link} href={hrefOf(entry.path)} aria-current={current ? 'page' : undefined}>
        <Icon name={entry.icon} />
        {entry.label}
        {note && <span class="note">{note}</span>}
      </a>
    </li>
  );
}
