/** How what our shell shows is compared with what was recorded: revisions, ids, names and times that are made on the spot count by type. */
import type { Chunk } from './arangosh-shell.ts';

const MASKED = new Set(
  (
    'checksum executionTime globallyUniqueId id objectId peakMemoryUsage revision _rev _oldRev started runTime hash queryHash ' +
    'created memoryUsage estimatedCost estimatedNrItems selectivityEstimate rulesExecuted rulesSkipped documentsSize size lastValue'
  ).split(' '),
);
/** The status of the answer. */
const SHELL_ONLY = new Set(['code']);
/** Of collections, which the shell does not show. */
const SERVER_ONLY = new Set(['usesRevisionsAsDocumentIds', 'isSmartChild', 'internalValidatorType', 'objectId']);

const MASKED_IF_GENERATED = new Set(['_key', '_id', '_from', '_to']);

/** Undefined: none. */
export function differenceOf(actual: readonly Chunk[], expected: readonly Chunk[]): string | undefined {
  const shown = actual.filter((chunk) => !('text' in chunk) || chunk.text.trim() !== '');
  const wanted = expected.filter((chunk) => !isStatus(chunk));
  for (const [i, chunk] of wanted.entries()) {
    const own = shown[i];
    if (own === undefined) return `nothing instead of ${show(chunk)}`;
    const why = 'text' in chunk ? textDifference(own, chunk.text) : jsonDifference(own, chunk.json);
    if (why !== undefined) return why;
  }
  return shown.length > wanted.length ? `also ${show(shown[wanted.length])}` : undefined;
}

/** What the shell gets for a request whose answer says nothing; a service gets nothing. */
function isStatus(chunk: Chunk): boolean {
  return 'json' in chunk && JSON.stringify(chunk.json) === '{"code":200}';
}

const show = (chunk: unknown): string => JSON.stringify(chunk).slice(0, 3000);

function textDifference(own: Chunk, expected: string): string | undefined {
  const text = 'text' in own ? own.text : JSON.stringify(own.json);
  if (expected.includes('Execution plan:')) return planDifference(text, expected);
  return plainText(text) === plainText(expected) ? undefined : `${show(plainText(text))} instead of ${show(plainText(expected))}`;
}

/** Numbers of rules say nothing of the plan. */
function planDifference(actual: string, expected: string): string | undefined {
  const [own, other] = [partsOf(actual), partsOf(expected)];
  if (own.rest !== other.rest) return `${show(own.rest)} instead of ${show(other.rest)}`;
  return own.rules === other.rules ? undefined : `rules ${own.rules} instead of ${other.rules}`;
}

function partsOf(text: string): { readonly rest: string; readonly rules: string } {
  const [before = '', applied = ''] = text.split('Optimization rules applied:');
  const [list = '', after = ''] = applied.split(/\n(?=\d+ rule\(s\)|Query Statistics:)/);
  const rules = [...list.matchAll(/[a-z]+(?:-[a-z0-9]+)+/g)].map(([name]) => name);
  return { rest: plainText(`${before}\n${after}`), rules: rules.toSorted().join(', ') };
}

/** Without numbers, and with single blanks. */
function plainText(text: string): string {
  return text
    .replaceAll(/idx_\d+/g, 'idx')
    .replaceAll(/ \[node #\d+: \w+\]/g, '')
    .replaceAll(/^\S+ \[\d+-\d+\] INFO \[\w+\] \{\w+\} /gm, '')
    .replaceAll(/\d+(?:\.\d+)*/g, '0')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function jsonDifference(own: Chunk, expected: unknown): string | undefined {
  return difference('value', 'json' in own ? own.json : own.text, expected);
}

function difference(path: string, actual: unknown, expected: unknown): string | undefined {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (isMasked(name, expected) && typeof actual === typeof expected) return undefined;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (name === 'rules') return rulesDifference(actual, expected);
    if (actual.length !== expected.length) return `${path} has ${actual.length} members instead of ${expected.length}: ${show(actual)}`;
    return firstOf(expected.map((each: unknown, i) => () => difference(`${path}.${i}`, actual[i], each)));
  }
  if (isObject(expected) && isObject(actual)) {
    const missing = Object.keys(expected).filter((key) => !(key in actual) && !SHELL_ONLY.has(key));
    const added = Object.keys(actual).filter((key) => !(key in expected) && !SERVER_ONLY.has(key));
    if (missing.length + added.length > 0) return `${path} lacks ${JSON.stringify(missing)} and has ${JSON.stringify(added)}`;
    return firstOf(
      Object.keys(expected)
        .filter((key) => key in actual)
        .map((key) => () => difference(`${path}.${key}`, actual[key], expected[key])),
    );
  }
  if (typeof actual === 'string' && typeof expected === 'string' && plainText(actual) === plainText(expected)) return undefined;
  if (typeof actual === 'number' && typeof expected === 'number' && Math.abs(actual - expected) <= 1e-12 * Math.abs(expected))
    return undefined;
  return actual === expected ? undefined : `${path}: ${show(actual)} instead of ${show(expected)}`;
}

function rulesDifference(actual: readonly unknown[], expected: readonly unknown[]): string | undefined {
  const namesOf = (rules: readonly unknown[]): string => rules.join(', ');
  return namesOf(actual) === namesOf(expected) ? undefined : `rules ${namesOf(actual)} instead of ${namesOf(expected)}`;
}

function isMasked(name: string, expected: unknown): boolean {
  return MASKED.has(name) || (MASKED_IF_GENERATED.has(name) && typeof expected === 'string' && /^(?:[\w-]+\/)?\d+$/.test(expected));
}

function firstOf(finders: readonly (() => string | undefined)[]): string | undefined {
  for (const find of finders) {
    const found = find();
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
