import { useState } from 'preact/hooks';
import { api, withQuery } from '../api/api';
import type { AuditPage, BackendDocument, UsageReport } from '../api/documents';
import { formatBytes, formatCount } from '../formats/bytes';
import { Status } from '../backends/status';
import { providerLabel } from '../backends/providers';
import { may } from '../session/session';
import { hrefOf } from '../shell/router';
import { Icon, type IconName } from '../ui/icon';
import { Page } from '../ui/page';
import { Empty, Loaded, useResource } from '../ui/resource';
import { When } from '../ui/when';
import { ByBackend } from './by-backend';
import { UploadsPerDay } from './day-chart';
import { judge, type Verdict } from './verdict';

interface Known {
  backends: BackendDocument[];
  /** For owners only. */
  usage?: UsageReport;
  /** When the last stored copy was read again and found right; for owners only. */
  verifiedAt?: string | undefined;
}

const spans = [7, 30, 90, 365];

export function OverviewPage() {
  const [days, setDays] = useState(30);
  const owner = may.value.manage;
  const known = useResource<Known>(
    async signal => {
      const from = new Date(Date.now() - (days - 1) * 86_400_000).toISOString().slice(0, 10);
      const [list, usage, verified] = await Promise.all([
        api.get<{ backends: BackendDocument[] }>('/v1/backends', signal),
        owner ? api.get<UsageReport>(withQuery('/v1/usage', { from }), signal) : undefined,
        owner ? api.get<AuditPage>(withQuery('/v1/audit', { action: 'artifact.verified', limit: 1 }), signal) : undefined,
      ]);
      return { backends: list.backends, ...(usage && { usage }), verifiedAt: verified?.events[0]?.at };
    },
    [days, owner],
  );
  return (
    <Page
      title="Overview"
      actions={
        <button type="button" class="button" disabled={known.loading} onClick={known.reload}>
          <Icon name="refresh" />
          Refresh
        </button>
      }
    >
      <Loaded resource={known} what="the state of your evidence">
        {data => <Overview known={data} days={days} onDays={setDays} />}
      </Loaded>
    </Page>
  );
}

function Overview({ known, days, onDays }: { known: Known; days: number; onDays: (days: number) => void }) {
  const { backends, usage, verifiedAt } = known;
  const sum = (count: 'failovers' | 'verificationFailures' | 'uploads' | 'uploadedBytes') =>
    usage?.totals.reduce((total, backend) => total + backend[count], 0) ?? 0;
  const counted = usage && { days, failovers: sum('failovers'), verificationFailures: sum('verificationFailures') };
  const primary = backends.find(backend => backend.default);
  const fallback = backends.find(backend => backend.fallback);
  return (
    <>
      <VerdictBanner verdict={judge(backends, counted)} />
      <div class="tiles two">
        <BackendTile as="Default" backend={primary} />
        <BackendTile as="Fallback" backend={fallback} />
      </div>
      {usage ? (
        <>
          <div class="section-head">
            <h2>Activity</h2>
            <label class="inline-label">
              Period
              <select value={String(days)} onChange={event => onDays(Number(event.currentTarget.value))}>
                {spans.map(span => (
                  <option key={span} value={String(span)}>
                    Last {span} days
                  </option>
                ))}
              </select>
            </label>
          </div>
          <div class="tiles four">
            <Tile label="Uploads" value={formatCount(sum('uploads'))} note={formatBytes(sum('uploadedBytes'))} />
            <Tile label="Failovers" value={formatCount(sum('failovers'))} note="uploads that the fallback took" />
            <Tile
              label="Verification failures"
              value={formatCount(sum('verificationFailures'))}
              note="copies found altered or gone"
              bad={sum('verificationFailures') > 0}
            />
            <Tile label="Last verification" value={<When at={verifiedAt} ifNever="None yet" />} note="of a stored copy that was found right" />
          </div>
          <section class="panel" aria-label="Uploads per day">
            <UploadsPerDay report={usage} />
          </section>
          <section class="panel" aria-label="Stored per backend">
            {usage.totals.length > 0 ? (
              <ByBackend report={usage} />
            ) : (
              <Empty title="Nothing was stored in this period">
                <p>
                  <a href={hrefOf(['artifacts'])}>Upload a first artifact</a>, or let a pipeline do it.
                </p>
              </Empty>
            )}
          </section>
        </>
      ) : (
        <p class="muted">Counts and charts are shown to owners.</p>
      )}
    </>
  );
}

const verdictIcons: Record<Verdict['level'], IconName> = { good: 'shield', fair: 'shieldAlert', bad: 'shieldAlert' };
const findingIcons: Record<Verdict['level'], IconName> = { good: 'check', fair: 'alert', bad: 'cross' };

function VerdictBanner({ verdict }: { verdict: Verdict }) {
  return (
    <section class={`verdict ${verdict.level}`} aria-label="Is the evidence safe?">
      <Icon name={verdictIcons[verdict.level]} />
      <div>
        <h2>{verdict.title}</h2>
        <ul>
          {verdict.findings.map(finding => (
            <li key={finding.text} class={finding.level}>
              <Icon name={findingIcons[finding.level]} />
              <span>
                {finding.text}{' '}
                {finding.path && may.value.manage && <a href={hrefOf(finding.path, finding.query)}>{finding.action}</a>}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function BackendTile({ as, backend }: { as: 'Default' | 'Fallback'; backend: BackendDocument | undefined }) {
  return (
    <section class="tile" aria-label={`${as} backend`}>
      <h2 class="tile-label">{as}</h2>
      {backend ? (
        <>
          <p class="tile-value">
            <a class="breakable" href={hrefOf(['backends', backend.name])}>
              {backend.name}
            </a>{' '}
            <span class="muted small">{providerLabel(backend.provider)}</span>
          </p>
          <Status backend={backend} />
          <p class="small muted">
            {backend.provider === 'inline' ? 'Needs no check' : <>Checked <When at={backend.checkedAt} /></>}
          </p>
        </>
      ) : (
        <>
          <p class="tile-value muted">None</p>
          <p class="small muted">
            {as === 'Default' ? 'Uploads that name no backend have nowhere to go.' : 'Nothing takes uploads while the default fails.'}
          </p>
        </>
      )}
    </section>
  );
}

function Tile({ label, value, note, bad = false }: { label: string; value: preact.ComponentChildren; note: string; bad?: boolean }) {
  return (
    <div class={bad ? 'tile bad' : 'tile'} role="group" aria-label={label}>
      <p class="tile-label">{label}</p>
      <p class="tile-value">
        {bad && <Icon name="alert" />}
        {value}
      </p>
      <p class="small muted">{note}</p>
    </div>
  );
}
