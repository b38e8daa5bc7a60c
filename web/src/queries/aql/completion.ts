/**
 * What the word at the cursor of a query can become, from the query's text and what is known of the database.
 *
 * In two steps, as attributes have to be asked for: `wantedAt` says what kind of word it is, `suggestions` makes the list of what is known.
 * Both are plain functions of texts and lists; the editor turns their answers into its own.
 */
import { CONSTANTS, KEYWORDS, OPERATOR_WORDS, tokenize, WORDS_OF_PLACES, words, type Token } from './tokens.ts';

/** An AQL function as `GET /_api/aql-builtin` tells of it. */
export interface AqlFunction {
  readonly name: string;
  readonly signature: string;
  readonly summary: string;
  readonly group: string;
  readonly examples: readonly { readonly expression: string; readonly result: string }[];
}

export interface KnownCollection {
  readonly name: string;
  readonly type: 'document' | 'edge';
}

export interface Knowledge {
  readonly collections: readonly KnownCollection[];
  readonly graphs: readonly { readonly name: string; readonly vertices: readonly string[]; readonly edges: readonly string[] }[];
  readonly functions: readonly AqlFunction[];
  /** Attribute paths (`address.city`, items of arrays by `[*]`) by collection. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

export type Wanted = { readonly from: number } & (
  | { readonly is: 'attribute'; readonly path: readonly string[]; readonly source: Source }
  | { readonly is: 'collection'; readonly variables: readonly string[] }
  | { readonly is: 'graph'; readonly isQuoted: boolean }
  | { readonly is: 'parameter'; readonly names: readonly string[] }
  | { readonly is: 'anything'; readonly variables: readonly string[] }
);

/** Where a variable's value comes from, as far as the text tells. */
export type Source =
  | { readonly of: 'collections'; readonly names: readonly string[] }
  | { readonly of: 'graph vertices' | 'graph edges'; readonly graph: string }
  | { readonly of: 'path' }
  | { readonly of: 'object'; readonly attributes: readonly string[] }
  | { readonly of: 'other' };

export interface Suggestion {
  readonly label: string;
  readonly kind: 'attribute' | 'collection' | 'graph' | 'function' | 'keyword' | 'variable' | 'parameter';
  readonly detail?: string;
  readonly function?: AqlFunction;
  /** Higher comes first among what fits equally well. */
  readonly boost: number;
}

/** undefined: there is nothing to complete, as in a comment. */
export function wantedAt(text: string, at: number, isAsked: boolean): Wanted | undefined {
  const tokens = tokenize(text);
  const last = tokens.findLast((token) => token.at < at);
  if (last?.kind === 'comment' && (at < last.end || !last.text.endsWith('*/'))) return undefined;
  const isWord = last !== undefined && at <= last.end && isWordLike(last);
  const isInString = last?.kind === 'string' && (at < last.end || last.isOpen);
  const before = tokens.filter((token) => isRead(token) && token.end <= at && !((isWord || isInString) && token === last));
  const previous = before.at(-1);
  if (isInString) {
    return isWordOf(previous, 'GRAPH') ? { is: 'graph', from: last.at + 1, isQuoted: true } : undefined;
  }
  if (last?.kind === 'parameter' && at <= last.end) {
    const names = [...new Set(tokens.filter((token) => token.kind === 'parameter' && token !== last).map((token) => token.text))];
    return { is: 'parameter', from: last.at, names };
  }
  if (last?.kind === 'number' && at <= last.end) return undefined;
  const from = isWord ? last.at : at;
  if (previous?.text === '.') {
    const chain = chainBefore(before.slice(0, -1));
    if (chain === undefined) return undefined;
    const [root = '', ...path] = chain;
    return { is: 'attribute', from, path, source: sourceOf(root, tokens.filter(isRead), from) };
  }
  if (!isWord && !isAsked) return undefined;
  const variables = variablesBefore(tokens.filter((token) => isRead(token) && token.end < from));
  if (isWordOf(previous, 'GRAPH')) return { is: 'graph', from, isQuoted: false };
  if (isWordOf(previous, 'IN') || isWordOf(previous, 'INTO') || isInWith(before)) return { is: 'collection', from, variables };
  // A name that is being given is no word that could be known.
  if (isWordOf(previous, 'FOR') || isWordOf(previous, 'LET')) return undefined;
  return { is: 'anything', from, variables };
}

/** The collections whose attributes have to be known before `suggestions` can name them. */
export function collectionsOf(wanted: Wanted, { graphs }: Pick<Knowledge, 'graphs'>): readonly string[] {
  return wanted.is === 'attribute' ? collectionsOfSource(wanted.source, graphs) : [];
}

export function suggestions(wanted: Wanted, knowledge: Knowledge): readonly Suggestion[] {
  const { collections, graphs, functions } = knowledge;
  const variables = (names: readonly string[]): Suggestion[] => names.map((label) => ({ label, kind: 'variable', boost: 3 }));
  const named = collections.map(({ name, type }): Suggestion => ({
    label: name,
    kind: 'collection',
    detail: type === 'edge' ? 'edge collection' : 'collection',
    boost: name.startsWith('_') ? -1 : 2,
  }));
  switch (wanted.is) {
    case 'attribute':
      return attributes(wanted.source, wanted.path, knowledge).map((label) => ({
        label,
        kind: 'attribute',
        boost: label.startsWith('_') ? -1 : 0,
      }));
    case 'graph':
      return graphs.map(({ name }) => ({ label: wanted.isQuoted ? name : JSON.stringify(name), kind: 'graph', boost: 0 }));
    case 'parameter':
      return wanted.names.map((label) => ({ label, kind: 'parameter', boost: 0 }));
    case 'collection':
      return [...named, ...variables(wanted.variables), ...keywords(['OUTBOUND', 'INBOUND', 'ANY', 'GRAPH']), ...calls(functions)];
    case 'anything':
      return [
        ...variables(wanted.variables),
        ...keywords([...KEYWORDS, ...OPERATOR_WORDS, ...CONSTANTS, ...PLACES]),
        ...named,
        ...calls(functions),
      ];
  }
}

const PLACES = [...WORDS_OF_PLACES].map((word) => (word === 'LEAST' ? 'AT LEAST' : word));

const keywords = (labels: readonly string[]): Suggestion[] =>
  labels.map((label) => ({ label: CONSTANTS.has(label) ? label.toLowerCase() : label, kind: 'keyword', boost: 1 }));

const calls = (functions: readonly AqlFunction[]): Suggestion[] =>
  functions.map((each) => ({
    label: each.name,
    kind: 'function',
    detail: each.signature.slice(each.name.length),
    function: each,
    boost: 0,
  }));

const PATH_ATTRIBUTES = ['vertices', 'edges', 'weights'];

function attributes(source: Source, path: readonly string[], knowledge: Knowledge): readonly string[] {
  if (source.of === 'path' && path.length === 0) return PATH_ATTRIBUTES;
  if (source.of === 'object' && path.length === 0) return source.attributes;
  const prefix = path.length === 0 ? '' : `${path.join('.')}.`;
  const found = collectionsOfSource(source, knowledge.graphs)
    .flatMap((name) => knowledge.attributes.get(name) ?? [])
    .filter((attribute) => attribute.startsWith(prefix))
    .map((attribute) => attribute.slice(prefix.length).split('.')[0] ?? '')
    .map((step) => step.replaceAll('[*]', ''));
  return [...new Set(found)].filter((step) => step !== '');
}

function collectionsOfSource(source: Source, graphs: Knowledge['graphs']): readonly string[] {
  switch (source.of) {
    case 'collections':
      return source.names;
    case 'graph vertices':
      return graphs.find(({ name }) => name === source.graph)?.vertices ?? [];
    case 'graph edges':
      return graphs.find(({ name }) => name === source.graph)?.edges ?? [];
    case 'path':
    case 'object':
    case 'other':
      return [];
  }
}

const isRead = ({ kind }: Token): boolean => kind !== 'space' && kind !== 'comment';

const isWordLike = ({ kind }: Token): boolean =>
  kind === 'name' || kind === 'function' || kind === 'keyword' || kind === 'operator word' || kind === 'constant';

const isWordOf = (token: Token | undefined, word: string): boolean =>
  token !== undefined && isWordLike(token) && token.text.toUpperCase() === word;

/** `WITH a, b` at the query's beginning lists collections. */
function isInWith(before: readonly Token[]): boolean {
  if (!isWordOf(before[0], 'WITH')) return false;
  const rest = before.slice(1);
  return rest.every(({ kind, text }, i) => (i % 2 === 0 ? kind === 'name' || kind === 'parameter' : text === ',')) && rest.length % 2 === 0;
}

/** `p.vertices[*].name` as its steps, read backwards from its end; items of an array are `[*]` at their step. */
function chainBefore(tokens: readonly Token[]): readonly string[] | undefined {
  const steps: string[] = [];
  let items = '';
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i]!;
    if (token.text === ']') {
      const open = tokens.findLastIndex(({ text }, at) => at < i && text === '[');
      if (open === -1) return undefined;
      items += '[*]';
      i = open;
    } else if (isWordLike(token)) {
      steps.unshift(nameOf(token) + items);
      items = '';
      if (tokens[i - 1]?.text !== '.') return steps;
      i--;
    } else return undefined;
  }
  return undefined;
}

