/** What the service asks its operator for, a field for each by its type. Saved at once; the service starts anew with it. */
import { SlidersHorizontal } from 'lucide';
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { EmptyState } from '../components/empty-state.tsx';
import { SelectField, TextArea, TextField } from '../components/field.tsx';
import { NotLoaded } from '../components/loaded.tsx';
import { tell } from '../components/toast.tsx';
import { SavedForm } from './saved-form.tsx';
import { servicesChanged, useOf, type Setting } from './service.ts';
import type { TabProps } from './service-page.tsx';

type Settings = Readonly<Record<string, Setting>>;
type Texts = Readonly<Record<string, string>>;

export function ConfigurationTab({ mount }: TabProps) {
  const configuration = useOf<Settings>(mount, 'configuration');
  const { data } = configuration;
  if (data === undefined) return <NotLoaded of={configuration} lines={5} />;
  if (Object.keys(data).length === 0)
    return (
      <EmptyState icon={SlidersHorizontal} title="Nothing to configure">
        The manifest of the service defines no configuration.
      </EmptyState>
    );
  return <Form mount={mount} settings={data} />;
}

function Form({ mount, settings }: { readonly mount: string; readonly settings: Settings }) {
  const saved = textsOf(settings);
  const [typed, setTyped] = useState<Texts>({});
  const [warnings, setWarnings] = useState<Texts>({});

  const texts = { ...saved, ...typed };
  const isChanged = Object.keys(settings).some((name) => texts[name] !== saved[name]);
  const problems = Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, problemOf(setting, texts[name] ?? '') ?? warnings[name]]),
  );
  const isValid = Object.entries(settings).every(([name, setting]) => problemOf(setting, texts[name] ?? '') === undefined);

  const save = async (): Promise<void> => {
    const values = Object.fromEntries(
      Object.entries(settings).flatMap(([name, setting]) => {
        const text = texts[name] ?? '';
        return text === '' ? [] : [[name, valueOf(setting, text)]];
      }),
    );
    const answer = await api.put<Settings>('/_api/foxx/configuration', values, { mount, minimal: false });
    const refused = Object.entries(answer).filter(([, { warning }]) => warning !== undefined && warning !== 'is required');
    setWarnings(Object.fromEntries(refused.map(([name, { warning = '' }]) => [name, `Not taken: ${warning}`])));
    setTyped(Object.fromEntries(refused.map(([name]) => [name, texts[name] ?? ''])));
    servicesChanged();
    if (refused.length === 0) tell('Saved the configuration');
  };

  return (
    <SavedForm
      isChanged={isChanged}
      isValid={isValid}
      onSave={save}
      failure="The configuration was not saved"
      onDiscard={() => {
        setTyped({});
        setWarnings({});
      }}
    >
      {Object.entries(settings).map(([name, setting]) => (
        <SettingField
          key={name}
          name={name}
          setting={setting}
          text={texts[name] ?? ''}
          problem={problems[name]}
          onChange={(text) => {
            // Fields may be filled one after the other before anything is drawn anew.
            setTyped((before) => ({ ...before, [name]: text }));
            setWarnings((before) => Object.fromEntries(Object.entries(before).filter(([other]) => other !== name)));
          }}
        />
      ))}
    </SavedForm>
  );
}

interface SettingFieldProps {
  readonly name: string;
  readonly setting: Setting;
  readonly text: string;
  readonly problem: string | undefined;
  readonly onChange: (text: string) => void;
}

function SettingField({ name, setting, text, problem, onChange }: SettingFieldProps) {
  const { type, title, description, required, default: otherwise } = setting;
  const otherwiseText = otherwise === undefined ? '' : textOf(setting, otherwise);
  const common = {
    label: title,
    isRequired: required && otherwise === undefined,
    error: problem,
    value: text,
    onChange,
    hint: (
      <>
        {description !== undefined && description !== '' && <>{description} · </>}
        <code>{name}</code>, {NAMES[type]}
      </>
    ),
  };
  const unset = otherwiseText === '' ? 'Not set' : `Default: ${type === 'password' ? '••••••' : otherwiseText}`;
  switch (type) {
    case 'boolean':
    case 'bool':
      return (
        <SelectField
          {...common}
          options={[
            ['', unset],
            ['true', 'Yes'],
            ['false', 'No'],
          ]}
        />
      );
    case 'json':
      return <TextArea {...common} isMono rows={6} placeholder={unset} />;
    case 'password':
      return <TextField {...common} type="password" autocomplete="new-password" placeholder={unset} />;
    case 'integer':
    case 'int':
      return <TextField {...common} type="number" step="1" placeholder={unset} />;
    case 'number':
      return <TextField {...common} type="number" step="any" placeholder={unset} />;
    case 'string':
      return <TextField {...common} placeholder={unset} />;
  }
}

const NAMES = {
  string: 'text',
  password: 'password',
  integer: 'whole number',
  int: 'whole number',
  number: 'number',
  boolean: 'yes or no',
  bool: 'yes or no',
  json: 'JSON',
} as const;

function textsOf(settings: Settings): Texts {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, setting.currentRaw == null ? '' : textOf(setting, setting.currentRaw)]),
  );
}

function textOf({ type }: Setting, value: unknown): string {
  if (typeof value === 'string') return value;
  return type === 'json' ? JSON.stringify(value, undefined, 2) : String(value);
}

function valueOf({ type }: Setting, text: string): unknown {
  switch (type) {
    case 'boolean':
    case 'bool':
      return text === 'true';
    case 'integer':
    case 'int':
    case 'number':
      return Number(text);
    default:
      return text;
  }
}

function problemOf({ type }: Setting, text: string): string | undefined {
  if (text === '') return undefined;
  switch (type) {
    case 'integer':
    case 'int':
      return Number.isInteger(Number(text)) ? undefined : 'This is not a whole number.';
    case 'number':
      return Number.isFinite(Number(text)) ? undefined : 'This is not a number.';
    case 'json':
      try {
        JSON.parse(text);
        return undefined;
      } catch (error) {
        return `This is not JSON: ${(error as Error).message}`;
      }
    default:
      return undefined;
  }
}
