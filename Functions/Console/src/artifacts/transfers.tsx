import { useId, useRef, useState } from 'preact/hooks';
import { formatBytes } from '../formats/bytes';
import { formatDuration } from '../formats/times';
import { hrefOf } from '../shell/router';
import { cancelUpload, enqueue, pauseUpload, remove, resume, uploads, type QueuedUpload } from '../uploads/queue';
import { Icon } from '../ui/icon';
import { ProblemNotice } from '../ui/problem-notice';

/** Where files are dropped or chosen, and how their uploads go. */
export function Transfers() {
  const input = useRef<HTMLInputElement>(null);
  const depth = useRef(0);
  const [over, setOver] = useState(false);
  const heading = useId();
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const leave = () => {
    depth.current = 0;
    setOver(false);
  };
  return (
    <section aria-labelledby={heading}>
      <h2 id={heading} class="visually-hidden">
        Upload
      </h2>
      <div
        class={over ? 'drop over' : 'drop'}
        data-testid="drop-zone"
        onDragEnter={event => {
          if (carriesFiles(event)) {
            event.preventDefault();
            depth.current++;
            setOver(true);
          }
        }}
        onDragOver={event => {
          if (carriesFiles(event)) {
            event.preventDefault();
          }
        }}
        onDragLeave={() => {
          // Entering an element inside leaves the one around it.
          if (--depth.current <= 0) {
            leave();
          }
        }}
        onDrop={event => {
          event.preventDefault();
          leave();
          enqueue(event.dataTransfer?.files ?? []);
        }}
      >
        <Icon name="upload" />
        <p>
          Drop files here, or{' '}
          <button type="button" class="button" onClick={() => input.current!.click()}>
            Choose files
          </button>
        </p>
        <p class="small muted">Hashed in your browser first; stored only if the service finds the same digest.</p>
        <input
          ref={input}
          type="file"
          multiple
          class="visually-hidden"
          tabIndex={-1}
          aria-label="Files to upload"
          onChange={event => {
            enqueue(Array.from(event.currentTarget.files ?? []));
            event.currentTarget.value = '';
          }}
        />
      </div>
      {uploads.value.length > 0 && (
        <ul class="transfers" aria-label="Uploads">
          {uploads.value.map(queued => (
            <Transfer key={queued.id} queued={queued} />
          ))}
        </ul>
      )}
    </section>
  );
}

const phaseWords = {
  waiting: 'Waiting',
  hashing: 'Computing the digest',
  sending: 'Uploading',
  retrying: 'Interrupted, trying again',
  paused: 'Paused',
  stored: 'Stored and verified',
  existed: 'Was stored already',
  failed: 'Not stored',
  cancelled: 'Cancelled',
} as const;

function Transfer({ queued }: { queued: QueuedUpload }) {
  const { file } = queued.upload;
  const { phase, done, digest, problem } = queued.state.value;
  const speed = queued.speed.value;
  const ended = phase === 'stored' || phase === 'existed';
  const moving = phase === 'hashing' || phase === 'sending' || phase === 'retrying' || phase === 'waiting';
  const percent = file.size > 0 ? Math.floor((done / file.size) * 100) : ended ? 100 : 0;
  return (
    <li class={`transfer ${phase}`} aria-label={file.name}>
      <div class="transfer-head">
        <span class="transfer-name breakable">
          <Icon name={ended ? 'check' : phase === 'failed' ? 'cross' : phase === 'retrying' ? 'alert' : 'file'} />
          {ended && digest ? <a href={hrefOf(['artifacts', digest])}>{file.name}</a> : file.name}
        </span>
        <span class="buttons">
          {(phase === 'hashing' || phase === 'sending' || phase === 'retrying') && (
            <button type="button" class="icon-button" aria-label={`Pause ${file.name}`} title="Pause" onClick={() => pauseUpload(queued)}>
              <Icon name="pause" />
            </button>
          )}
          {(phase === 'paused' || phase === 'failed') && (
            <button type="button" class="icon-button" aria-label={`Resume ${file.name}`} title="Resume" onClick={() => void resume(queued)}>
              <Icon name="play" />
            </button>
          )}
          {ended || phase === 'failed' ? (
            <button
              type="button"
              class="icon-button"
              aria-label={`Take ${file.name} off the list`}
              title="Take off the list"
              onClick={() => remove(queued)}
            >
              <Icon name="close" />
            </button>
          ) : (
            <button
              type="button"
              class="icon-button"
              aria-label={`Cancel ${file.name}`}
              title="Cancel"
              onClick={() => cancelUpload(queued)}
            >
              <Icon name="close" />
            </button>
          )}
        </span>
      </div>
      {!ended && phase !== 'failed' && (
        <progress max={Math.max(file.size, 1)} value={done} aria-label={`Progress of ${file.name}`}>
          {percent} %
        </progress>
      )}
      <p class="small muted transfer-state">
        <span role="status">{phaseWords[phase]}</span>
        {moving || phase === 'paused' ? (
          <span>
            {percent} % · {formatBytes(done)} of {formatBytes(file.size)}
            {speed > 0 && ` · ${formatBytes(speed)}/s`}
            {speed > 0 && phase === 'sending' && ` · ${formatDuration((file.size - done) / speed)} left`}
          </span>
        ) : (
          <span>{formatBytes(file.size)}</span>
        )}
      </p>
      {phase === 'retrying' && problem && <p class="small">{problem.message}</p>}
      {phase === 'failed' && problem && <ProblemNotice problem={problem} />}
    </li>
  );
}
