/**
 * A page of a collection as an AQL query: filters and sorting become bind variables, never text, so that no value and no name of an attribute
 * can change what the query does.
 */

export const OPERATORS = {
  '==': 'equals',
  '!=': 'is not',
  '<': 'is below',
  '<=': 'is at most',
  '>': 'is above',
  '>=': 'is at least',
  IN: 'is one of',
  LIKE: 'is like',
  CONTAINS: 'contains',
  HAS: 'has the item',
  EXISTS: 'is there',
  MISSING: 'is missing',
} as const;

export type FilterOperator = keyof typeof OPERATORS;

export interface Filter {
  /** `address.city`; `\.` is a dot of a name. */
  readonly attribute: string;
  readonly operator: FilterOperator;
  /** As typed: JSON where it is JSON, text otherwise. */
  readonly value: string;
}

export interface Sorting {
  readonly attribute: string;
  readonly isAscending: boolean;
}

export interface BrowseRequest {
  readonly collection: string;
  readonly filters: readonly Filter[];
  readonly sorting: Sorting | undefined;
}

export interface BoundQuery {
  readonly query: string;
  readonly bindVars: Readonly<Record<string, unknown>>;
}

export const NEEDS_NO_VALUE: ReadonlySet<FilterOperator> = new Set(['EXISTS', 'MISSING']);

export function pageQuery(request: BrowseRequest, offset: number, count: number): BoundQuery {
  const { clauses, bindVars } = conditions(request);
  const { sorting } = request;
  const sort = sorting === undefined ? [] : [`SORT d.@sortAttribute ${sorting.isAscending ? 'ASC' : 'DESC'}`];
  return {
    query: ['FOR d IN @@collection', ...clauses, ...sort, 'LIMIT @offset, @count', 'RETURN d'].join('\n  '),
    bindVars: { ...bindVars, ...(sorting === undefined ? {} : { sortAttribute: stepsOf(sorting.attribute) }), offset, count },
  };
}

/** How many documents the filters leave. */
export function countQuery(request: BrowseRequest): BoundQuery {
  const { clauses, bindVars } = conditions(request);
  return { query: ['FOR d IN @@collection', ...clauses, 'COLLECT WITH COUNT INTO count', 'RETURN count'].join('\n  '), bindVars };
}

/** The documents themselves, for an export of what the filters leave. */
export function exportQuery(request: BrowseRequest): BoundQuery {
  const { clauses, bindVars } = conditions(request);
  return { query: ['FOR d IN @@collection', ...clauses, 'RETURN d'].join('\n  '), bindVars };
}

function conditions({ collection, filters }: BrowseRequest): {
  readonly clauses: readonly string[];
  readonly bindVars: Record<string, unknown>;
} {
  const bindVars: Record<string, unknown> = { '@collection': collection };
  const clauses = filters
    .filter(({ attribute }) => attribute !== '')
    .map(({ attribute, operator, value }, i) => {
      bindVars[`attribute${i}`] = stepsOf(attribute);
      if (!NEEDS_NO_VALUE.has(operator)) bindVars[`value${i}`] = operandOf(operator, value);
      return `FILTER ${conditionText(operator, `d.@attribute${i}`, `@value${i}`)}`;
    });
  return { clauses, bindVars };
}

function conditionText(operator: FilterOperator, attribute: string, value: string): string {
  switch (operator) {
    case 'LIKE':
      return `LIKE(${attribute}, ${value}, true)`;
    case 'CONTAINS':
      return `CONTAINS(LOWER(${attribute}), LOWER(${value}))`;
    case 'HAS':
      return `${value} IN ${attribute}`;
    case 'EXISTS':
      return `${attribute} != null`;
    case 'MISSING':
      return `${attribute} == null`;
    default:
      return `${attribute} ${operator} ${value}`;
  }
}

function operandOf(operator: FilterOperator, text: string): unknown {
  if (operator === 'LIKE' || operator === 'CONTAINS') return text;
  const value = readValue(text);
  if (operator !== 'IN' || Array.isArray(value)) return value;
  return text.split(',').map((each) => readValue(each.trim()));
}

/** `5`, `true`, `null`, `"5"`, `[1]` are what they are in JSON; anything else is text. */
export function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // a word without quotes is what people type
  }
}

/** `a.b\.c` → `['a', 'b.c']`, which AQL takes for `d.a["b.c"]`. */
export function stepsOf(attribute: string): readonly string[] {
  return attribute.split(/(?<!\\)\./).map((step) => step.replaceAll('\\.', '.'));
}

/** Filters in the address of a page, so that it can be passed on. */
export function filtersToText(filters: readonly Filter[]): string | undefined {
  return filters.length === 0 ? undefined : JSON.stringify(filters.map(({ attribute, operator, value }) => [attribute, operator, value]));
}

export function filtersFromText(text: string | null): readonly Filter[] {
  if (text === null) return [];
  const found = readValue(text);
  if (!Array.isArray(found)) return [];
  return found.flatMap((each: unknown): readonly Filter[] => {
    if (!Array.isArray(each)) return [];
    const [attribute, operator, value] = each as readonly unknown[];
    const isFilter = typeof attribute === 'string' && typeof operator === 'string' && operator in OPERATORS && typeof value === 'string';
    return isFilter ? [{ attribute, operator: operator as FilterOperator, value }] : [];
  });
}
