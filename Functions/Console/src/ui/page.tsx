import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { session } from '../session/session';
import { route } from '../shell/router';

let focusNext = false;

addEventListener('hashchange', () => {
  focusNext = true;
});

/** Takes the focus to where the page begins. */
export function focusHeading(): void {
  document.querySelector<HTMLElement>('main h1')?.focus();
}

/** A page: its heading names the tab too, and takes the focus when the user comes from another page. */
export function Page({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const path = route.value.path.join('/');
  useEffect(() => {
    document.title = `${title} · ${session.value?.organization ?? ''} · CasFunctions`;
  }, [title]);
  useEffect(() => {
    if (focusNext) {
      focusNext = false;
      heading.current?.focus();
      scrollTo(0, 0);
    }
  }, [path]);
  return (
    <>
      <header class="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {actions && <div class="buttons">{actions}</div>}
      </header>
      {children}
    </>
  );
}
