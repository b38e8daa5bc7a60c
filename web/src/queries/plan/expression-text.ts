/**
 * Expressions of a plan, which the server sends as trees, as the AQL that a reader would have written: few parentheses, `d.name` and not
 * ``d.`name` ``. What `_api/explain` calls a node decides; a node that is not known is shown by its name.
 */
import { quotedName } from '../aql/tokens.ts';

export type Tree = Readonly<Record<string, unknown>>;

interface Written {
  readonly text: string;
  /** How tightly its outermost operator binds. */
  readonly binds: number;
}

const TIGHT = 10;

const BINARY: Readonly<Record<string, readonly [operator: string, binds: number]>> = {
  'logical or': ['OR', 1],
  'logical and': ['AND', 2],
  'compare in': ['IN', 4],
  'compare not in': ['NOT IN', 4],
  'compare ==': ['==', 4],
  'compare !=': ['!=', 4],
  'compare <': ['<', 5],
  'compare <=': ['<=', 5],
  'compare >': ['>', 5],
  'compare >=': ['>=', 5],
  range: ['..', 6],
  plus: ['+', 7],
  minus: ['-', 7],
  times: ['*', 8],
  division: ['/', 8],
  modulus: ['%', 8],
};

const UNARY: Readonly<Record<string, string>> = { 'unary not': 'NOT ', 'unary plus': '+', 'unary minus': '-' };

/** Longer constants are cut: a plan is for reading. */
const MAX_MEMBERS = 8;
const MAX_STRING = 60;

export function expressionText(tree: unknown): string {
  return write(tree).text;
}

/** A variable's name; those that the server made have numbers only, and get a sign before. */
export function variableText(variable: unknown): string {
  const name = textAt(variable, 'name');
  return /^\d/.test(name) ? `#${name}` : name;
}

function write(tree: unknown): Written {
  const parts = subNodes(tree);
  const type = textAt(tree, 'type');
  const known = BINARY[type];
  if (known !== undefined) {
    const [operator, binds] = known;
    const gap = operator === '..' ? '' : ' ';
    return { text: `${within(parts[0], binds)}${gap}${operator}${gap}${within(parts[1], binds + 1)}`, binds };
  }
  if (UNARY[type] !== undefined) return { text: UNARY[type] + within(parts[0], 9), binds: 9 };
  if (type === 'n-ary or') return alternatives(parts, ' OR ', 1);
  if (type === 'n-ary and') return alternatives(parts, ' AND ', 2);
  if (type.startsWith('array compare ')) {
    const [left, right, quantifier] = parts;
    const operator = type.slice('array compare '.length).toUpperCase();
    return { text: `${within(left, 5)} ${quantifierText(quantifier)} ${operator} ${within(right, 5)}`, binds: 4 };
  }
  if (type === 'ternary') {
    const [condition, ...rest] = parts;
    const text =
      rest.length === 1
        ? `${within(condition, 1)} ?: ${within(rest[0], 1)}`
        : `${within(condition, 1)} ? ${within(rest[0], 1)} : ${within(rest[1], 1)}`;
    return { text, binds: 0 };
  }
  return { text: simpleText(tree, type, parts), binds: TIGHT };
}

function within(tree: unknown, binds: number): string {
  const written = write(tree);
  return written.binds < binds ? `(${written.text})` : written.text;
}

function alternatives(parts: readonly Tree[], separator: string, binds: number): Written {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return write(only);
  return { text: parts.map((part) => within(part, binds)).join(separator), binds };
}