const nameOf = ({ text }: Token): string => (/^[`´]/.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text);

/** The nearest declaration of `root` before the place, and what it ranges over. */
function sourceOf(root: string, tokens: readonly Token[], at: number): Source {
  const name = root.replaceAll('[*]', '');
  if (name === 'NEW' || name === 'OLD') return writtenCollection(tokens);
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i]!;
    if (token.at >= at) continue;
    if (isWordOf(token, 'LET') && nameAt(tokens, i + 1) === name && tokens[i + 2]?.text === '=') return valueSource(tokens, i + 3);
    if (isWordOf(token, 'FOR')) {
      const declared = listAt(tokens, i + 1);
      const position = declared.names.indexOf(name);
      if (position !== -1) return loopSource(tokens, declared.next, position);
    }
    const isSet = isWordOf(token, 'COLLECT') || isWordOf(token, 'AGGREGATE') || isWordOf(token, 'INTO');
    if (isSet && nameAt(tokens, i + 1) === name) return { of: 'other' };
  }
  return { of: 'other' };
}

function writtenCollection(tokens: readonly Token[]): Source {
  const writes = tokens.findLastIndex((token) => ['INSERT', 'UPDATE', 'REPLACE', 'REMOVE', 'UPSERT'].some((word) => isWordOf(token, word)));
  const target = tokens.findIndex((token, i) => i > writes && (isWordOf(token, 'INTO') || isWordOf(token, 'IN')));
  const name = target === -1 ? undefined : nameAt(tokens, target + 1);
  return name === undefined ? { of: 'other' } : { of: 'collections', names: [name] };
}

/** What a `FOR` ranges over that names its variables before `next`, which is its `IN`. */
function loopSource(tokens: readonly Token[], next: number, position: number): Source {
  if (!isWordOf(tokens[next], 'IN')) return { of: 'other' };
  const end = tokens.findIndex((token, i) => i > next && CLAUSES.has(token.text.toUpperCase()) && isWordLike(token));
  const range = tokens.slice(next + 1, end === -1 ? undefined : end);
  const isWalk = range.some((token) => ['OUTBOUND', 'INBOUND', 'ANY', 'SHORTEST_PATH'].some((word) => isWordOf(token, word)));
  if (!isWalk) return valueSource(tokens, next + 1);
  if (position === 2) return { of: 'path' };
  const graph = range.findIndex((token) => isWordOf(token, 'GRAPH'));
  const named = range[graph + 1];
  if (graph !== -1 && named !== undefined) {
    return { of: position === 0 ? 'graph vertices' : 'graph edges', graph: named.text.replaceAll(/^["'`]|["'`]$/g, '') };
  }
  if (position === 0) return { of: 'other' };
  const edges = range.slice(
    range.findIndex((token) => isWordOf(token, 'ANY') || isWordOf(token, 'OUTBOUND') || isWordOf(token, 'INBOUND')) + 2,
  );
  return { of: 'collections', names: edges.filter(({ kind }) => kind === 'name').map(nameOf) };
}

