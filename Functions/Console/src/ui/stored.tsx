import { makeVisible } from '../formats/text';

/** A text that somebody stored: shown as text, on its own, and without the characters that make it look like another. */
export function Stored({
  text,
  lines,
}: {
  text: string;
  /** After how many lines it is cut; the whole is told on pointing at it. */
  lines?: 3;
}) {
  const visible = makeVisible(text);
  return (
    <bdi class={lines ? 'stored cut' : 'stored'} title={lines ? visible : undefined}>
      {visible}
    </bdi>
  );
}

/** Who did something, as records name it: a token, a pipeline's run, or the service itself. */
export function Actor({ name }: { name: string }) {
  return (
    <code class="actor">
      <Stored text={name} />
    </code>
  );
}
