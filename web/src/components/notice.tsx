/** A few words that one must not miss, in place. */
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide';
import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';
import './notice.css';

export type NoticeKind = 'info' | 'good' | 'caution' | 'bad';

const ICONS = { info: Info, good: CircleCheck, caution: TriangleAlert, bad: CircleAlert };

export function Notice({
  kind = 'info',
  title,
  children,
}: {
  readonly kind?: NoticeKind;
  readonly title?: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : undefined}>
      <Icon icon={ICONS[kind]} />
      <div class="notice-text">
        {title !== undefined && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}
