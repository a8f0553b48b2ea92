import type { BackendDocument } from '../api/documents';

/** How safe the evidence is, as far as the service knows. */
export interface Verdict {
  level: 'good' | 'fair' | 'bad';
  title: string;
  findings: Finding[];
}

export interface Finding {
  level: 'good' | 'fair' | 'bad';
  text: string;
  /** The page where it can be mended. */
  path?: string[];
  query?: Record<string, string>;
  /** What the link says. */
  action?: string;
}

/** What was counted lately; absent for readers who may not see it. */
export interface Counted {
  days: number;
  failovers: number;
  verificationFailures: number;
  /** Of the artifacts with such failures, those of which no intact copy is known. */
  lost: number;
}

/** Judges by what matters: can evidence be stored, is it stored twice over, and is what is stored intact. */
export function judge(backends: readonly BackendDocument[], counted: Counted | undefined): Verdict {
  const findings = [...judgeUploads(backends), ...judgeOthers(backends), ...(counted ? judgeCounts(counted) : [])];
  const level = findings.some(finding => finding.level === 'bad')
    ? 'bad'
    : findings.some(finding => finding.level === 'fair')
      ? 'fair'
      : 'good';
  const title = { good: 'Your evidence is safe', fair: 'Your evidence needs attention', bad: 'Your evidence is at risk' }[level];
  return { level, title, findings };
}

function judgeUploads(backends: readonly BackendDocument[]): Finding[] {
  const primary = backends.find(backend => backend.default);
  const fallback = backends.find(backend => backend.fallback);
  const works = (backend: BackendDocument | undefined) => backend !== undefined && backend.status !== 'invalid';
  if (!primary) {
    return [
      fallback && works(fallback)
        ? { level: 'fair', text: `There is no default backend. Uploads go to the fallback ${fallback.name}.`, ...at() }
        : { level: 'bad', text: 'There is no default backend. Uploads are refused.', ...at() },
    ];
  }

  const findings: Finding[] = [];
  if (primary.status === 'healthy') {
    findings.push({ level: 'good', text: `Uploads go to the default backend ${primary.name}, which is healthy.` });
  } else if (works(fallback)) {
    findings.push({
      level: 'fair',
      text: `The default backend ${primary.name} is ${primary.status}. Uploads go to the fallback ${fallback!.name}.`,
      ...at(primary),
    });
  } else if (primary.status === 'suspect') {
    findings.push({
      level: 'fair',
      text: `The default backend ${primary.name} failed once and is being watched. No fallback would take its place.`,
      ...at(primary),
    });
  } else {
    findings.push({
      level: 'bad',
      text: `The default backend ${primary.name} can’t be used and nothing takes its place. Uploads fail.`,
      ...at(primary),
    });
  }

  if (fallback && fallback.status !== 'healthy') {
    findings.push({ level: 'fair', text: `The fallback backend ${fallback.name} is ${fallback.status}.`, ...at(fallback) });
  } else if (!fallback && primary.status === 'healthy') {
    findings.push({ level: 'fair', text: `There is no fallback. When ${primary.name} fails, uploads fail.`, ...at() });
  }
  if (primary.provider === 'inline') {
    findings.push({ level: 'fair', text: 'The default is the inline backend: content of more than 500 KiB is refused.', ...at() });
  }
  return findings;
}

/** Backends that are neither default nor fallback still hold what was stored on them. */
function judgeOthers(backends: readonly BackendDocument[]): Finding[] {
  return backends
    .filter(backend => !backend.default && !backend.fallback && backend.status === 'invalid')
    .map(backend => ({
      level: 'fair' as const,
      text: `${backend.name} can’t be used. What only it holds can’t be read.`,
      ...at(backend),
    }));
}

function judgeCounts({ days, failovers, verificationFailures, lost }: Counted): Finding[] {
  const findings: Finding[] = [];
  const lately = `in the last ${days} days`;
  const which = { path: ['audit'], query: { action: 'artifact.corrupt' }, action: 'Show which' };
  if (lost > 0) {
    const artifacts = lost === 1 ? 'One artifact has' : `${lost} artifacts have`;
    findings.push({ level: 'bad', text: `${artifacts} no intact copy any more. Upload the same content again.`, ...which });
  } else if (verificationFailures > 0) {
    const copies = verificationFailures === 1 ? 'A stored copy was' : `${verificationFailures} stored copies were`;
    findings.push({ level: 'fair', text: `${copies} found altered or gone ${lately}; intact copies are there.`, ...which });
  } else {
    findings.push({ level: 'good', text: `No stored copy was found altered ${lately}.` });
  }
  if (failovers > 0) {
    const uploads = failovers === 1 ? 'one upload' : `${failovers} uploads`;
    findings.push({ level: 'good', text: `The fallback took ${uploads} ${lately} because the default could not.` });
  }
  return findings;
}

function at(backend?: BackendDocument): { path: string[]; action: string } {
  return backend ? { path: ['backends', backend.name], action: 'Repair' } : { path: ['backends'], action: 'Choose' };
}
