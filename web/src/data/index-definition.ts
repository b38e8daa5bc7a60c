/** What the form of a new index says, as the server takes it: of each type only what that type has. */

export const INDEX_TYPES = {
  persistent: 'Persistent: for equality, ranges and sorting',
  ttl: 'TTL: documents expire',
  geo: 'Geo: near and within places',
  fulltext: 'Fulltext: words of a text',
  mdi: 'Multi-dimensional: ranges of several numbers',
  'mdi-prefixed': 'Multi-dimensional, with a prefix',
} as const;

export type IndexType = keyof typeof INDEX_TYPES;

export interface IndexForm {
  readonly type: IndexType;
  readonly name: string;
  readonly fields: string;
  readonly prefixFields: string;
  readonly storedValues: string;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly deduplicate: boolean;
  readonly expireAfter: string;
  readonly minLength: string;
  readonly geoJson: boolean;
}

export const NEW_INDEX: IndexForm = {
  type: 'persistent',
  name: '',
  fields: '',
  prefixFields: '',
  storedValues: '',
  unique: false,
  sparse: false,
  deduplicate: true,
  expireAfter: '0',
  minLength: '3',
  geoJson: false,
};

export function indexDefinition(form: IndexForm): Readonly<Record<string, unknown>> {
  const { type, name, unique, sparse, deduplicate, geoJson } = form;
  const common = { type, fields: listOf(form.fields), ...(name.trim() === '' ? {} : { name: name.trim() }) };
  const stored = listOf(form.storedValues);
  const storedValues = stored.length === 0 ? {} : { storedValues: stored };
  switch (type) {
    case 'persistent':
      return { ...common, unique, sparse, deduplicate, ...storedValues };
    case 'ttl':
      return { ...common, expireAfter: Number(form.expireAfter) };
    case 'geo':
      return { ...common, geoJson };
    case 'fulltext':
      return { ...common, minLength: Number(form.minLength) };
    case 'mdi':
      return { ...common, unique, sparse, fieldValueTypes: 'double', ...storedValues };
    case 'mdi-prefixed':
      return { ...common, unique, sparse, fieldValueTypes: 'double', prefixFields: listOf(form.prefixFields), ...storedValues };
  }
}

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
