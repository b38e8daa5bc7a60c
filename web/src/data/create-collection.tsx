/** The form for a new collection, with all that can be said of one. */
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { Confirm } from '../components/dialog.tsx';
import { Checkbox, Field, SelectField, TextField } from '../components/field.tsx';
import { tell } from '../components/toast.tsx';
import { JsonEditor } from '../editor/editors.tsx';
import { invalidate } from '../query.ts';
import { database, go, href } from '../router.ts';

const GENERATORS = [
  ['traditional', 'traditional: growing numbers'],
  ['autoincrement', 'autoincrement: 1, 2, 3 …'],
  ['padded', 'padded: growing, sorted as text'],
  ['uuid', 'uuid: random'],
] as const;

type Generator = (typeof GENERATORS)[number][0];

export function CreateCollection({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [type, setType] = useState<'2' | '3'>('2');
  const [waitForSync, setWaitForSync] = useState(false);
  const [generator, setGenerator] = useState<Generator>('traditional');
  const [allowUserKeys, setAllowUserKeys] = useState(true);
  const [increment, setIncrement] = useState('1');
  const [offset, setOffset] = useState('0');
  const [schema, setSchema] = useState('');
  const [computedValues, setComputedValues] = useState('');

  const create = async (): Promise<void> => {
    const steps = generator === 'autoincrement' ? { increment: Number(increment), offset: Number(offset) } : {};
    await api.post('/_api/collection', {
      name,
      type: Number(type),
      waitForSync,
      keyOptions: { type: generator, allowUserKeys, ...steps },
      ...optionalJson('schema', schema),
      ...optionalJson('computedValues', computedValues),
    });
    tell(`Collection ${name} is there`);
    invalidate(`collections/${database.value}`);
    go(href(['collections', name]));
  };

  return (
    <Confirm title="New collection" action="Create" onClose={onClose} onConfirm={create}>
      <TextField label="Name" value={name} onChange={setName} isRequired hasFocus />
      <SelectField
        label="Type"
        value={type}
        onChange={setType}
        options={[
          ['2', 'Documents'],
          ['3', 'Edges, which lead from one document to another'],
        ]}
      />
      <Checkbox label="Wait for sync" hint="A write is answered when it is on disk." isChecked={waitForSync} onChange={setWaitForSync} />
      <details class="more">
        <summary>Keys, schema and computed values</summary>
        <div class="stack">
          <SelectField label="Keys are generated" value={generator} onChange={setGenerator} options={GENERATORS} />
          {generator === 'autoincrement' && (
            <div class="row">
              <div class="grow">
                <TextField label="Increment" type="number" value={increment} onChange={setIncrement} />
              </div>
              <div class="grow">
                <TextField label="Offset" type="number" value={offset} onChange={setOffset} />
              </div>
            </div>
          )}
          <Checkbox label="Documents may bring their own keys" isChecked={allowUserKeys} onChange={setAllowUserKeys} />
          <JsonField
            label="Schema"
            hint="A JSON object with rule, level and message; the rule is a JSON Schema."
            value={schema}
            onChange={setSchema}
          />
          <JsonField
            label="Computed values"
            hint="A JSON list of objects with name, expression and overwrite."
            value={computedValues}
            onChange={setComputedValues}
          />
        </div>
      </details>
    </Confirm>
  );
}

interface JsonFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function JsonField({ label, hint, value, onChange }: JsonFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {() => (
        <div class="json-field">
          <JsonEditor label={label} value={value} onChange={onChange} />
        </div>
      )}
    </Field>
  );
}

/** `{ [name]: … }` where something was written. Throws what the JSON is not. */
export function optionalJson(name: string, text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {};
  try {
    return { [name]: JSON.parse(text) as unknown };
  } catch (error) {
    throw new Error(`The ${name} is no JSON: ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
}