const CLAUSES = words('FOR LET FILTER RETURN COLLECT SORT LIMIT WINDOW INSERT UPDATE REPLACE REMOVE UPSERT PRUNE OPTIONS SEARCH');

/** What an expression that begins at `i` gives, if that is easily seen: a collection, its document, or an object that is written out. */
function valueSource(tokens: readonly Token[], i: number): Source {
  const first = tokens[i];
  if (first === undefined) return { of: 'other' };
  if (first.kind === 'name') return tokens[i + 1]?.text === '.' ? { of: 'other' } : { of: 'collections', names: [nameOf(first)] };
  if (isWordOf(first, 'DOCUMENT') || isWordOf(first, 'FIRST')) {
    const named = tokens.slice(i + 1, i + 8).find(({ kind }) => kind === 'string' || kind === 'name');
    if (named === undefined) return { of: 'other' };
    return { of: 'collections', names: [named.text.replaceAll(/^["']|["']$/g, '').split('/')[0] ?? ''] };
  }
  if (first.text === '(') {
    const loop = tokens.findIndex((token, at) => at > i && isWordOf(token, 'FOR'));
    return loop === i + 1 ? loopSource(tokens, listAt(tokens, loop + 1).next, 0) : { of: 'other' };
  }
  if (first.text !== '{') return { of: 'other' };
  const names: string[] = [];
  let depth = 0;
  for (let at = i; at < tokens.length; at++) {
    const { text, kind } = tokens[at]!;
    if ('{[('.includes(text)) depth++;
    else if ('}])'.includes(text)) depth--;
    else if (depth === 1 && tokens[at + 1]?.text === ':') names.push(kind === 'string' ? text.slice(1, -1) : nameOf(tokens[at]!));
    if (depth === 0) break;
  }
  return { of: 'object', attributes: names };
}

function nameAt(tokens: readonly Token[], i: number): string | undefined {
  const token = tokens[i];
  return token !== undefined && isWordLike(token) ? nameOf(token) : undefined;
}

/** `v, e, p`, and where it ends. */
function listAt(tokens: readonly Token[], start: number): { readonly names: readonly string[]; readonly next: number } {
  const names: string[] = [];
  let i = start;
  for (;;) {
    const name = tokens[i]?.kind === 'name' ? nameAt(tokens, i) : undefined;
    if (name === undefined) return { names, next: i };
    names.push(name);
    if (tokens[i + 1]?.text !== ',') return { names, next: i + 1 };
    i += 2;
  }
}

/** All names that were given so far; which of them are in reach is the server's to say. */
function variablesBefore(tokens: readonly Token[]): readonly string[] {
  const names = tokens.flatMap((token, i) => {
    if (isWordOf(token, 'FOR')) return listAt(tokens, i + 1).names;
    if (['LET', 'COLLECT', 'AGGREGATE', 'INTO'].some((word) => isWordOf(token, word))) {
      const name = tokens[i + 1]?.kind === 'name' ? nameAt(tokens, i + 1) : undefined;
      return name === undefined ? [] : [name];
    }
    return [];
  });
  const written = tokens.some((token) => ['INSERT', 'UPDATE', 'REPLACE', 'REMOVE', 'UPSERT'].some((word) => isWordOf(token, word)));
  return [...new Set([...names, ...(written ? ['NEW', 'OLD'] : [])])];
}
