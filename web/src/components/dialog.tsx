/**
 * A question in front of the page: the browser's own <dialog>, which keeps the focus, closes with Escape and gives the focus back. It is in the
 * page only while it is open.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { X } from 'lucide';
import { messageOf } from '../api/client.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';
import './dialog.css';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** Buttons, the one that goes on last. */
  readonly actions?: ComponentChildren;
  readonly isWide?: boolean;
}

export function Dialog({ title, onClose, children, actions, isWide = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog${isWide ? ' wide' : ''}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog-frame">
        <header class="dialog-header">
          <h2 id={heading}>{title}</h2>
          <Button kind="quiet" icon={X} label="Close" isSmall onPress={onClose} />
        </header>
        <div class="dialog-body">{children}</div>
        {actions !== undefined && <footer class="dialog-actions">{actions}</footer>}
      </div>
    </dialog>
  );
}

export interface ConfirmProps {
  readonly title: string;
  /** What pressing the button does: `Uninstall`. */
  readonly action: string;
  readonly isDangerous?: boolean;
  readonly onClose: () => void;
  /** The dialog closes when it is done and tells what went wrong otherwise. */
  readonly onConfirm: () => Promise<unknown>;
  readonly children: ComponentChildren;
}

export function Confirm({ title, action, isDangerous = false, onClose, onConfirm, children }: ConfirmProps) {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const form = useId();
  const submit = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" form={form} kind={isDangerous ? 'danger' : 'primary'} isBusy={isBusy}>
            {action}
          </Button>
        </>
      }
    >
      <form
        id={form}
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {children}
        {failure !== undefined && <Notice kind="bad">{messageOf(failure)}</Notice>}
      </form>
    </Dialog>
  );
}
