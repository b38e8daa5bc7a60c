/** What a collection is, what of it can be changed, and its end. */
import { Eraser, Save, Trash2 } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { useMayManage } from '../api/rights.ts';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/dialog.tsx';
import { sizeText } from '../components/drop-zone.tsx';
import { TextField } from '../components/field.tsx';
import { Notice } from '../components/notice.tsx';
import { Facts, Section } from '../components/page.tsx';
import { tell } from '../components/toast.tsx';
import { Toggle } from '../components/toggle.tsx';
import { invalidate } from '../query.ts';
import { database, go, href } from '../router.ts';
import { JsonField, optionalJson } from './create-collection.tsx';
import { collectionKey, collectionPath, type CollectionProperties } from './model.ts';

export function SettingsTab({ collection }: { readonly collection: CollectionProperties }) {
  const { name, keyOptions, figures, count, isSystem } = collection;
  const mayManage = useMayManage() === true;
  const [newName, setNewName] = useState(name);
  const [schema, setSchema] = useState(jsonText(collection.schema));
  const [computedValues, setComputedValues] = useState(jsonText(collection.computedValues));
  const [asked, setAsked] = useState<'truncate' | 'drop'>();
  const stale = (): void => invalidate(`collections/${database.value}`, collectionKey(name));

  const change = async (properties: Readonly<Record<string, unknown>>): Promise<void> => {
    await api.put(`${collectionPath(name)}/properties`, properties);
    tell('The collection is changed');
    stale();
  };

  return (
    <div class="settings">
      <Section title="About">
        <Facts
          facts={[
            ['Id', <span class="mono">{collection.id}</span>],
            ['Globally unique id', <span class="mono">{collection.globallyUniqueId}</span>],
            ['Type', collection.type === 3 ? 'Edges' : 'Documents'],
            ['Documents', count.toLocaleString('en')],
            ['Size of the documents', sizeText(figures.documentsSize)],
            ['Indexes', figures.indexes.count],
            ['Keys', `${keyOptions.type}${keyOptions.allowUserKeys ? ', or brought by documents' : ', by the server alone'}`],
            keyOptions.increment !== undefined && ['Increment and offset', `${keyOptions.increment}, ${keyOptions.offset ?? 0}`],
          ]}
        />
      </Section>
      <Section title="Writing">
        <Toggle
          label="Wait for sync"
          hint="A write is answered when it is on disk."
          isOn={collection.waitForSync}
          isDisabled={!mayManage}
          onChange={(waitForSync) => void change({ waitForSync })}
        />
        <JsonField
          label="Schema"
          hint="Documents that do not fit are refused: { rule, level, message }. Empty: none."
          value={schema}
          onChange={setSchema}
        />
        <JsonField
          label="Computed values"
          hint="Attributes that the server fills in: [{ name, expression, overwrite }]. Empty: none."
          value={computedValues}
          onChange={setComputedValues}
        />
        {mayManage && (
          <div class="row">
            <Button
              icon={Save}
              onPress={() =>
                change({
                  schema: null,
                  computedValues: null,
                  ...optionalJson('schema', schema),
                  ...optionalJson('computedValues', computedValues),
                })
              }
            >
              Save schema and computed values
            </Button>
          </div>
        )}
      </Section>
      {mayManage && !isSystem && (
        <Section title="Name">
          <form class="row" onSubmit={(event) => event.preventDefault()}>
            <div class="grow">
              <TextField label="Name of the collection" isLabelHidden value={newName} onChange={setNewName} />
            </div>
            <Button
              type="submit"
              isDisabled={newName === name || newName === ''}
              onPress={async () => {
                await api.put(`${collectionPath(name)}/rename`, { name: newName });
                tell(`${name} is called ${newName} now`);
                invalidate(`collections/${database.value}`, 'graphs');
                go(href(['collections', newName, 'settings']));
              }}
            >
              Rename
            </Button>
          </form>
        </Section>
      )}
      {mayManage && (
        <Section title="Danger">
          <div class="row">
            <Button kind="danger" icon={Eraser} onPress={() => setAsked('truncate')}>
              Delete all documents
            </Button>
            {!isSystem && (
              <Button kind="danger" icon={Trash2} onPress={() => setAsked('drop')}>
                Drop the collection
              </Button>
            )}
          </div>
        </Section>
      )}
      {asked !== undefined && (
        <ConfirmByName
          title={asked === 'drop' ? `Drop ${name}?` : `Delete all documents of ${name}?`}
          action={asked === 'drop' ? 'Drop' : 'Delete all'}
          name={name}
          onClose={() => setAsked(undefined)}
          onConfirm={async () => {
            if (asked === 'drop') await api.delete(collectionPath(name));
            else await api.put(`${collectionPath(name)}/truncate`);
            tell(asked === 'drop' ? `${name} is gone` : `${name} is empty`);
            if (asked === 'drop') {
              invalidate(`collections/${database.value}`);
              go(href(['collections']));
            } else stale();
          }}
        >
          {count.toLocaleString('en')} documents{asked === 'drop' ? ' and all indexes' : ''} will be gone for good.
        </ConfirmByName>
      )}
    </div>
  );
}

export interface ConfirmByNameProps {
  readonly title: string;
  readonly action: string;
  readonly name: string;
  readonly onClose: () => void;
  readonly onConfirm: () => Promise<unknown>;
  readonly children: ComponentChildren;
}

/** For what cannot be undone: the name has to be typed. */
export function ConfirmByName({ title, action, name, onClose, onConfirm, children }: ConfirmByNameProps) {
  const [typed, setTyped] = useState('');
  return (
    <Confirm
      title={title}
      action={action}
      isDangerous
      onClose={onClose}
      onConfirm={async () => {
        if (typed !== name) throw new Error(`Type ${name} to go on.`);
        await onConfirm();
      }}
    >
      <Notice kind="caution">{children}</Notice>
      <TextField label={`Type ${name} to go on`} isMono hasFocus value={typed} onChange={setTyped} />
    </Confirm>
  );
}

const jsonText = (value: unknown): string => (value === null || value === undefined ? '' : JSON.stringify(value, undefined, 2));
