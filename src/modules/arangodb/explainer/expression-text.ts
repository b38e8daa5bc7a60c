/** Expressions of a plan's JSON as text, in the way that ArangoDB's explainer writes them. */
import { isArray, isObject, toText, type Value, type ValueObject } from '#values';

/** What has come up in the expressions that were written. */
export interface Mentions {
  /** Functions by name, as their nodes describe them. */
  readonly functions: Map<string, ValueObject>;
  /** Ids of variables. */
  readonly variables: Set<Value>;
}

/** Constants with more members are not shown whole. */
const MOST_MEMBERS = 20;

const BINARY: Readonly<Record<string, string>> = {
  'logical and': '&&',
  'logical or': '||',
  plus: '+',
  minus: '-',
  times: '*',
  division: '/',
  modulus: '%',
  'compare ==': '==',
  'compare !=': '!=',
  'compare <': '<',
  'compare <=': '<=',
  'compare >': '>',
  'compare >=': '>=',
  'compare in': 'IN',
  'compare not in': 'NOT IN',
};

const UNARY: Readonly<Record<string, string>> = { 'unary not': '!', 'unary plus': '+', 'unary minus': '-' };

export function expressionText(node: ValueObject, mentions: Mentions): string {
  const text = (child: Value | undefined): string => (isNode(child) ? expressionText(child, mentions) : '');
  const parts = nodesOf(node);
  const type = toText(node['type'] ?? null);
  const operator = BINARY[type];
  if (operator !== undefined) return `(${text(parts[0])} ${operator} ${text(parts[1])})`;
  if (UNARY[type] !== undefined) return `${UNARY[type]} ${text(parts[0])}`;
  if (type.startsWith('array compare ')) {
    const [left, right, quantifier] = parts;
    return `(${text(left)} ${quantifierText(quantifier, text)} ${type.slice('array compare '.length).toUpperCase()} ${text(right)})`;
  }
  switch (type) {
    case 'value':
      return JSON.stringify(node['value'] ?? null);
    case 'array':
      return node['raw'] === undefined ? list('[', parts.map(text), ']') : constantText(node['raw']);
    case 'object':
      return node['raw'] === undefined ? list('{', parts.map(text), '}') : constantText(node['raw']);
    case 'object element':
      return `${JSON.stringify(node['name'])} : ${text(parts[0])}`;
    case 'calculated object element':
      return `[ ${text(parts[0])} ] : ${text(parts[1])}`;
    case 'reference':
      mentions.variables.add(node['id'] ?? null);
      return variableName(node);
    case 'parameter':
      return `@${toText(node['name'] ?? null)}`;
    case 'collection':
      return `${toText(node['name'] ?? null)}   /* all collection documents */`;
    case 'attribute access':
      return `${text(parts[0])}.\`${toText(node['name'] ?? null)}\``;
    case 'indexed access':
      return `${text(parts[0])}[${text(parts[1])}]`;
    case 'range':
      return `${text(parts[0])} .. ${text(parts[1])}   /* range */`;
    case 'ternary':
      return parts.length === 2
        ? `(${text(parts[0])} ?: ${text(parts[1])})`
        : `(${text(parts[0])} ? ${text(parts[1])} : ${text(parts[2])})`;
    case 'expansion':
      return expansionText(node, text);
    case 'function call':
    case 'user function call': {
      const name = toText(node['name'] ?? null);
      mentions.functions.set(name, node);
      return `${name}(${argumentsOf(parts[0])
        .map((each) => (each['type'] === 'collection' ? toText(each['name'] ?? null) : text(each)))
        .join(', ')})`;
    }
    default:
      return type;
  }
}

/** `#4` for variables that have no name of their own. */
export function variableName(variable: Value | undefined): string {
  if (!isNode(variable)) return '';
  const name = toText(variable['name'] ?? null);
  return /^\d/.test(name) ? `#${name}` : name;
}

function expansionText(node: ValueObject, text: (child: Value | undefined) => string): string {
  const [iterator, , filter, limit, projection] = nodesOf(node);
  const object = text(nodesOf(iterator)[1]);
  if (filter?.['type'] === 'array filter') {
    const [quantifier, condition] = nodesOf(filter);
    const tested = condition === undefined || condition['type'] === 'no-op' ? '' : ` FILTER ${text(condition)}`;
    return `${object}[? ${quantifierText(quantifier, text)}${tested}]`;
  }
  const isThere = (part: ValueObject | undefined): part is ValueObject => part !== undefined && part['type'] !== 'no-op';
  const inner = [
    isThere(filter) ? ` FILTER ${text(filter)}` : '',
    isThere(limit) ? ` LIMIT ${nodesOf(limit).map(text).join(', ')}` : '',
  ].join('');
  const stars = '*'.repeat(Number(node['levels'] ?? 1));
  const path = isThere(projection) ? pathBelow(projection, variableName(nodesOf(iterator)[0])) : '';
  if (path !== undefined) return `${object}[${stars}${inner}]${path}`;
  return `${object}[${stars}${inner} RETURN ${text(projection)}]`;
}

/** `` .`a`.`b` `` for attributes of the element itself; undefined for any other expression. */
function pathBelow(node: ValueObject, element: string): string | undefined {
  if (node['type'] === 'reference') return variableName(node) === element ? '' : undefined;
  const [inner] = nodesOf(node);
  if (node['type'] !== 'attribute access' || inner === undefined) return undefined;
  const path = pathBelow(inner, element);
  return path === undefined ? undefined : `${path}.\`${toText(node['name'] ?? null)}\``;
}

function quantifierText(node: ValueObject | undefined, text: (child: Value | undefined) => string): string {
  const kind = toText(node?.['quantifier'] ?? 'all').toUpperCase();
  const [count] = nodesOf(node);
  return count === undefined ? kind : `${kind} (${text(count)})`;
}

function argumentsOf(node: ValueObject | undefined): readonly ValueObject[] {
  const raw = node?.['raw'];
  if (raw === undefined || !isArray(raw)) return nodesOf(node);
  return raw.map((value) =>
    isArray(value) ? { type: 'array', raw: value } : isObject(value) ? { type: 'object', raw: value } : { type: 'value', value },
  );
}

function constantText(value: Value): string {
  if (isArray(value)) return list('[', shortened(value.map(constantText)), ']');
  if (!isObject(value)) return JSON.stringify(value);
  return list('{', shortened(Object.entries(value).map(([name, member]) => `${JSON.stringify(name)} : ${constantText(member)}`)), '}');
}

const shortened = (members: readonly string[]): readonly string[] =>
  members.length > MOST_MEMBERS ? [...members.slice(0, MOST_MEMBERS), '...'] : members;

const list = (opening: string, members: readonly string[], closing: string): string =>
  members.length === 0 ? `${opening} ${closing}` : `${opening} ${members.join(', ')} ${closing}`;

export function nodesOf(node: ValueObject | undefined): readonly ValueObject[] {
  const subNodes = node?.['subNodes'];
  return subNodes !== undefined && isArray(subNodes) ? subNodes.filter(isObject) : [];
}

function isNode(value: Value | undefined): value is ValueObject {
  return value !== undefined && isObject(value);
}
