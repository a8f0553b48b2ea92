import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { ArtifactPage } from './artifacts/details';
import { ArtifactsPage } from './artifacts/list';
import { AddBackendPage } from './backends/add';
import { BackendPage } from './backends/details';
import { BackendsPage } from './backends/list';
import { AuditLogPage } from './organization/audit';
import { OwnersPage } from './organization/owners';
import { TokensPage } from './organization/tokens';
import { TrustsPage } from './organization/trusts';
import { OverviewPage } from './overview/overview';
import { may, session } from './session/session';
import { SignInPage } from './session/sign-in';
import { Announcements } from './shell/announcements';
import { Navigation } from './shell/navigation';
import { hrefOf, page, route } from './shell/router';
import { focusHeading, Page } from './ui/page';

export function App() {
  return (
    <>
      {session.value ? <SignedIn /> : <SignInPage />}
      <Announcements />
    </>
  );
}

function SignedIn() {
  useEffect(() => {
    // A file that misses the drop zone must not replace the console.
    const ignore = (event: DragEvent) => event.preventDefault();
    addEventListener('dragover', ignore);
    addEventListener('drop', ignore);
    return () => {
      removeEventListener('dragover', ignore);
      removeEventListener('drop', ignore);
    };
  }, []);
  const skip = (event: Event) => {
    event.preventDefault();
    focusHeading();
  };
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={skip}>
        Skip to the page
      </a>
      <Navigation />
      <main id="main" key={page.value}>
        {choose()}
      </main>
    </div>
  );
}

function choose(): ComponentChildren {
  const [area, item, more] = route.value.path;
  const { manage } = may.value;
  switch (more === undefined ? area : 'none') {
    case undefined:
      return <OverviewPage />;
    case 'backends':
      return item === undefined ? <BackendsPage /> : item === 'add' && manage ? <AddBackendPage /> : <BackendPage name={item} />;
    case 'artifacts':
      return item === undefined ? <ArtifactsPage /> : <ArtifactPage digest={item} />;
    case 'owners':
      return <OwnersPage />;
    case 'tokens':
      return manage ? <TokensPage /> : <NotAllowed />;
    case 'trusts':
      return manage ? <TrustsPage /> : <NotAllowed />;
    case 'audit':
      return manage ? <AuditLogPage /> : <NotAllowed />;
    default:
      return (
        <Page title="No such page">
          <p>
            There is nothing at this address. <a href={hrefOf([])}>Go to the overview</a>.
          </p>
        </Page>
      );
  }
}

function NotAllowed() {
  return (
    <Page title="For owners">
      <p>The token that you signed in with does not show this page. Sign in with an owner’s token.</p>
    </Page>
  );
}
