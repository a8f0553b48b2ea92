import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { CopyDocument, CopyList, DownloadLink, ResourceDescriptor, VerificationDocument } from '../api/documents';
import { Problem } from '../api/problem';
import { formatBytes, formatExactBytes } from '../formats/bytes';
import { parseDigest, shortDigest } from '../formats/digests';
import { quoteShell } from '../formats/shell';
import { makeVisible } from '../formats/text';
import { may } from '../session/session';
import { announce } from '../shell/announcements';
import { hrefOf } from '../shell/router';
import { CopyBlock, CopyButton } from '../ui/copy';
import { Icon } from '../ui/icon';
import { Page } from '../ui/page';
import { ProblemNotice } from '../ui/problem-notice';
import { Loaded, useResource } from '../ui/resource';
import { Actor, Stored } from '../ui/stored';
import { When } from '../ui/when';
import { Copies } from './copies';

export function ArtifactPage({ digest: entered }: { digest: string }) {
  const digest = parseDigest(entered) ?? entered;
  const path = `/v1/artifacts/${encodeURIComponent(digest)}`;
  const artifact = useResource(
    async signal => {
      const [descriptor, { copies }] = await Promise.all([
        api.get<ResourceDescriptor>(`${path}/descriptor`, signal),
        api.get<CopyList>(`${path}/copies`, signal),
      ]);
      return { descriptor, copies };
    },
    [digest],
  );
  const name = artifact.data?.descriptor.name;
  return (
    <Page
      title={name ? makeVisible(name) : shortDigest(digest)}
      lead={
        <a href={hrefOf(['artifacts'])} class="back">
          <Icon name="back" />
          Artifacts
        </a>
      }
    >
      <Loaded resource={artifact} what="the artifact">
        {data => <Artifact {...data} digest={digest} path={path} onChanged={artifact.reload} />}
      </Loaded>
    </Page>
  );
}

function Artifact({
  descriptor,
  copies,
  digest,
  path,
  onChanged,
}: {
  descriptor: ResourceDescriptor;
  copies: CopyDocument[];
  digest: string;
  path: string;
  onChanged: () => void;
}) {
  const [busy, setBusy] = useState<'download' | 'verify' | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [verification, setVerification] = useState<VerificationDocument | null>(null);
  const { annotations } = descriptor;
  const names = [...new Set(copies.flatMap(copy => copy.labels.flatMap(label => label.name ?? [])))];
  const size = Number(annotations['casfunctions.size']);
  const address = quoteShell(`${location.origin}/v1/artifacts/${digest}`);
  const corrupt = annotations['casfunctions.status'] === 'corrupt';

  const mayDownload = may.value.download && !corrupt;

  const run = async (what: 'download' | 'verify', action: () => Promise<void>) => {
    setBusy(what);
    setProblem(null);
    try {
      await action();
    } catch (failure) {
      setProblem(Problem.of(failure));
    } finally {
      setBusy(null);
    }
  };
  const download = () =>
    run('download', async () => {
      const link = await api.post<DownloadLink>(`${path}/links`);
      // With this attribute a failure of the download does not replace the console by an error page.
      const anchor = document.createElement('a');
      anchor.href = link.url;
      anchor.download = '';
      anchor.click();
      announce('The download begins.');
    });
  const verify = () =>
    run('verify', async () => {
      const found = await api.post<VerificationDocument>(`${path}/verification`);
      setVerification(found);
      const right = found.copies.every(copy => copy.outcome === 'right');
      announce(right ? 'Every stored copy has the digest.' : 'Not every stored copy is right.', right);
      onChanged();
    });

  return (
    <>
      {(mayDownload || may.value.manage) && (
        <div class="buttons" role="group" aria-label="Actions">
          {mayDownload && (
            <button type="button" class="button primary" disabled={busy !== null} onClick={download}>
              <Icon name="download" />
              Download
            </button>
          )}
          {may.value.manage && (
            <button type="button" class="button" disabled={busy !== null} onClick={verify}>
              {busy === 'verify' ? <span class="spinner" aria-hidden="true" /> : <Icon name="shield" />}
              {busy === 'verify' ? 'Reading the stored copies…' : 'Verify now'}
            </button>
          )}
        </div>
      )}
      {problem && <ProblemNotice problem={problem} />}
      {corrupt && (
        <div class="notice bad" role="alert">
          <Icon name="cross" />
          <p>
            <strong>The stored copy was altered or is gone.</strong> It is not delivered. Upload the same content again; if the backend
            refuses that, make another one the default first.
          </p>
        </div>
      )}

      <section class="panel" aria-label="About this artifact">
        <dl class="facts">
          <dt>Digest</dt>
          <dd>
            <code class="breakable">{digest}</code> <CopyButton text={digest} what="digest" compact />
          </dd>
          <dt>Size</dt>
          <dd>
            {formatBytes(size)} <span class="muted">({formatExactBytes(size)})</span>
          </dd>
          <dt>Media type</dt>
          <dd>{descriptor.mediaType ? <Stored text={descriptor.mediaType} /> : <span class="muted">Not told</span>}</dd>
          <dt>Uploaded</dt>
          <dd>
            <When at={annotations['casfunctions.uploadedAt']} /> by <Actor name={annotations['casfunctions.uploadedBy']} />
          </dd>
          <dt>Last verified</dt>
          <dd>
            <When at={annotations['casfunctions.verifiedAt']} />
          </dd>
          {names.length > 1 && (
            <>
              <dt>Names</dt>
              <dd>
                <ul>
                  {names.map(name => (
                    <li key={name}>
                      <Stored text={name} />
                    </li>
                  ))}
                </ul>
              </dd>
            </>
          )}
        </dl>
      </section>

      <Copies copies={copies} verification={verification} />

      <section class="panel" aria-label="Use it elsewhere">
        <h2>Elsewhere</h2>
        <h3>Command line</h3>
        <CopyBlock what="cas line" text={`cas artifact download -d ${digest}`} />
        <h3>curl</h3>
        <CopyBlock
          what="curl line"
          text={`curl -fH "Authorization: Bearer $CAS_TOKEN" -o ${quoteShell(outputName(descriptor, digest))} ${address}`}
        />
        <h3>In-toto descriptor</h3>
        <CopyBlock what="descriptor" text={JSON.stringify(descriptor, null, 2)} />
      </section>
    </>
  );
}

/** The stored name without what could lead out of the folder or hide something. */
function outputName(descriptor: ResourceDescriptor, digest: string): string {
  const name = (descriptor.name ?? '')
    .split(/[\\/]/)
    .at(-1)!
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '_')
    .replace(/^[-.]+/, '');
  return name || digest.replace('sha256:', '');
}
