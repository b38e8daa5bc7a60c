/** One service: what it is, how it fares, and all that can be done with it, a tab each. */
import { Download, ExternalLink, RefreshCcw, Replace, RotateCw, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';
import { ApiError } from '../api/client.ts';
import { useMayManage } from '../api/rights.ts';
import { Button, LinkButton } from '../components/button.tsx';
import { ErrorState } from '../components/empty-state.tsx';
import { lazy } from '../components/lazy.tsx';
import { Menu } from '../components/menu.tsx';
import { Notice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { Skeleton } from '../components/spinner.tsx';
import { Tabs } from '../components/tabs.tsx';
import type { PageParameters } from '../pages.ts';
import { go, href } from '../router.ts';
import { addressOfService, downloadBundle, useService, useServiceState, type ServiceDescription, type ServiceState } from './service.ts';
import { shownState, StateBadge } from './state-badge.tsx';
import { UninstallDialog } from './uninstall-dialog.tsx';

export interface TabProps {
  readonly mount: string;
  /** Undefined while the manifest cannot be read. */
  readonly service: ServiceDescription | undefined;
  readonly state: ServiceState | undefined;
}

const TABS = [
  ['overview', 'Overview', lazy<TabProps>(() => import('./overview-tab.tsx').then((module) => module.OverviewTab))],
  ['health', 'Health', lazy<TabProps>(() => import('./health-tab.tsx').then((module) => module.HealthTab))],
  ['log', 'Log', lazy<TabProps>(() => import('./log-tab.tsx').then((module) => module.LogTab))],
  ['api', 'API', lazy<TabProps>(() => import('./api-tab.tsx').then((module) => module.ApiTab))],
  ['configuration', 'Configuration', lazy<TabProps>(() => import('./configuration-tab.tsx').then((module) => module.ConfigurationTab))],
  ['dependencies', 'Dependencies', lazy<TabProps>(() => import('./dependencies-tab.tsx').then((module) => module.DependenciesTab))],
  ['scripts', 'Scripts', lazy<TabProps>(() => import('./scripts-tab.tsx').then((module) => module.ScriptsTab))],
  ['tests', 'Tests', lazy<TabProps>(() => import('./tests-tab.tsx').then((module) => module.TestsTab))],
  ['versions', 'Versions', lazy<TabProps>(() => import('./versions-tab.tsx').then((module) => module.VersionsTab))],
  ['settings', 'Settings', lazy<TabProps>(() => import('./settings-tab.tsx').then((module) => module.SettingsTab))],
] as const;

export function ServicePage({ parameters }: { readonly parameters: PageParameters }) {
  const mount = parameters['mount'] ?? '';
  const [isUninstalling, setUninstalling] = useState(false);
  const mayManage = useMayManage();
  const service = useService(mount);
  const state = useServiceState(mount);
  const back = { href: href(['services']), label: 'Services' };

  if (service.error instanceof ApiError && service.error.errorNum === 3009)
    return (
      <Page title={mount} back={back}>
        <ErrorState error={service.error} onRetry={service.reload} />
      </Page>
    );
  const { data } = service;
  const known = TABS.find(([id]) => id === parameters['tab']) ?? TABS[0];
  const [current, , Tab] = known;
  const shown = data ?? { development: state?.development ?? false };

  return (
    <Page
      title={mount}
      back={back}
      isFilled={current === 'log'}
      beside={(data !== undefined || state !== undefined) && <StateBadge state={shownState(shown, state)} />}
      description={
        data === undefined ? ' ' : [data.name, data.version].filter((word) => word !== undefined).join(' · ') || 'No name in its manifest'
      }
      actions={
        <>
          <LinkButton href={addressOfService(mount)} icon={ExternalLink} isOutside>
            Open
          </LinkButton>
          <Button icon={Download} onPress={() => downloadBundle(mount)}>
            Download
          </Button>
          {mayManage !== false && (
            <Menu
              title="Actions on the service"
              items={[
                { label: 'Upgrade …', icon: RefreshCcw, onPress: () => go(href(['services', 'upgrade', mount])) },
                { label: 'Replace …', icon: Replace, onPress: () => go(href(['services', 'replace', mount])) },
                { label: 'Roll back …', icon: RotateCw, onPress: () => go(href(['services', mount, 'versions'])) },
                { label: 'Uninstall …', icon: Trash2, isDangerous: true, onPress: () => setUninstalling(true) },
              ]}
            />
          )}
        </>
      }
    >
      {mayManage === false && <Notice kind="info">You may look at this database and not change it.</Notice>}
      <StateNotice mount={mount} state={state} />
      {data?.warnings !== undefined && <Notice kind="caution">{data.warnings.join('\n')}</Notice>}
      <Tabs
        label="Views of the service"
        current={current}
        tabs={TABS.map(([id, label]) => ({ id, label, href: href(['services', mount, id]) }))}
      >
        {data === undefined && service.error === undefined ? (
          <Skeleton lines={6} />
        ) : data === undefined && current !== 'log' && current !== 'health' && current !== 'settings' && current !== 'versions' ? (
          <ErrorState error={service.error} onRetry={service.reload} />
        ) : (
          <Tab key={`${mount} ${current}`} mount={mount} service={data} state={state} />
        )}
      </Tabs>
      {isUninstalling && <UninstallDialog mount={mount} onClose={() => setUninstalling(false)} />}
    </Page>
  );
}

function StateNotice({ mount, state }: { readonly mount: string; readonly state: ServiceState | undefined }) {
  if (state?.state === 'broken')
    return (
      <Notice kind="bad" title="The service is broken and answers 503 to every request.">
        {state.problem ?? 'The log of the server says why.'}
      </Notice>
    );
  if (state?.state === 'unconfigured')
    return (
      <Notice kind="caution" title="The service answers 503 until it is configured.">
        There is no value for {(state.missing ?? []).join(', ')}. <a href={href(['services', mount, 'configuration'])}>Configuration</a> ·{' '}
        <a href={href(['services', mount, 'dependencies'])}>Dependencies</a>
      </Notice>
    );
  return null;
}
