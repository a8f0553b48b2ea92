import { useEffect, useRef, useState } from 'preact/hooks';
import type { UsageReport } from '../api/documents';
import { formatBytes, formatCount, plural } from '../formats/bytes';
import { formatDay } from '../formats/times';
import { Table } from '../ui/table';
import { niceCeiling, totalByDay, type DayTotal } from './usage';

const height = 190;
const left = 44;
const bottom = 32;
const top = 8;

/** Uploads per day as bars, with failovers and verification failures marked below them, and all of it as a table. */
export function UploadsPerDay({ report }: { report: UsageReport }) {
  const days = totalByDay(report);
  const eventful = days.filter(day => day.uploads + day.failovers + day.failures > 0);
  const sum = days.reduce((total, day) => total + day.uploads, 0);
  const busiest = days.reduce((most, day) => (day.uploads > most.uploads ? day : most));
  const summary =
    sum === 0
      ? 'No uploads in this period.'
      : `${plural(sum, 'upload')}; the most, ${formatCount(busiest.uploads)}, on ${formatDay(busiest.day)}.`;
  return (
    <figure class="chart">
      <figcaption>
        <h3>Uploads per day</h3>
        <p class="muted small">{summary}</p>
      </figcaption>
      {eventful.length > 0 && (
        <>
          <Plot days={days} most={busiest.uploads} label={`Uploads per day: ${summary}`} />
          {eventful.some(day => day.failovers + day.failures > 0) && <Legend />}
          <details>
            <summary>As a table</summary>
            <Table
              caption="Uploads per day"
              rows={eventful.toReversed()}
              keyOf={day => day.day}
              columns={[
                { heading: 'Day (UTC)', names: true, cell: day => day.day },
                { heading: 'Uploads', number: true, cell: day => formatCount(day.uploads) },
                { heading: 'Bytes', number: true, cell: day => formatBytes(day.bytes) },
                { heading: 'Failovers', number: true, cell: day => formatCount(day.failovers) },
                { heading: 'Verification failures', number: true, cell: day => formatCount(day.failures) },
              ]}
            />
          </details>
        </>
      )}
    </figure>
  );
}

/** Drawn at the width that there is, so that its letters keep their size. */
function Plot({ days, most, label }: { days: DayTotal[]; most: number; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(entries => setWidth(Math.floor(entries[0]!.contentRect.width)));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);

  const ceiling = niceCeiling(most);
  const step = Math.max(0, width - left) / days.length;
  const plot = height - bottom - top;
  const y = (value: number) => top + plot - (value / ceiling) * plot;
  const every = Math.ceil(64 / Math.max(step, 1));
  return (
    <div ref={box} class="plot">
      {width > 0 && (
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
          {(ceiling >= 2 ? [0, ceiling / 2, ceiling] : [0, ceiling]).map(tick => (
            <g key={tick}>
              <line class="grid" x1={left} x2={width} y1={y(tick)} y2={y(tick)} />
              <text class="axis" x={left - 8} y={y(tick) + 4} text-anchor="end">
                {formatCount(tick)}
              </text>
            </g>
          ))}
          {days.map((day, index) => (
            <Day
              key={day.day}
              day={day}
              x={left + index * step}
              step={step}
              y={y}
              // Labels are counted from today, whose label ends where the chart does.
              label={index === days.length - 1 ? 'end' : (days.length - 1 - index) % every === 0 ? 'middle' : null}
            />
          ))}
        </svg>
      )}
    </div>
  );
}

function Day({
  day,
  x,
  step,
  y,
  label,
}: {
  day: DayTotal;
  x: number;
  step: number;
  y: (value: number) => number;
  label: 'middle' | 'end' | null;
}) {
  const gap = Math.min(step * 0.25, 6);
  const middle = x + step / 2;
  const base = y(0);
  // A single upload among thousands is to be seen, too.
  const tall = Math.max(base - y(day.uploads), 2);
  return (
    <g>
      <title>{`${formatDay(day.day)}: ${plural(day.uploads, 'upload')}, ${formatBytes(day.bytes)}`}</title>
      <rect class="hit" x={x} y={top} width={step} height={base - top} />
      {day.uploads > 0 && (
        <rect class="bar" x={x + gap / 2} y={base - tall} width={Math.max(step - gap, 1)} height={tall} rx={Math.min(2, step / 4)} />
      )}
      {day.failovers > 0 && <path class="mark fair" d={`M${middle} ${base + 3}l4.5 8h-9Z`} />}
      {day.failures > 0 && <path class="mark bad" d={`M${middle - 4} ${base + 3}h8v8h-8Z`} />}
      {label && step > 0 && (
        <text class="axis" x={label === 'end' ? x + step : middle} y={height - 4} text-anchor={label}>
          {formatDay(day.day)}
        </text>
      )}
    </g>
  );
}

function Legend() {
  return (
    <p class="legend small">
      <span>
        <svg viewBox="0 0 10 10" aria-hidden="true">
          <path class="mark fair" d="M5 1l4 8H1Z" />
        </svg>{' '}
        failovers
      </span>
      <span>
        <svg viewBox="0 0 10 10" aria-hidden="true">
          <path class="mark bad" d="M1 1h8v8H1Z" />
        </svg>{' '}
        copies found altered or gone
      </span>
    </p>
  );
}
