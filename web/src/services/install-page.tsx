/** A service from a file, an address, a template or the store, to a new mount or into the place of another. */
import { FileUp, Link, Store as StoreIcon, WandSparkles } from 'lucide';
import { useMemo, useState } from 'preact/hooks';
import { api, ApiError, messageOf } from '../api/client.ts';
import { Button, LinkButton } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { DropZone } from '../components/drop-zone.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Checkbox, SelectField, TextArea, TextField } from '../components/field.tsx';
import { NotLoaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { tell } from '../components/toast.tsx';
import type { PageParameters } from '../pages.ts';
import { useQuery } from '../query.ts';
import { database, go, href, place } from '../router.ts';
import {
  problemOfMount,
  putInPlace,
  useService,
  useServices,
  type InstallOptions,
  type Operation,
  type Source,
  type Store,
  type Template,
} from './service.ts';
import { nested, TestReport, type FlatReport } from './test-report.tsx';
import './install-page.css';

export function InstallPage() {
  return <Form operation="install" />;
}

export function UpgradePage({ parameters }: { readonly parameters: PageParameters }) {
  return <Form operation="upgrade" replaced={parameters['mount'] ?? ''} />;
}

export function ReplacePage({ parameters }: { readonly parameters: PageParameters }) {
  return <Form operation="replace" replaced={parameters['mount'] ?? ''} />;
}

type Origin = Source['from'];

const ORIGINS = [
  { value: 'file', label: 'Upload', icon: FileUp },
  { value: 'url', label: 'URL', icon: Link },
  { value: 'template', label: 'Template', icon: WandSparkles },
  { value: 'store', label: 'Store', icon: StoreIcon },
] as const;

const WORDS = {
  install: { title: 'Install a service', verb: 'Install', done: 'Installed' },
  upgrade: { title: 'Upgrade', verb: 'Upgrade', done: 'Upgraded' },
  replace: { title: 'Replace', verb: 'Replace', done: 'Replaced' },
} as const;

function Form({ operation, replaced }: { readonly operation: Operation; readonly replaced?: string }) {
  const [origin, setOrigin] = useState<Origin>(originOf(place.value.query.get('from')));
  const [sources, setSources] = useState<Readonly<Partial<Record<Origin, Source>>>>({});
  const [typedMount, setMount] = useState('');
  const [setup, setSetup] = useState(true);
  const [teardown, setTeardown] = useState(operation === 'replace');
  const [development, setDevelopment] = useState(false);
  const [force, setForce] = useState(false);
  const [isAtomic, setAtomic] = useState(false);
  const [isTested, setTested] = useState(false);
  const [configuration, setConfiguration] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const services = useServices(true);
  const old = useService(replaced ?? '');

  const words = WORDS[operation];
  const mount = replaced ?? typedMount;
  const isTaken = operation === 'install' && services.data?.some((service) => service.mount === mount) === true;
  const mountProblem = replaced === undefined ? (isTaken ? 'A service is mounted here already.' : problemOfMount(mount)) : undefined;
  const configurationProblem = problemOfConfiguration(configuration);
  const source = sources[origin];
  const isReady = source !== undefined && mount.length > 1 && mountProblem === undefined && configurationProblem === undefined;

  const submit = async (): Promise<void> => {
    if (!isReady || isBusy) return;
    setBusy(true);
    setFailure(undefined);
    const options: InstallOptions = {
      setup,
      ...(operation === 'install' ? { development } : { teardown }),
      ...(force ? { force } : {}),
      isAtomic,
      isTested,
      ...(configuration.trim() === '' ? {} : { configuration: JSON.parse(configuration) as Record<string, unknown> }),
    };
    try {
      const { name, version } = await putInPlace(operation, mount, source, options);
      const what = [name, version].filter((word) => word !== undefined).join(' ');
      tell(`${words.done} ${what === '' ? mount : `${what} at ${mount}`}`);
      go(href(['services', mount]));
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };

  return (
    <Page
      title={replaced === undefined ? words.title : `${words.title} ${replaced}`}
      back={
        replaced === undefined ? { href: href(['services']), label: 'Services' } : { href: href(['services', replaced]), label: replaced }
      }
      description={<Explanation operation={operation} version={replaced === undefined ? undefined : old.data?.version} />}
    >
      <form
        class="install-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div class="card stack">
          <Choice label="Where the service comes from" value={origin} options={ORIGINS} onChange={setOrigin} />
          <Chooser origin={origin} source={source} onSource={(chosen) => setSources((before) => ({ ...before, [origin]: chosen }))} />
        </div>

        <div class="card stack">
          {replaced === undefined && (
            <TextField
              label="Mount"
              value={typedMount}
              onChange={setMount}
              placeholder="/my-service"
              hint="The path that the service answers at, below its database."
              error={mountProblem}
              isMono
              isRequired
            />
          )}
          <fieldset class="fieldset stack tight">
            <legend>Options</legend>
            {operation !== 'install' && (
              <Checkbox
                label="Run teardown of the old version"
                hint="The script that removes what the service has made, such as its collections."
                isChecked={teardown}
                onChange={setTeardown}
              />
            )}
            <Checkbox
              label="Run setup"
              hint="The script that makes what the service needs, such as its collections."
              isChecked={setup}
              onChange={setSetup}
            />
            {operation === 'install' && (
              <Checkbox
                label="Development mode"
                hint="Every request loads the files anew, and errors show code. Not for production."
                isChecked={development}
                onChange={setDevelopment}
              />
            )}
            <Checkbox
              label="Activate at once everywhere, or not at all"
              hint="The new version is loaded by every server first; should one fail, all stay with what they have."
              isChecked={isAtomic}
              onChange={(isOn) => {
                setAtomic(isOn);
                if (!isOn) setTested(false);
              }}
            />
            <Checkbox
              label="Only if its tests pass"
              hint="The tests of the new version are run before it is activated."
              isChecked={isTested}
              isDisabled={!isAtomic}
              onChange={setTested}
            />
            {!isAtomic && (
              <Checkbox
                label="Go on despite errors of setup and main file"
                hint="The service may be broken afterwards."
                isChecked={force}
                onChange={setForce}
              />
            )}
          </fieldset>
          <details class="install-configuration">
            <summary>Configuration</summary>
            <TextArea
              label="Configuration as JSON"
              isLabelHidden
              isMono
              rows={5}
              placeholder={'{\n  "currency": "EUR"\n}'}
              hint="Set before setup is run. Left empty, it can be given afterwards."
              value={configuration}
              onChange={setConfiguration}
              error={configurationProblem}
            />
          </details>
        </div>

        {failure !== undefined && <Failure failure={failure} verb={words.verb} />}
        <div class="row install-actions">
          <LinkButton href={replaced === undefined ? href(['services']) : href(['services', replaced])}>Cancel</LinkButton>
          <Button type="submit" kind="primary" isBusy={isBusy} isDisabled={!isReady}>
            {words.verb}
          </Button>
        </div>
      </form>
    </Page>
  );
}

function Explanation({ operation, version }: { readonly operation: Operation; readonly version: string | undefined }) {
  const old = version === undefined ? 'the old version' : `version ${version}`;
  switch (operation) {
    case 'install':
      return <>The bundle is checked before anything changes; if setup or the main file fails, nothing is installed.</>;
    case 'upgrade':
      return <>A new version takes the place of {old}. Configuration, dependencies and mode stay as they are.</>;
    case 'replace':
      return <>Another service takes the place of {old}. Its configuration, dependencies and mode are forgotten.</>;
  }
}

/** What the tests of a gate had to say is shown, not only that they failed. */
function Failure({ failure, verb }: { readonly failure: unknown; readonly verb: string }) {
  const tests = failure instanceof ApiError ? (failure.body['tests'] as FlatReport | undefined) : undefined;
  return (
    <div class="stack">
      <Notice kind="bad" title={`${verb} failed`}>
        {messageOf(failure)}
      </Notice>
      {tests !== undefined && <TestReport report={nested(tests)} />}
    </div>
  );
}

interface ChooserProps {
  readonly origin: Origin;
  readonly source: Source | undefined;
  readonly onSource: (source: Source | undefined) => void;
}

function Chooser({ origin, source, onSource }: ChooserProps) {
  switch (origin) {
    case 'file':
      return (
        <DropZone
          label="Drop a file here, or choose one"
          hint="A zip with a manifest.json, or a single JavaScript file"
          accept=".zip,.js,application/zip,text/javascript"
          file={source?.from === 'file' ? source.file : undefined}
          onFile={(file) => onSource({ from: 'file', file })}
        />
      );
    case 'url':
      return (
        <TextField
          label="Address"
          type="url"
          placeholder="https://github.com/user/repository/archive/main.zip"
          hint="The server fetches it, not this browser. Addresses other than GitHub’s need --foxx.allow-install-from-remote."
          value={source?.from === 'url' ? source.url : ''}
          onChange={(url) => onSource(url.trim() === '' ? undefined : { from: 'url', url: url.trim() })}
          isRequired
        />
      );
    case 'template':
      return <TemplateChooser source={source?.from === 'template' ? source : undefined} onSource={onSource} />;
    case 'store':
      return <StoreChooser source={source?.from === 'store' ? source : undefined} onSource={onSource} />;
  }
}

type Values = Readonly<Record<string, string>>;

function TemplateChooser({ onSource }: Omit<ChooserProps, 'origin'>) {
  const templates = useQuery('templates', (aborting) =>
    api.get<{ templates: readonly Template[] }>('/_api/foxx/templates', undefined, aborting),
  );
  const [chosen, setChosen] = useState<string>();
  const [values, setValues] = useState<Values>({});
  const offered = templates.data?.templates ?? [];
  const template = offered.find(({ name }) => name === chosen) ?? offered[0];

  const change = (next: Template, typed: Values): void => {
    setValues(typed);
    const given = next.fields.map(({ name, type, default: otherwise }) => {
      const text = typed[name];
      if (text === undefined) return [name, otherwise] as const;
      return [name, type === 'string' ? text : wordsOf(text)] as const;
    });
    const isComplete = next.fields.every(({ name, isRequired }) => !isRequired || (typed[name] ?? '').trim() !== '');
    onSource(isComplete ? { from: 'template', template: next.name, values: Object.fromEntries(given) } : undefined);
  };

  if (template === undefined) return <NotLoaded of={templates} lines={3} />;
  return (
    <div class="stack">
      <SelectField
        label="Template"
        value={template.name}
        options={offered.map(({ name, title }) => [name, title] as const)}
        hint={template.description}
        onChange={(name) => {
          setChosen(name);
          const next = offered.find((each) => each.name === name);
          if (next !== undefined) change(next, values);
        }}
      />
      <div class="install-fields">
        {template.fields.map(({ name, title, type, isRequired, default: otherwise }) => (
          <TextField
            key={name}
            label={title}
            isRequired={isRequired}
            value={values[name] ?? ''}
            placeholder={typeof otherwise === 'string' ? otherwise : otherwise.join(', ')}
            {...(type === 'strings' ? { hint: 'Names with commas between them' } : {})}
            onChange={(text) => change(template, { ...values, [name]: text })}
          />
        ))}
      </div>
    </div>
  );
}

function StoreChooser({
  source,
  onSource,
}: {
  readonly source: (Source & { from: 'store' }) | undefined;
  readonly onSource: ChooserProps['onSource'];
}) {
  const store = useQuery(`store\n${database.value}`, (aborting) => api.get<Store>('/_api/foxx/store', undefined, aborting));
  const [word, setWord] = useState('');
  const { data } = store;
  const found = useMemo(
    () =>
      data?.services.filter(({ name, description = '' }) => `${name} ${description}`.toLowerCase().includes(word.trim().toLowerCase())) ??
      [],
    [data, word],
  );
  if (data === undefined) return <NotLoaded of={store} lines={3} />;
  if (!data.isConfigured)
    return (
      <EmptyState icon={StoreIcon} title="No store is configured">
        Start the server with --foxx.store-location and a folder or the address of a zip to offer services here. Nothing is asked elsewhere
        by itself.
      </EmptyState>
    );
  return (
    <div class="stack">
      <TextField label="Search the store" isLabelHidden type="search" placeholder="Search the store" value={word} onChange={setWord} />
      <div class="store-list" role="radiogroup" aria-label="Services of the store">
        {found.map(({ name, description, author, newest, versions }) => (
          <div key={name} class="store-entry">
            <label>
              <input
                type="radio"
                name="store"
                checked={source?.name === name}
                onChange={() => onSource({ from: 'store', name, version: newest ?? versions[0] ?? '' })}
              />
              <span class="store-text">
                <strong>{name}</strong>
                <span class="soft">{description}</span>
                {author !== undefined && <span class="faint">{author}</span>}
              </span>
            </label>
            {source?.name === name ? (
              <SelectField
                label={`Version of ${name}`}
                isLabelHidden
                value={source.version}
                options={versions.map((version) => [version, version] as const)}
                onChange={(version) => onSource({ ...source, version })}
              />
            ) : (
              <span class="faint">{newest}</span>
            )}
          </div>
        ))}
        {found.length === 0 && <p class="soft">Nothing in the store matches.</p>}
      </div>
    </div>
  );
}

function wordsOf(text: string): readonly string[] {
  return text
    .split(/[,\s]+/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function originOf(text: string | null): Origin {
  return ORIGINS.find(({ value }) => value === text)?.value ?? 'file';
}

function problemOfConfiguration(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'The configuration is an object.';
  } catch (error) {
    return messageOf(error);
  }
}
