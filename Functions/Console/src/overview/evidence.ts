import { api, withQuery } from '../api/api';
import type { AuditPage, BackendDocument, ResourceDescriptor, UsageReport } from '../api/documents';

/** What the overview shows. */
export interface Evidence {
  backends: BackendDocument[];
  /** What was done lately; for owners only. */
  activity: Activity | undefined;
}

export interface Activity {
  days: number;
  usage: UsageReport;
  /** When a stored copy was last read again and found right. */
  verifiedAt: string | undefined;
  /** How many of the artifacts that were found altered or gone have no intact copy. */
  lost: number;
}

/** So many artifacts are looked at when copies were found altered: enough to tell the exception from the disaster. */
const mostLookedAt = 20;

export async function readEvidence(days: number, owner: boolean, signal: AbortSignal): Promise<Evidence> {
  const [{ backends }, activity] = await Promise.all([
    api.get<{ backends: BackendDocument[] }>('/v1/backends', signal),
    owner ? readActivity(days, signal) : undefined,
  ]);
  return { backends, activity };
}

async function readActivity(days: number, signal: AbortSignal): Promise<Activity> {
  const from = new Date(Date.now() - (days - 1) * 86_400_000).toISOString().slice(0, 10);
  const [usage, verified] = await Promise.all([
    api.get<UsageReport>(withQuery('/v1/usage', { from }), signal),
    readAudit('artifact.verified', 1, signal),
  ]);
  const failed = usage.totals.some(backend => backend.verificationFailures > 0);
  return { days, usage, verifiedAt: verified.events[0]?.at, lost: failed ? await countLost(signal) : 0 };
}

/** Looks whether the artifacts whose copies were found altered have another copy, or got one since. */
async function countLost(signal: AbortSignal): Promise<number> {
  const { events } = await readAudit('artifact.corrupt', 100, signal);
  const digests = [...new Set(events.map(event => event.subject))].slice(0, mostLookedAt);
  const lost = await Promise.all(
    digests.map(async digest => {
      const descriptor = await api
        .get<ResourceDescriptor>(`/v1/artifacts/${encodeURIComponent(digest)}/descriptor`, signal)
        .catch(() => null);
      return descriptor?.annotations['casfunctions.status'] === 'corrupt';
    }),
  );
  return lost.filter(Boolean).length;
}

function readAudit(action: string, limit: number, signal: AbortSignal): Promise<AuditPage> {
  return api.get<AuditPage>(withQuery('/v1/audit', { action, limit }), signal);
}
