/** Which services a service uses: a mount for each name in its manifest, or several. */
import { Link2, Plus, X } from 'lucide';
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { SelectField } from '../components/field.tsx';
import { NotLoaded } from '../components/loaded.tsx';
import { tell } from '../components/toast.tsx';
import { SavedForm } from './saved-form.tsx';
import { servicesChanged, useOf, useServices, type Dependency } from './service.ts';
import type { TabProps } from './service-page.tsx';

type Dependencies = Readonly<Record<string, Dependency>>;
type Mounts = Readonly<Record<string, readonly string[]>>;

export function DependenciesTab({ mount }: TabProps) {
  const dependencies = useOf<Dependencies>(mount, 'dependencies');
  const services = useServices(true);
  const { data } = dependencies;
  if (data === undefined) return <NotLoaded of={dependencies} lines={5} />;
  if (Object.keys(data).length === 0)
    return (
      <EmptyState icon={Link2} title="No dependencies">
        The manifest of the service asks for no other services.
      </EmptyState>
    );
  return (
    <Form mount={mount} dependencies={data} mounts={(services.data ?? []).map((service) => service.mount).filter((one) => one !== mount)} />
  );
}

interface FormProps {
  readonly mount: string;
  readonly dependencies: Dependencies;
  /** That can be chosen. */
  readonly mounts: readonly string[];
}

function Form({ mount, dependencies, mounts }: FormProps) {
  const saved = Object.fromEntries(
    Object.entries(dependencies).map(([alias, { current }]) => [alias, current == null ? [] : [current].flat()]),
  );
  const [chosen, setChosen] = useState<Mounts>({});
  const now: Mounts = { ...saved, ...chosen };
  const isChanged = Object.keys(dependencies).some((alias) => JSON.stringify(now[alias]) !== JSON.stringify(saved[alias]));

  const save = async (): Promise<void> => {
    const values = Object.fromEntries(
      Object.entries(dependencies).flatMap(([alias, { multiple }]) => {
        const given = (now[alias] ?? []).filter((one) => one !== '');
        return given.length === 0 ? [] : [[alias, multiple ? given : given[0]]];
      }),
    );
    await api.put('/_api/foxx/dependencies', values, { mount });
    setChosen({});
    servicesChanged();
    tell('Saved the dependencies');
  };

  return (
    <SavedForm isChanged={isChanged} onSave={save} failure="The dependencies were not saved" onDiscard={() => setChosen({})}>
      {Object.entries(dependencies).map(([alias, dependency]) => (
        <DependencyField
          key={alias}
          alias={alias}
          dependency={dependency}
          chosen={now[alias] ?? []}
          mounts={mounts}
          onChange={(given) => setChosen((before) => ({ ...before, [alias]: given }))}
        />
      ))}
    </SavedForm>
  );
}

interface DependencyFieldProps {
  readonly alias: string;
  readonly dependency: Dependency;
  readonly chosen: readonly string[];
  readonly mounts: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

function DependencyField({ alias, dependency, chosen, mounts, onChange }: DependencyFieldProps) {
  const { title, name, version, description, required, multiple } = dependency;
  const wanted = name === '*' ? 'any service' : `${name} ${version === '*' ? '' : version}`.trim();
  const rows = multiple ? chosen : [chosen[0] ?? ''];
  return (
    <fieldset class="fieldset stack tight">
      <legend>{title}</legend>
      <p class="field-hint">
        {description !== undefined && description !== '' && <>{description} · </>}
        <code>{alias}</code>, {wanted}
        {required ? '' : ', optional'}
      </p>
      {rows.map((value, at) => (
        <div class="row" key={at}>
          <div class="grow">
            <SelectField
              label={multiple ? `${title} ${at + 1}` : title}
              isLabelHidden
              value={value}
              options={[['', 'None'], ...withCurrent(mounts, value).map((mount) => [mount, mount] as const)]}
              onChange={(mount) => onChange(multiple ? chosen.with(at, mount) : mount === '' ? [] : [mount])}
            />
          </div>
          {multiple && (
            <Button
              kind="quiet"
              icon={X}
              label={`Remove ${title} ${at + 1}`}
              onPress={() => onChange(chosen.filter((_, other) => other !== at))}
            />
          )}
        </div>
      ))}
      {multiple && (
        <div>
          <Button isSmall icon={Plus} onPress={() => onChange([...chosen, ''])}>
            Add a service
          </Button>
        </div>
      )}
    </fieldset>
  );
}

/** A mount where nothing is any more can still be what was chosen. */
function withCurrent(mounts: readonly string[], current: string): readonly string[] {
  return current === '' || mounts.includes(current) ? mounts : [current, ...mounts];
}
