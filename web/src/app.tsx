/** What is around every page: header with database and user, navigation, and the place where pages appear. */
import { signal } from '@preact/signals';
import { Compass, Database, LogOut, Menu as MenuIcon, MonitorSmartphone, Moon, Sun, User, X } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { match } from './address.ts';
import { api, ApiError, pendingRequests } from './api/client.ts';
import { session, signOut, startSession, userName } from './api/session.ts';
import { Button, LinkButton } from './components/button.tsx';
import { EmptyState, ErrorState } from './components/empty-state.tsx';
import { Icon } from './components/icon.tsx';
import { Menu } from './components/menu.tsx';
import { Loading } from './components/spinner.tsx';
import { Toasts } from './components/toast.tsx';
import { GROUPS, NAVIGATION } from './navigation.ts';
import { findPage, PAGES, type PageComponent, type PageDefinition } from './pages.ts';
import { useQuery } from './query.ts';
import { database, href, place } from './router.ts';
import { SignIn } from './sign-in.tsx';
import { theme } from './theme.ts';
import './app.css';

const failure = signal<unknown>(undefined);

export function App() {
  useEffect(() => void findSession(), []);
  const { is } = session.value;
  return (
    <>
      {failure.value !== undefined ? (
        <ErrorState isPage error={failure.value} onRetry={() => void findSession()} />
      ) : is === 'signed-out' ? (
        <SignIn />
      ) : (
        is === 'signed-in' && <Shell />
      )}
      <Toasts />
    </>
  );
}

/** A server without authentication answers anyone, and then nobody is asked for a name. */
async function findSession(): Promise<void> {
  failure.value = undefined;
  if (session.value.is !== 'unknown') return;
  try {
    await api.get('/_api/version');
    startSession();
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) failure.value = error;
  }
}

function Shell() {
  const [isNavigationOpen, setNavigationOpen] = useState(false);
  const { segments } = place.value;
  useEffect(() => setNavigationOpen(false), [place.value]);
  return (
    <div class="shell">
      <a class="skip" href="#content" onClick={skip}>
        Skip to content
      </a>
      <header class="header">
        <Button
          kind="quiet"
          icon={isNavigationOpen ? X : MenuIcon}
          label={isNavigationOpen ? 'Close navigation' : 'Open navigation'}
          onPress={() => setNavigationOpen(!isNavigationOpen)}
        />
        <a class="brand" href={href([])}>
          <img src={new URL('./fox.svg', import.meta.url).href} alt="" width={24} height={24} />
          foxden
        </a>
        <DatabaseMenu />
        <div class="header-end">
          <ThemeMenu />
          {userName.value !== undefined && (
            <Menu
              title={`Signed in as ${userName.value}`}
              label={userName.value}
              icon={User}
              isQuiet
              items={[{ label: 'Sign out', icon: LogOut, onPress: signOut }]}
            />
          )}
        </div>
        <div class={`progress${pendingRequests.value > 0 ? ' on' : ''}`} />
      </header>
      <nav class={`navigation${isNavigationOpen ? ' open' : ''}`} aria-label="Main">
        {GROUPS.map((group) => (
          <div key={group} class="navigation-group">
            <h2>{group}</h2>
            <ul>
              {NAVIGATION.filter((entry) => entry.group === group).map(({ path, label, icon }) => (
                <li key={path}>
                  <a href={href([path])} aria-current={isCurrent(path, segments) ? 'page' : undefined}>
                    <Icon icon={icon} />
                    {label}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <main id="content" tabIndex={-1} key={database.value}>
        <Outlet />
      </main>
    </div>
  );
}

function skip(event: Event): void {
  event.preventDefault(); // the hash is the router's
  document.getElementById('content')?.focus();
}

function isCurrent(path: string, segments: readonly string[]): boolean {
  return (segments[0] ?? PAGES[0]?.path) === path.split('/')[0];
}

const loaded = new Map<PageDefinition, PageComponent>();

async function loadPage(definition: PageDefinition): Promise<void> {
  loaded.set(definition, await definition.load());
}

/** While it is still being found out who asks, the page comes already. What goes wrong is told when it is wanted. */
export function loadFirstPage(): void {
  const definition = findPage(place.value.segments);
  if (definition !== undefined) loadPage(definition).catch(() => undefined);
}

function Outlet() {
  const [, redraw] = useState(0);
  const [error, setError] = useState<unknown>();
  const { segments } = place.value;
  const definition = findPage(segments);
  const Loaded = definition === undefined ? undefined : loaded.get(definition);

  useEffect(() => {
    if (definition === undefined || Loaded !== undefined) return;
    setError(undefined);
    const load = async (): Promise<void> => {
      try {
        // It may have come since it was drawn.
        if (!loaded.has(definition)) await loadPage(definition);
        redraw((count) => count + 1);
      } catch (problem) {
        setError(problem);
      }
    };
    void load();
  }, [definition]);

  if (definition === undefined)
    return (
      <EmptyState isPage icon={Compass} title="There is no such page" actions={<LinkButton href={href([])}>Go to the services</LinkButton>}>
        The address leads nowhere.
      </EmptyState>
    );
  if (error !== undefined) return <ErrorState isPage error={error} onRetry={() => location.reload()} />;
  if (Loaded === undefined) return <Loading />;
  return <Loaded parameters={match(definition.path, segments) ?? {}} />;
}

function DatabaseMenu() {
  const { data } = useQuery('databases', (aborting) => api.get<{ result: string[] }>('/_api/database/user', undefined, aborting));
  const names = (data?.result ?? [database.value]).toSorted((a, b) => a.localeCompare(b));
  const [section] = place.value.segments;
  return (
    <Menu
      title={`Database ${database.value}`}
      label={database.value}
      icon={Database}
      isQuiet
      items={names.map((name) => ({
        label: name,
        isChecked: name === database.value,
        onPress: () => {
          location.hash = href(section === undefined ? [] : [section], { database: name });
        },
      }))}
    />
  );
}

const THEMES = [
  ['system', 'As the system', MonitorSmartphone],
  ['light', 'Light', Sun],
  ['dark', 'Dark', Moon],
] as const;

function ThemeMenu() {
  const current = THEMES.find(([id]) => id === theme.value) ?? THEMES[0];
  return (
    <Menu
      title={`Colours: ${current[1]}`}
      icon={current[2]}
      isQuiet
      items={THEMES.map(([id, label, icon]) => ({
        label,
        icon,
        isChecked: theme.value === id,
        onPress: () => {
          theme.value = id;
        },
      }))}
    />
  );
}
