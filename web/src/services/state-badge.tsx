/** How a service is, in a word. */
import { Badge } from '../components/badge.tsx';
import type { ServiceState, ServiceSummary } from './service.ts';

export type ShownState = 'broken' | 'unconfigured' | 'development' | 'production';

export function shownState(service: Pick<ServiceSummary, 'development'>, state: ServiceState | undefined): ShownState {
  if (state?.state === 'broken' || state?.state === 'unconfigured') return state.state;
  return service.development ? 'development' : 'production';
}

const LOOKS = {
  broken: ['bad', 'Broken'],
  unconfigured: ['caution', 'Unconfigured'],
  development: ['info', 'Development'],
  production: ['good', 'Production'],
} as const;

export function StateBadge({ state, title }: { readonly state: ShownState; readonly title?: string | undefined }) {
  const [kind, word] = LOOKS[state];
  return (
    <Badge kind={kind} {...(title === undefined ? {} : { title })}>
      {word}
    </Badge>
  );
}
