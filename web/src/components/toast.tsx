/**
 * What happened, said once: at the edge of the page for those who see it, in a live region for those who hear it. Failures stay until they are
 * closed.
 */
import { signal } from '@preact/signals';
import { CircleAlert, CircleCheck, X } from 'lucide';
import { useEffect, useRef } from 'preact/hooks';
import { messageOf } from '../api/client.ts';
import { Icon } from './icon.tsx';
import './toast.css';

interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
  readonly detail?: string;
}

const SHOWN_MS = 5000;
const MAX_SHOWN = 4;

const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

export function tell(text: string): void {
  const { id } = add({ kind: 'done', text });
  setTimeout(() => close(id), SHOWN_MS);
}

export function tellFailure(error: unknown, text = 'That did not work'): void {
  add({ kind: 'failed', text, detail: messageOf(error) });
}

export function Toasts() {
  const region = useRef<HTMLDivElement>(null);
  // Above dialogs, which lie in the browser's top layer: whatever was shown there last is in front.
  useEffect(() => {
    const element = region.current;
    if (element === null || toasts.value.length === 0) return;
    if (element.matches(':popover-open')) element.hidePopover();
    element.showPopover();
  }, [toasts.value]);
  return (
    <div class="toasts" popover="manual" ref={region} role="status" aria-live="polite" aria-label="Messages">
      {toasts.value.map(({ id, kind, text, detail }) => (
        <div key={id} class={`toast ${kind}`}>
          <Icon icon={kind === 'done' ? CircleCheck : CircleAlert} />
          <div class="toast-text">
            <strong>{text}</strong>
            {detail !== undefined && <span>{detail}</span>}
          </div>
          <button type="button" class="toast-close" aria-label="Close message" onClick={() => close(id)}>
            <Icon icon={X} size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}

function add(toast: Omit<Toast, 'id'>): Toast {
  const added = { ...toast, id: ++lastId };
  toasts.value = [...toasts.value, added].slice(-MAX_SHOWN);
  return added;
}

function close(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}
