import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { BackendDocument, NoticeDocument } from '../api/documents';
import { formatBytes, formatExactBytes, plural } from '../formats/bytes';
import { may } from '../session/session';
import { hrefOf } from '../shell/router';
import { Icon } from '../ui/icon';
import { Page } from '../ui/page';
import { Loaded, useResource } from '../ui/resource';
import { Stored } from '../ui/stored';
import { When } from '../ui/when';
import { DeleteDialog } from './delete';
import { EditDialog } from './edit';
import { credentialKinds, providerLabel } from './providers';
import { RotateDialog } from './rotate';
import { ClearDialog, SelectDialog } from './select';
import { Badge, Status } from './status';
import { ValidateButton } from './validate';

type Open = 'rotate' | 'edit' | 'delete' | 'default' | 'fallback' | 'clear' | null;

export function BackendPage({ name }: { name: string }) {
  const backends = useResource(signal => api.get<{ backends: BackendDocument[] }>('/v1/backends', signal), [name]);
  return (
    <Page
      title={name}
      lead={
        <a href={hrefOf(['backends'])} class="back">
          <Icon name="back" />
          Backends
        </a>
      }
    >
      <Loaded resource={backends} what="the backend">
        {data => {
          const backend = data.backends.find(candidate => candidate.name === name);
          return backend ? (
            <Backend backend={backend} all={data.backends} onChanged={backends.reload} />
          ) : (
            <div class="notice bad" role="alert">
              <Icon name="cross" />
              <p>There is no backend of this name. It may have been deleted.</p>
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Backend({ backend, all, onChanged }: { backend: BackendDocument; all: BackendDocument[]; onChanged: () => void }) {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const inline = backend.provider === 'inline';
  const archived = backend.archivedAt !== undefined;
  const done = () => {
    close();
    onChanged();
  };
  return (
    <>
      {may.value.manage && (
        <div class="buttons" role="group" aria-label="Actions">
          {!inline && !archived && <ValidateButton backend={backend} onChecked={onChanged} />}
          {credentialKinds(backend.provider).length > 0 && (
            <button type="button" class={backend.status === 'invalid' ? 'button primary' : 'button'} onClick={() => setOpen('rotate')}>
              <Icon name="key" />
              Rotate credentials
            </button>
          )}
          {!archived && !backend.default && (
            <button type="button" class="button" onClick={() => setOpen('default')}>
              Make default
            </button>
          )}
          {!archived && !backend.default && !backend.fallback && (
            <button type="button" class="button" onClick={() => setOpen('fallback')}>
              Make fallback
            </button>
          )}
          {(backend.default || backend.fallback) && (
            <button type="button" class="button" onClick={() => setOpen('clear')}>
              {backend.default ? 'No longer default' : 'No longer fallback'}
            </button>
          )}
          {!archived && (
            <button type="button" class="button" onClick={() => setOpen('edit')}>
              Edit
            </button>
          )}
          {!inline && (
            <button type="button" class="button danger-quiet" onClick={() => setOpen('delete')}>
              Delete
            </button>
          )}
        </div>
      )}

      <section class="panel" aria-label="About this backend">
        <dl class="facts">
          <dt>Status</dt>
          <dd>
            <Status backend={backend} />
          </dd>
          <dt>Used as</dt>
          <dd>
            {backend.default && (
              <Badge icon="check" tone="accent">
                Default
              </Badge>
            )}
            {backend.fallback && (
              <Badge icon="check" tone="accent">
                Fallback
              </Badge>
            )}
            {!backend.default && !backend.fallback && <span class="muted">Neither default nor fallback</span>}
          </dd>
          <dt>Last checked</dt>
          <dd>
            <When at={backend.checkedAt} ifNever={inline ? 'needs no check' : 'never'} />
          </dd>
          <dt>Provider</dt>
          <dd>{providerLabel(backend.provider)}</dd>
          <dt>Location</dt>
          <dd>{backend.location ? <Stored text={backend.location} /> : <span class="muted">The service’s own tables</span>}</dd>
          <dt>Description</dt>
          <dd>{backend.description ? <Stored text={backend.description} /> : <span class="muted">None</span>}</dd>
          <dt>Max size</dt>
          <dd title={formatExactBytes(backend.maxBytes)}>{formatBytes(backend.maxBytes)}</dd>
          <dt>Added</dt>
          <dd>
            <When at={backend.createdAt} />
          </dd>
        </dl>
      </section>

      {archived && (
        <div class="notice">
          <Icon name="archive" />
          <p>
            This backend was deleted while it held artifacts. It takes no uploads; what it holds stays readable until it is purged. Its
            credentials can still be rotated.
          </p>
        </div>
      )}
      <Notices notices={backend.notices} />

      {open === 'rotate' && <RotateDialog backend={backend} onDone={done} onClose={close} />}
      {open === 'edit' && <EditDialog backend={backend} onDone={done} onClose={close} />}
      {(open === 'default' || open === 'fallback') && <SelectDialog backend={backend} as={open} all={all} onDone={done} onClose={close} />}
      {open === 'clear' && <ClearDialog backend={backend} all={all} onDone={done} onClose={close} />}
      {open === 'delete' && <DeleteDialog backend={backend} onChanged={onChanged} onClose={close} />}
    </>
  );
}

const noticeWords = {
  invalid: 'Owners were told that it can’t be used',
  recovered: 'Owners were told that it works again',
  contentCorrupt: 'Owners were told that stored content was altered or is gone',
};

function Notices({ notices }: { notices: NoticeDocument[] }) {
  if (notices.length === 0) {
    return null;
  }
  return (
    <section class="panel">
      <h2>Mails to owners</h2>
      <ul class="timeline">
        {notices.toReversed().map(notice => (
          <li key={notice.kind + notice.at}>
            <p>
              {noticeWords[notice.kind]} · <When at={notice.at} />
            </p>
            <p class="small muted">
              {notice.pending ? 'Still being delivered' : 'Done'}: {plural(notice.delivered, 'mail')} accepted
              {notice.refused.length > 0 && `, ${formatRefused(notice)}`}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function formatRefused(notice: NoticeDocument): string {
  const named = notice.refused.filter(mail => mail.owner).map(mail => `${mail.owner} (${mail.reason})`);
  return named.length > 0 ? `refused: ${named.join(', ')}` : `${plural(notice.refused.length, 'mail')} refused`;
}
