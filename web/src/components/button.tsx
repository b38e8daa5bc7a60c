/** Buttons, and links that look like them. A button that waits for the server says so and cannot be pressed again. */
import type { IconNode } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { Spinner } from './spinner.tsx';
import { tellFailure } from './toast.tsx';
import './button.css';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

interface Look {
  readonly kind?: ButtonKind;
  readonly icon?: IconNode;
  readonly isSmall?: boolean;
  readonly children?: ComponentChildren;
}

export interface ButtonProps extends Look {
  readonly type?: 'button' | 'submit';
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  /** Where there is only a picture. */
  readonly label?: string;
  readonly isPressed?: boolean;
  readonly form?: string;
  /** While what it returns is not settled, the button is busy; what goes wrong is told in a toast. */
  readonly onPress?: () => unknown;
}

export function Button(props: ButtonProps) {
  const {
    kind = 'plain',
    icon,
    isSmall = false,
    type = 'button',
    isBusy = false,
    isDisabled = false,
    label,
    isPressed,
    form,
    onPress,
    children,
  } = props;
  const [isWaiting, setWaiting] = useState(false);
  const busy = isBusy || isWaiting;

  const press = async (): Promise<void> => {
    const done = onPress?.();
    if (!(done instanceof Promise)) return;
    setWaiting(true);
    try {
      await done;
    } catch (error) {
      tellFailure(error);
    } finally {
      setWaiting(false);
    }
  };

  return (
    <button
      type={type}
      class={classes(kind, isSmall, children === undefined)}
      disabled={isDisabled}
      aria-disabled={busy ? 'true' : undefined}
      aria-busy={busy ? 'true' : undefined}
      aria-label={label}
      title={children === undefined ? label : undefined}
      aria-pressed={isPressed}
      form={form}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else if (onPress !== undefined) void press();
      }}
    >
      {busy ? <Spinner /> : icon !== undefined && <Icon icon={icon} />}
      {children}
    </button>
  );
}

export interface LinkButtonProps extends Look {
  readonly href: string;
  /** A page that is not of this interface. */
  readonly isOutside?: boolean;
  readonly label?: string;
}

export function LinkButton({ kind = 'plain', icon, isSmall = false, href, isOutside = false, label, children }: LinkButtonProps) {
  return (
    <a
      class={classes(kind, isSmall, children === undefined)}
      href={href}
      aria-label={label}
      title={children === undefined ? label : undefined}
      {...(isOutside ? { target: '_blank', rel: 'noopener noreferrer' } : {})}
    >
      {icon !== undefined && <Icon icon={icon} />}
      {children}
    </a>
  );
}

function classes(kind: ButtonKind, isSmall: boolean, isPicture: boolean): string {
  return `button ${kind}${isSmall ? ' small' : ''}${isPicture ? ' picture' : ''}`;
}
