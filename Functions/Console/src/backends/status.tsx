import type { BackendDocument } from '../api/documents';
import { Icon, type IconName } from '../ui/icon';
import { Stored } from '../ui/stored';
import { When } from '../ui/when';

const looks = {
  healthy: { word: 'Healthy', icon: 'check', tone: 'good' },
  suspect: { word: 'Suspect', icon: 'alert', tone: 'fair' },
  invalid: { word: 'Invalid', icon: 'cross', tone: 'bad' },
  archived: { word: 'Archived', icon: 'archive', tone: 'neutral' },
} as const satisfies Record<string, { word: string; icon: IconName; tone: string }>;

/** A word with a shape and a colour of its own. */
export function Badge({
  icon,
  tone,
  children,
}: {
  icon: IconName;
  tone: 'good' | 'fair' | 'bad' | 'neutral' | 'accent';
  children: string;
}) {
  return (
    <span class={`badge ${tone}`}>
      <Icon name={icon} />
      {children}
    </span>
  );
}

export function StatusBadge({ backend }: { backend: BackendDocument }) {
  const { word, icon, tone } = looks[backend.archivedAt ? 'archived' : backend.status];
  return (
    <Badge icon={icon} tone={tone}>
      {word}
    </Badge>
  );
}

/** The status with its reason and since when. */
export function Status({ backend }: { backend: BackendDocument }) {
  return (
    <div class="status">
      <StatusBadge backend={backend} />
      <span class="small muted">
        <When at={backend.archivedAt ?? backend.statusSince} />
      </span>
      {backend.statusReason && (
        <p class="small reason">
          <Stored text={backend.statusReason} />
        </p>
      )}
    </div>
  );
}
