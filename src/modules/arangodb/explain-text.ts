/** A plan as text, for `db._explain` and `db._profileQuery`: what ArangoDB's shell prints, with less colour. */
import { isArray, isObject, toText, type Value, type ValueObject } from '#values';

/** `result` is what `explain` answers, or the `extra` of a query that was profiled. */
export function explainText(query: string, result: ValueObject): string {
  const plan = objectOf(result['plan']);
  const stats = objectOf(result['stats']);
  const perNode = new Map(listOf(stats['nodes']).map((node) => [node['id'], node]));
  const rows = listOf(plan['nodes']).map((node) => {
    const profile = perNode.get(node['id'] ?? null);
    return [
      toText(node['id'] ?? null),
      toText(node['type'] ?? null),
      toText(node['estimatedNrItems'] ?? null),
      ...(profile === undefined ? [] : [toText(profile['items'] ?? null), `${(Number(profile['runtime'] ?? 0) * 1000).toFixed(3)} ms`]),
    ];
  });
  const heads = ['Id', 'NodeType', 'Est.', ...(perNode.size === 0 ? [] : ['Items', 'Runtime'])];
  const rules = isArray(plan['rules'] ?? null) ? (plan['rules'] as readonly Value[]) : [];
  return [
    'Query String:',
    ...query.split('\n').map((line) => ` ${line}`),
    '',
    'Execution plan:',
    ...table([heads, ...rows]),
    '',
    'Optimization rules applied:',
    ...(rules.length === 0 ? [' none'] : rules.map((rule, index) => ` ${index + 1}  ${toText(rule)}`)),
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => ` ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}`.trimEnd());
}

function objectOf(value: Value | undefined): ValueObject {
  return value !== undefined && isObject(value) ? value : {};
}

function listOf(value: Value | undefined): ValueObject[] {
  return value !== undefined && isArray(value) ? value.filter(isObject) : [];
}
