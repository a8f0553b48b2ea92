import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { BackendDocument } from '../api/documents';
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
import { readEvidence, type Activity, type Evidence } from './evidence';
import { sumOf } from './usage';
import { judge, type Verdict } from './verdict';

const spans = [7, 30, 90, 365];

export function OverviewPage() {
  const [days, setDays] = useState(30);
  const owner = may.value.manage;
  const evidence = useResource(signal => readEvidence(days, owner, signal), [days, owner]);
  return (
    <Page
      title="Overview"
      actions={
        <button type="button" class="button" disabled={evidence.loading} onClick={evidence.reload}>
          <Icon name="refresh" />
          Refresh
        </button>
      }
    >
      <Loaded resource={evidence} what="the state of your evidence">
        {data => <Overview evidence={data} days={days} onDays={setDays} />}
      </Loaded>
    </Page>
  );
}

function Overview({ evidence, days, onDays }: { evidence: Evidence; days: number; onDays: (days: number) => void }) {
  const { backends, activity } = evidence;
  return (
    <>
      <VerdictBanner verdict={judge(backends, activity && { ...activity, ...sumOf(activity.usage) })} />
      <div class="tiles two">
        <BackendTile as="Default" backend={backends.find(backend => backend.default)} />
        <BackendTile as="Fallback" backend={backends.find(backend => backend.fallback)} />
      </div>
      {activity ? (
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
          <ActivityTiles activity={activity} />
          <section class="panel" aria-label="Uploads per day">
            <UploadsPerDay report={activity.usage} />
          </section>
          <section class="panel" aria-label="Stored per backend">
            {activity.usage.totals.length > 0 ? (
              <ByBackend report={activity.usage} />
            ) : (
              <Empty title="Nothing was stored in this period">
                <p>
                  <a href={hrefOf(['artifacts'])}>Upload an artifact</a>, or let a pipeline do it.
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

function ActivityTiles({ activity }: { activity: Activity }) {
  const sum = sumOf(activity.usage);
  return (
    <div class="tiles four">
      <Tile label="Uploads" value={formatCount(sum.uploads)} note={`${formatBytes(sum.uploadedBytes)} stored`} />
      <Tile label="Failovers" value={formatCount(sum.failovers)} note="uploads that the fallback took" />
      <Tile
        label="Verification failures"
        value={formatCount(sum.verificationFailures)}
        note="copies found altered or gone"
        bad={sum.verificationFailures > 0}
      />
      <Tile label="Last verification" value={<When at={activity.verifiedAt} ifNever="None yet" />} note="of a copy that was found right" />
    </div>
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
                {finding.text} {finding.path && may.value.manage && <a href={hrefOf(finding.path, finding.query)}>{finding.action}</a>}
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
            {backend.provider === 'inline' ? (
              'Needs no check'
            ) : (
              <>
                Checked <When at={backend.checkedAt} />
              </>
            )}
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

function Tile({ label, value, note, bad = false }: { label: string; value: ComponentChildren; note: string; bad?: boolean }) {
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
