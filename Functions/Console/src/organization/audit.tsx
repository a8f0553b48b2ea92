import { api, withQuery } from '../api/api';
import type { AuditEntry, AuditPage as AuditDocument } from '../api/documents';
import { formatAbsolute } from '../formats/times';
import { parseDigest, shortDigest } from '../formats/digests';
import { go, hrefOf, route } from '../shell/router';
import { Page } from '../ui/page';
import { Pager, useCursors } from '../ui/pager';
import { Empty, Loaded, useResource } from '../ui/resource';
import { Actor, Stored } from '../ui/stored';
import { Table } from '../ui/table';
import { When } from '../ui/when';

const actions: Record<string, string> = {
  'backend.created': 'Backend added',
  'backend.changed': 'Backend changed',
  'backend.rotated': 'Credentials rotated',
  'backend.deleted': 'Backend deleted',
  'backend.purged': 'Backend purged',
  'backend.selected': 'Default or fallback changed',
  'backend.invalid': 'Backend found invalid',
  'backend.recovered': 'Backend recovered',
  'token.created': 'Token created',
  'token.revoked': 'Token revoked',
  'token.exchanged': 'Token exchanged',
  'trust.created': 'Trust added',
  'trust.removed': 'Trust removed',
  'organization.created': 'Organization created',
  'organization.changed': 'Owners changed',
  'artifact.uploaded': 'Artifact uploaded',
  'artifact.deduplicated': 'Artifact there already',
  'artifact.linked': 'Download link made',
  'artifact.downloaded': 'Artifact downloaded',
  'artifact.corrupt': 'Copy altered or gone',
  'artifact.verified': 'Copy verified',
};

const pageSize = 50;

export function AuditLogPage() {
  const action = route.value.query.get('action') ?? '';
  return (
    <Page
      title="Audit log"
      lead="Who did what, the newest first."
      actions={
        <label class="inline-label">
          Show
          <select value={action} onChange={event => go(['audit'], { action: event.currentTarget.value })}>
            <option value="">Everything</option>
            {Object.entries(actions).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
      }
    >
      <Events key={action} action={action} />
    </Page>
  );
}

function Events({ action }: { action: string }) {
  const cursors = useCursors();
  const page = useResource(
    signal => api.get<AuditDocument>(withQuery('/v1/audit', { action, after: cursors.after, limit: pageSize }), signal),
    [action, cursors.after],
  );
  return (
    <Loaded resource={page} what="the audit log">
      {data =>
        data.events.length === 0 ? (
          <Empty title={action ? 'Nothing of this kind happened' : 'Nothing happened yet'} />
        ) : (
          <>
            <Table
              caption="Audit log"
              rows={data.events}
              keyOf={(event, index) => `${event.at} ${index}`}
              columns={[
                {
                  heading: 'When',
                  cell: event => (
                    <>
                      <When at={event.at} />
                      <span class="small muted nowrap block">{formatAbsolute(new Date(event.at))}</span>
                    </>
                  ),
                },
                { heading: 'What', names: true, cell: event => <span title={event.action}>{actions[event.action] ?? event.action}</span> },
                { heading: 'Subject', cell: event => <Subject event={event} /> },
                { heading: 'Who', cell: event => <Actor name={event.actor} /> },
                { heading: 'Details', cell: event => <Details event={event} /> },
              ]}
            />
            <Pager what="the audit log" cursors={cursors} next={data.next} busy={page.loading} />
          </>
        )
      }
    </Loaded>
  );
}

function Subject({ event }: { event: AuditEntry }) {
  const digest = parseDigest(event.subject);
  if (digest) {
    return (
      <a href={hrefOf(['artifacts', digest])} title={digest}>
        <code>{shortDigest(digest)}</code>
      </a>
    );
  }
  return <Stored text={event.subject} />;
}

function Details({ event }: { event: AuditEntry }) {
  const details = Object.entries(event.details ?? {});
  return details.length === 0 ? (
    <span class="muted" aria-hidden="true">
      –
    </span>
  ) : (
    <dl class="details">
      {details.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Stored text={value} lines={3} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
