/** A place where nothing is, and what one can do about it; or where something should be and the server would not tell. */
import { RotateCw, Unplug } from 'lucide';
import type { IconNode } from 'lucide';
import type { ComponentChildren } from 'preact';
import { ApiError, messageOf } from '../api/client.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import './empty-state.css';

export interface EmptyStateProps {
  readonly icon?: IconNode;
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** There is nothing else on the page, so that this is its heading. */
  readonly isPage?: boolean;
}

export function EmptyState({ icon, title, children, actions, isPage = false }: EmptyStateProps) {
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <div class="empty-state">
      {icon !== undefined && (
        <span class="empty-state-icon">
          <Icon icon={icon} size={22} />
        </span>
      )}
      <Heading>{title}</Heading>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div class="row">{actions}</div>}
    </div>
  );
}

export function ErrorState({
  error,
  onRetry,
  isPage = false,
}: {
  readonly error: unknown;
  readonly onRetry?: () => void;
  readonly isPage?: boolean;
}) {
  const isForbidden = error instanceof ApiError && error.status === 403;
  return (
    <div role="alert">
      <EmptyState
        icon={Unplug}
        isPage={isPage}
        title={isForbidden ? 'You may not see this' : 'This could not be loaded'}
        actions={
          onRetry !== undefined && (
            <Button icon={RotateCw} onPress={onRetry}>
              Try again
            </Button>
          )
        }
      >
        {messageOf(error)}
      </EmptyState>
    </div>
  );
}
