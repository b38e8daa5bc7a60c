/** The indexes of a collection, and the form for a new one. */
import { Plus, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { useMayManage } from '../api/rights.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/dialog.tsx';
import { Checkbox, SelectField, TextField } from '../components/field.tsx';
import { NotLoaded } from '../components/loaded.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell } from '../components/toast.tsx';
import { invalidate, useQuery } from '../query.ts';
import { database } from '../router.ts';
import { indexDefinition, INDEX_TYPES, NEW_INDEX, type IndexForm, type IndexType } from './index-definition.ts';
import { sampledAttributes, type Index } from './model.ts';

export function IndexesTab({ collection }: { readonly collection: string }) {
  const mayManage = useMayManage();
  const [isCreating, setCreating] = useState(false);
  const [dropping, setDropping] = useState<Index>();
  const key = `indexes/${database.value}/${collection}`;
  const indexes = useQuery(key, (aborting) =>
    api.get<{ indexes: readonly Index[] }>('/_api/index', { collection, withStats: true }, aborting),
  );
  const columns: readonly Column<Index>[] = [
    {
      id: 'name',
      header: 'Name',
      cell: ({ name, id }) => (
        <span class="index-name">
          <span class="truncate">{name}</span>
          <span class="faint mono truncate">{id}</span>
        </span>
      ),
    },
    { id: 'type', header: 'Type', width: '7.5rem', cell: ({ type }) => <Badge>{type}</Badge> },
    {
      id: 'fields',
      header: 'Fields',
      cell: ({ fields, prefixFields = [], storedValues = [] }) => (
        <span class="mono" title={storedValues.length > 0 ? `Stores ${storedValues.join(', ')}` : undefined}>
          {[...prefixFields, ...fields].join(', ')}
          {storedValues.length > 0 && <span class="faint"> + {storedValues.join(', ')}</span>}
        </span>
      ),
    },
    { id: 'options', header: 'Options', shownWhen: 'wide', cell: (index) => <span class="soft">{optionsText(index)}</span> },
    {
      id: 'selectivity',
      header: 'Selectivity',
      width: '7rem',
      isNumber: true,
      shownWhen: 'wide',
      cell: ({ selectivityEstimate }) =>
        selectivityEstimate === undefined ? '' : `${(selectivityEstimate * 100).toFixed(selectivityEstimate < 0.1 ? 2 : 0)} %`,
    },
    {
      id: 'drop',
      header: <span class="visually-hidden">Actions</span>,
      width: '4rem',
      cell: (index) =>
        mayManage !== true || index.type === 'primary' || index.type === 'edge' ? null : (
          <Button kind="quiet" isSmall icon={Trash2} label={`Drop index ${index.name}`} onPress={() => setDropping(index)} />
        ),
    },
  ];
  const { data } = indexes;
  if (data === undefined) return <NotLoaded of={indexes} lines={5} />;
  return (
    <div class="stack">
      <div class="row">
        <span class="soft">
          {data.indexes.length} {data.indexes.length === 1 ? 'index' : 'indexes'}
        </span>
        <div class="row end">
          {mayManage === true && (
            <Button kind="primary" icon={Plus} onPress={() => setCreating(true)}>
              New index
            </Button>
          )}
        </div>
      </div>
      <Table label={`Indexes of ${collection}`} rows={data.indexes} columns={columns} keyOf={({ id }) => id} rowHeightPx={52} />
      {isCreating && <CreateIndex collection={collection} onClose={() => setCreating(false)} />}
      {dropping !== undefined && (
        <Confirm
          title={`Drop the index ${dropping.name}?`}
          action="Drop"
          isDangerous
          onClose={() => setDropping(undefined)}
          onConfirm={async () => {
            await api.delete(`/_api/index/${dropping.id.split('/').map(encodeURIComponent).join('/')}`);
            tell(`Index ${dropping.name} is gone`);
            invalidate(key, `collections/${database.value}`);
          }}
        >
          <p>
            Queries that use it become slower. The documents stay as they are{dropping.unique ? ', but values may then be there twice' : ''}
            .
          </p>
        </Confirm>
      )}
    </div>
  );
}

function optionsText(index: Index): string {
  return [
    index.unique && index.type !== 'primary' && 'unique',
    index.sparse && index.type === 'persistent' && 'sparse',
    index.deduplicate === false && 'no deduplication',
    index.expireAfter !== undefined && `expires after ${index.expireAfter.toLocaleString('en')} s`,
    index.minLength !== undefined && `words of ${index.minLength} letters or more`,
    index.geoJson === true && 'GeoJSON',
  ]
    .filter((text) => text !== false)
    .join(', ');
}

function CreateIndex({ collection, onClose }: { readonly collection: string; readonly onClose: () => void }) {
  const [form, setForm] = useState<IndexForm>(NEW_INDEX);
  const { data: attributes = [] } = useQuery(`attributes/${database.value}/${collection}`, () =>
    sampledAttributes(database.value, collection),
  );
  const change = (changes: Partial<IndexForm>): void => setForm((now) => ({ ...now, ...changes }));
  const { type } = form;
  const isMdi = type === 'mdi' || type === 'mdi-prefixed';
  const example = {
    geo: 'location',
    ttl: 'expiresAt',
    fulltext: 'text',
    persistent: 'name, address.city, tags[*]',
    mdi: 'x, y',
    'mdi-prefixed': 'x, y',
  }[type];
  return (
    <Confirm
      title={`New index of ${collection}`}
      action="Create"
      onClose={onClose}
      onConfirm={async () => {
        const index = await api.post<Index & { isNewlyCreated: boolean }>('/_api/index', indexDefinition(form), { collection });
        tell(index.isNewlyCreated ? `Index ${index.name} is there` : `There is such an index already: ${index.name}`);
        invalidate(`indexes/${database.value}/${collection}`, `collections/${database.value}`);
      }}
    >
      <SelectField<IndexType>
        label="Type"
        value={type}
        onChange={(next) => change({ type: next })}
        options={Object.entries(INDEX_TYPES) as [IndexType, string][]}
      />
      {type === 'mdi-prefixed' && (
        <TextField
          label="Prefix fields"
          isMono
          isRequired
          value={form.prefixFields}
          onChange={(prefixFields) => change({ prefixFields })}
          placeholder="tenant"
        />
      )}
      <TextField
        label={type === 'ttl' || type === 'fulltext' ? 'Field' : 'Fields'}
        isMono
        isRequired
        hasFocus
        value={form.fields}
        onChange={(fields) => change({ fields })}
        placeholder={example}
        suggestions={attributes}
        hint={
          type === 'persistent'
            ? 'Separated by commas, in the order of the index. tags[*] indexes each item of a list.'
            : type === 'geo'
              ? 'One field with a list or GeoJSON, or two: latitude, longitude.'
              : type === 'ttl'
                ? 'A date, as text or in seconds since 1970.'
                : undefined
        }
      />
      <TextField label="Name" hint="Left out, the server chooses one." value={form.name} onChange={(name) => change({ name })} />
      {(type === 'persistent' || isMdi) && (
        <>
          <Checkbox
            label="Unique"
            hint="No two documents may have the same values."
            isChecked={form.unique}
            onChange={(unique) => change({ unique })}
          />
          <Checkbox
            label="Sparse"
            hint="Documents without a value are left out."
            isChecked={form.sparse}
            onChange={(sparse) => change({ sparse })}
          />
          <TextField
            label="Stored values"
            isMono
            hint="Further attributes that queries can read from the index alone."
            value={form.storedValues}
            onChange={(storedValues) => change({ storedValues })}
          />
        </>
      )}
      {type === 'persistent' && (
        <Checkbox
          label="Deduplicate items of lists"
          hint="A document is found once, even if its list has a value twice."
          isChecked={form.deduplicate}
          onChange={(deduplicate) => change({ deduplicate })}
        />
      )}
      {type === 'ttl' && (
        <TextField
          label="Documents expire after"
          type="number"
          hint="Seconds after the date in the field; 0: at that date."
          value={form.expireAfter}
          onChange={(expireAfter) => change({ expireAfter })}
        />
      )}
      {type === 'fulltext' && (
        <TextField
          label="Shortest word"
          type="number"
          hint="In letters."
          value={form.minLength}
          onChange={(minLength) => change({ minLength })}
        />
      )}
      {type === 'geo' && (
        <Checkbox
          label="Lists are GeoJSON: longitude first"
          hint="Otherwise lists are latitude, longitude."
          isChecked={form.geoJson}
          onChange={(geoJson) => change({ geoJson })}
        />
      )}
    </Confirm>
  );
}
