import { useEffect, useState } from 'preact/hooks';
import { api, withQuery } from '../api/api';
import type { ArtifactPage } from '../api/documents';
import { formatBytes, formatExactBytes } from '../formats/bytes';
import { parseDigest } from '../formats/digests';
import { may } from '../session/session';
import { go, hrefOf, route } from '../shell/router';
import { storedCount } from '../uploads/queue';
import { Digest } from '../ui/copy';
import { Icon } from '../ui/icon';
import { Page } from '../ui/page';
import { Pager, useCursors } from '../ui/pager';
import { Empty, Loaded, useResource } from '../ui/resource';
import { Actor, Stored } from '../ui/stored';
import { Table } from '../ui/table';
import { When } from '../ui/when';
import { Transfers } from './transfers';

const pageSize = 50;

export function ArtifactsPage() {
  const name = route.value.query.get('name') ?? '';
  return (
    <Page title="Artifacts" lead="Everything that was uploaded, the newest first, under the names it was uploaded with.">
      {may.value.upload && <Transfers />}
      <Search name={name} />
      <List key={`list ${name}`} name={name} />
    </Page>
  );
}

function Search({ name }: { name: string }) {
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  const find = (event: Event) => {
    event.preventDefault();
    const digest = parseDigest(text);
    if (digest) {
      go(['artifacts', digest]);
    } else {
      go(['artifacts'], { name: text.trim() });
    }
  };
  return (
    <form role="search" class="search" aria-label="Artifacts" onSubmit={find}>
      <label class="visually-hidden" for="search">
        Search by name or digest
      </label>
      <div class="search-box">
        <Icon name="search" />
        <input
          id="search"
          type="search"
          autoComplete="off"
          spellcheck={false}
          placeholder="Begin of a name, or a digest"
          value={text}
          onInput={event => setText(event.currentTarget.value)}
        />
      </div>
      <button type="submit" class="button">
        Search
      </button>
      {name && (
        <a class="button" href={hrefOf(['artifacts'])}>
          Show all
        </a>
      )}
    </form>
  );
}

function List({ name }: { name: string }) {
  const cursors = useCursors();
  const page = useResource(
    signal => api.get<ArtifactPage>(withQuery('/v1/artifacts', { name, after: cursors.after, limit: pageSize }), signal),
    [name, cursors.after],
  );
  const stored = storedCount.value;
  useEffect(() => {
    if (stored > 0 && cursors.after === undefined) {
      page.reload();
    }
  }, [stored]);
  return (
    <Loaded resource={page} what="the artifacts">
      {data =>
        data.artifacts.length === 0 ? (
          <Empty title={name ? 'No artifact has a name that begins like that' : 'No artifacts yet'}>
            <p>
              {name
                ? 'Names are compared from their first character, capital letters included.'
                : 'Upload one here, or let a pipeline upload with cas, curl or any tus client.'}
            </p>
          </Empty>
        ) : (
          <>
            <Table
              caption="Artifacts"
              rows={data.artifacts}
              keyOf={(artifact, index) => `${artifact.digest} ${artifact.uploadedAt} ${index}`}
              columns={[
                {
                  heading: 'Name',
                  names: true,
                  cell: artifact => (
                    <a href={hrefOf(['artifacts', artifact.digest])}>
                      {artifact.name ? <Stored text={artifact.name} lines={3} /> : 'Without a name'}
                    </a>
                  ),
                },
                { heading: 'Digest', cell: artifact => <Digest digest={artifact.digest} /> },
                {
                  heading: 'Size',
                  number: true,
                  cell: artifact => <span title={formatExactBytes(artifact.size)}>{formatBytes(artifact.size)}</span>,
                },
                { heading: 'Backend', cell: artifact => <span class="breakable">{artifact.backend}</span> },
                { heading: 'Uploaded', cell: artifact => <When at={artifact.uploadedAt} /> },
                { heading: 'By', cell: artifact => <Actor name={artifact.uploadedBy} /> },
              ]}
            />
            <Pager what="artifacts" cursors={cursors} next={data.next} busy={page.loading} />
          </>
        )
      }
    </Loaded>
  );
}
