/**
 * How the service is run: development mode with all that speaks against it, where its files are, its setup and teardown, and the ways to change or
 * remove it.
 */
import { Play, RefreshCcw, Replace, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { Button, LinkButton } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { CodeBlock } from '../components/code-block.tsx';
import { Confirm } from '../components/dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { Section } from '../components/page.tsx';
import { tell } from '../components/toast.tsx';
import { Toggle } from '../components/toggle.tsx';
import { href } from '../router.ts';
import { servicesChanged, setDevelopment, type Reload } from './service.ts';
import type { TabProps } from './service-page.tsx';
import { UninstallDialog } from './uninstall-dialog.tsx';

const RELOADS = [
  { value: 'always', label: 'On every request' },
  { value: 'changed', label: 'When a file has changed' },
] as const;

export function SettingsTab({ mount, service, state }: TabProps) {
  const [asked, setAsked] = useState<'on' | 'off' | 'setup' | 'teardown' | 'uninstall'>();
  const isOn = state?.development ?? service?.development ?? false;
  const isCluster = (service?.coordinators?.length ?? 0) > 1;
  const close = (): void => setAsked(undefined);
  const scripts = service?.manifest.scripts ?? {};
  return (
    <div class="stack service-form settings">
      <Section title="Development mode">
        <div class="card stack">
          <Toggle
            label="Development mode"
            hint={
              isOn
                ? 'Files are read anew, setup is run again and errors show code.'
                : 'In production the service is loaded once, edits of its files have no effect, and errors tell nothing of their cause.'
            }
            isOn={isOn}
            onChange={(next) => setAsked(next ? 'on' : 'off')}
          />
          {isOn && (
            <>
              <ReloadChoice
                value={state?.reload ?? 'always'}
                onChange={async (reload) => {
                  await setDevelopment(mount, true, reload);
                  tell(reload === 'always' ? 'Reloads on every request' : 'Reloads when a file has changed');
                }}
              />
              <Notice kind="caution" title="Not for production">
                <Warnings isCluster={isCluster} />
              </Notice>
            </>
          )}
        </div>
      </Section>

      {service !== undefined && (
        <Section title="Source files">
          <CodeBlock text={service.path} label="path of the source files" />
          <p class="field-hint">
            {isOn
              ? 'Edits here are seen at once. They are lost when the service is replaced or uninstalled or the database is dropped: keep your own copy and let “foxx dev” or lsyncd bring changes here.'
              : 'On the server. In production a copy of the stored bundle: edits have no effect.'}
          </p>
        </Section>
      )}

      <Section title="Setup and teardown">
        <div class="card stack">
          <p class="soft">
            Setup makes what the service needs and is run by an install, an upgrade and a replacement; teardown removes it again and is run
            by a replacement and an uninstall. Whether they are, each of these asks. By hand:
          </p>
          <div class="row">
            <Button icon={Play} isDisabled={scripts['setup'] === undefined} onPress={() => setAsked('setup')}>
              Run setup …
            </Button>
            <Button icon={Play} isDisabled={scripts['teardown'] === undefined} onPress={() => setAsked('teardown')}>
              Run teardown …
            </Button>
          </div>
          {scripts['setup'] === undefined && scripts['teardown'] === undefined && <p class="field-hint">The manifest names neither.</p>}
        </div>
      </Section>

      <Section title="Change or remove">
        <div class="card row">
          <LinkButton icon={RefreshCcw} href={href(['services', 'upgrade', mount])}>
            Upgrade …
          </LinkButton>
          <LinkButton icon={Replace} href={href(['services', 'replace', mount])}>
            Replace …
          </LinkButton>
          <Button icon={Trash2} kind="danger" onPress={() => setAsked('uninstall')}>
            Uninstall …
          </Button>
        </div>
      </Section>

      {asked === 'on' && <TurnOn mount={mount} isCluster={isCluster} onClose={close} />}
      {asked === 'off' && <TurnOff mount={mount} isCluster={isCluster} onClose={close} />}
      {(asked === 'setup' || asked === 'teardown') && <RunScript mount={mount} script={asked} onClose={close} />}
      {asked === 'uninstall' && <UninstallDialog mount={mount} onClose={close} />}
    </div>
  );
}

interface QuestionProps {
  readonly mount: string;
  readonly isCluster: boolean;
  readonly onClose: () => void;
}

function TurnOn({ mount, isCluster, onClose }: QuestionProps) {
  const [reload, setReload] = useState<Reload>('always');
  return (
    <Confirm
      title={`Turn development mode of ${mount} on?`}
      action="Turn on"
      onClose={onClose}
      onConfirm={async () => {
        await setDevelopment(mount, true, reload);
        tell(`${mount} is in development mode`);
      }}
    >
      <Notice kind="caution" title="Not for production">
        <Warnings isCluster={isCluster} />
      </Notice>
      <ReloadChoice value={reload} onChange={setReload} />
    </Confirm>
  );
}

function TurnOff({ mount, isCluster, onClose }: QuestionProps) {
  return (
    <Confirm
      title={`Turn development mode of ${mount} off?`}
      action="Turn off"
      onClose={onClose}
      onConfirm={async () => {
        await setDevelopment(mount, false);
        tell(`${mount} is in production mode`);
      }}
    >
      <p>The files as they are on this server become the new bundle, and setup is run once.</p>
      {isCluster && <Notice kind="caution">All other servers get the files of this one. What was edited on them is lost.</Notice>}
    </Confirm>
  );
}

function RunScript({
  mount,
  script,
  onClose,
}: {
  readonly mount: string;
  readonly script: 'setup' | 'teardown';
  readonly onClose: () => void;
}) {
  return (
    <Confirm
      title={`Run ${script} of ${mount}?`}
      action={`Run ${script}`}
      isDangerous={script === 'teardown'}
      onClose={onClose}
      onConfirm={async () => {
        await api.post(`/_api/foxx/scripts/${script}`, undefined, { mount });
        servicesChanged();
        tell(`Ran ${script} of ${mount}`);
      }}
    >
      <p>
        {script === 'setup'
          ? 'Setup is made to be run again and again: what is there already stays.'
          : 'Teardown removes what the service has made, such as its collections with all documents. The service stays.'}
      </p>
    </Confirm>
  );
}

function ReloadChoice({ value, onChange }: { readonly value: Reload; readonly onChange: (value: Reload) => unknown }) {
  return (
    <div class="stack tight">
      <span class="field-label">Reload</span>
      <Choice label="Reload" value={value} options={RELOADS} onChange={(next) => void onChange(next)} />
      <p class="field-hint">On every request is what ArangoDB does; setup is run each time. When a file has changed is much faster.</p>
    </div>
  );
}

function Warnings({ isCluster }: { readonly isCluster: boolean }) {
  return (
    <ul>
      <li>Error answers show stack traces, source code and paths to whoever asks.</li>
      <li>Every request deploys the service anew, setup included, so setup has to stand being run over and over.</li>
      <li>
        Requests that overlap may meet different versions of the files. Those for static files and those that the service sends to itself
        use what is loaded; in ArangoDB they deploy it anew too.
      </li>
      <li>The files are volatile: they go when the service is replaced or uninstalled, or its database is dropped.</li>
      {isCluster && (
        <li>
          <strong>In a cluster it is dangerous:</strong> each server has files of its own, and the one where the mode is turned off wins
          over all others.
        </li>
      )}
    </ul>
  );
}
