/** The functions as `GET /_api/aql-builtin` lists them: for editors that complete and explain them. */
import type { ValueObject } from '#values';
import type { AqlFunction, Parameter } from './define.ts';
import { signature } from './reference.ts';
import { GROUPS } from './registry.ts';

/** `name`, `arguments`, `deterministic` and `cacheable` are ArangoDB's; what the manual says of a function is added. Aliases stand by themselves. */
export function functionDescriptions(): readonly ValueObject[] {
  return Object.entries(GROUPS)
    .flatMap(([group, functions]) => Object.values(functions).flatMap((definition) => describe(definition, group)))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function describe(definition: AqlFunction, group: string): readonly (ValueObject & { readonly name: string })[] {
  const { name, aliases, params, summary, examples, deterministic, cacheable } = definition;
  return [name, ...aliases].map((called) => ({
    name: called,
    arguments: argumentsText(params),
    deterministic,
    cacheable,
    signature: signature({ name: called, params }),
    summary: called === name ? summary : `Another name of ${name}. ${summary}`,
    group,
    examples: examples.map(([expression, result]) => ({ expression, result: JSON.stringify(result) })),
  }));
}

/** ArangoDB's way to write it: a dot an argument, those after `|` may be left out, `+` stands for more of the same. */
function argumentsText(params: readonly Parameter[]): string {
  const mark = ({ occurs }: Parameter): string => (occurs === 'often' ? '.|+' : '.');
  const isNeeded = ({ occurs, atLeast }: Parameter): boolean => occurs !== 'optionally' && atLeast > 0;
  const needed = params.filter(isNeeded).map(mark).join(',');
  const others = params.filter((each) => !isNeeded(each)).map(({ occurs }) => (occurs === 'often' ? '+' : '.'));
  return others.length === 0 ? needed : `${needed}|${others.join(',')}`;
}
