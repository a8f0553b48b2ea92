import type { UsageCounts, UsageReport } from '../api/documents';
import { daysBetween } from '../formats/times';

/** What happened on a day, over all backends. */
export interface DayTotal {
  day: string;
  uploads: number;
  bytes: number;
  failovers: number;
  failures: number;
}

/** The sums over all backends of each day, also of those on which nothing happened. */
export function totalByDay(report: UsageReport): DayTotal[] {
  const totals = new Map<string, DayTotal>();
  for (const day of daysBetween(report.from, report.to)) {
    totals.set(day, { day, uploads: 0, bytes: 0, failovers: 0, failures: 0 });
  }
  for (const usage of report.days) {
    const total = totals.get(usage.day);
    if (total) {
      total.uploads += usage.uploads;
      total.bytes += usage.uploadedBytes;
      total.failovers += usage.failovers;
      total.failures += usage.verificationFailures;
    }
  }
  return [...totals.values()];
}

/** The least of 1, 2, 5, 10, 20, … that is not below a value, so that the axis has a plain number at its top. */
export function niceCeiling(value: number): number {
  if (value <= 1) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= value)!;
}

/** The sums over all backends. */
export function sumOf(report: UsageReport): UsageCounts {
  const sum = (count: keyof UsageCounts) => report.totals.reduce((total, backend) => total + backend[count], 0);
  return {
    uploads: sum('uploads'),
    uploadedBytes: sum('uploadedBytes'),
    deduplicated: sum('deduplicated'),
    downloads: sum('downloads'),
    downloadedBytes: sum('downloadedBytes'),
    failovers: sum('failovers'),
    verificationFailures: sum('verificationFailures'),
  };
}
