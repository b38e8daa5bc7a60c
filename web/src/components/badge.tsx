/** A state in a word. The colour repeats the word and never stands alone. */
import type { ComponentChildren } from 'preact';
import './badge.css';

export type BadgeKind = 'neutral' | 'good' | 'info' | 'caution' | 'bad';

export function Badge({
  kind = 'neutral',
  title,
  children,
}: {
  readonly kind?: BadgeKind;
  readonly title?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <span class={`badge ${kind}`} title={title}>
      {children}
    </span>
  );
}