function simpleText(tree: unknown, type: string, parts: readonly Tree[]): string {
  switch (type) {
    case 'value':
      return constantText(at(tree, 'value'));
    case 'array':
      return at(tree, 'raw') === undefined ? `[${parts.map(expressionText).join(', ')}]` : constantText(at(tree, 'raw'));
    case 'object':
      return at(tree, 'raw') === undefined ? braces(parts.map(expressionText)) : constantText(at(tree, 'raw'));
    case 'object element':
      return `${quotedName(textAt(tree, 'name'))}: ${expressionText(parts[0])}`;
    case 'calculated object element':
      return `[${expressionText(parts[0])}]: ${expressionText(parts[1])}`;
    case 'reference':
      return variableText(tree);
    case 'parameter':
      return `@${textAt(tree, 'name')}`;
    case 'collection':
      return textAt(tree, 'name');
    case 'attribute access':
      return `${within(parts[0], TIGHT)}.${quotedName(textAt(tree, 'name'))}`;
    case 'indexed access':
      return `${within(parts[0], TIGHT)}[${expressionText(parts[1])}]`;
    case 'expansion':
      return expansionText(tree, parts);
    case 'function call':
    case 'user function call':
      return `${textAt(tree, 'name')}(${argumentsText(parts[0])})`;
    default:
      return type;
  }
}

function expansionText(tree: unknown, [iterator, , filter, limit, projection]: readonly Tree[]): string {
  const [element, object] = subNodes(iterator);
  const from = within(object, TIGHT);
  if (textAt(filter, 'type') === 'array filter') {
    const [quantifier, condition] = subNodes(filter);
    return `${from}[? ${quantifierText(quantifier)}${isThere(condition) ? ` FILTER ${expressionText(condition)}` : ''}]`;
  }
  const stars = '*'.repeat(Number(at(tree, 'levels') ?? 1));
  const tested = isThere(filter) ? ` FILTER ${expressionText(filter)}` : '';
  const limited = isThere(limit) ? ` LIMIT ${subNodes(limit).map(expressionText).join(', ')}` : '';
  const name = variableText(element);
  const projected = isThere(projection) ? expressionText(projection) : name;
  if (projected === name || projected.startsWith(`${name}.`)) return `${from}[${stars}${tested}${limited}]${projected.slice(name.length)}`;
  return `${from}[${stars}${tested}${limited} RETURN ${projected}]`;
}

function quantifierText(tree: unknown): string {
  const kind = (textAt(tree, 'quantifier') || 'all').toUpperCase();
  const [count] = subNodes(tree);
  return count === undefined ? kind : `${kind} (${expressionText(count)})`;
}

function argumentsText(tree: unknown): string {
  const raw = at(tree, 'raw');
  return Array.isArray(raw) ? raw.map(constantText).join(', ') : subNodes(tree).map(expressionText).join(', ');
}

const isThere = (tree: Tree | undefined): tree is Tree => tree !== undefined && tree['type'] !== 'no-op';

export function constantText(value: unknown): string {
  if (Array.isArray(value)) return `[${shortened(value.map(constantText)).join(', ')}]`;
  if (isTree(value))
    return braces(shortened(Object.entries(value).map(([name, member]) => `${quotedName(name)}: ${constantText(member)}`)));
  if (typeof value === 'string' && value.length > MAX_STRING) return JSON.stringify(`${value.slice(0, MAX_STRING)}…`);
  return JSON.stringify(value) ?? 'null';
}

const braces = (members: readonly string[]): string => (members.length === 0 ? '{}' : `{ ${members.join(', ')} }`);

function shortened(members: readonly string[]): readonly string[] {
  return members.length > MAX_MEMBERS ? [...members.slice(0, MAX_MEMBERS), `… ${members.length - MAX_MEMBERS} more`] : members;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function at(tree: unknown, name: string): unknown {
  return isTree(tree) ? tree[name] : undefined;
}

export function textAt(tree: unknown, name: string): string {
  const value = at(tree, name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function treesAt(tree: unknown, name: string): readonly Tree[] {
  const value = at(tree, name);
  return Array.isArray(value) ? value.filter(isTree) : [];
}

export const subNodes = (tree: unknown): readonly Tree[] => treesAt(tree, 'subNodes');
