/** How a service is, in a word. */
import { Badge } from '../components/badge.tsx';
import type { CoordinatorState, ServiceState, ServiceSummary } from './service.ts';

export type ShownState = 'broken' | 'unconfigured' | 'development' | 'production';

/** Broken when it is on any of the servers: some of the requests fail. */
export function shownState(service: Pick<ServiceSummary, 'development' | 'coordinators'>, state: ServiceState | undefined): ShownState {
  if (service.coordinators?.some((coordinator) => coordinator.state === 'broken')) return 'broken';
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

const COORDINATOR_LOOKS = {
  current: ['good', 'Current'],
  outdated: ['caution', 'Outdated'],
  missing: ['caution', 'Missing'],
  broken: ['bad', 'Broken'],
} as const;

export function CoordinatorBadge({ state }: { readonly state: CoordinatorState['state'] }) {
  const [kind, word] = COORDINATOR_LOOKS[state];
  return <Badge kind={kind}>{word}</Badge>;
}
