/** The manual's page of functions, made from their definitions. `scripts/write-function-reference.js` writes it. */
import type { AqlFunction, Parameter } from './define.ts';
import { GROUPS } from './registry.ts';

const INTRODUCTION = `# Functions of AQL

This page is written from the definitions of the functions, examples included: do not edit it.

Names may be written in any case. What is in brackets may be left out, and \`…\` stands for more of the same. Unless a function says
otherwise, arguments of another type are cast, or give a warning and the result null.
`;

export function functionReference(): string {
  const sections = Object.entries(GROUPS).map(([title, group]) => [`## ${title}`, ...Object.values(group).map(describe)].join('\n\n'));
  return `${[INTRODUCTION, ...sections].join('\n')}\n`;
}

function describe(definition: AqlFunction): string {
  const { name, aliases, summary, examples, deterministic } = definition;
  const notes = [
    ...(aliases.length > 0 ? [`Also called ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`] : []),
    ...(deterministic ? [] : ['Each call may give another result.']),
  ];
  const lines = examples.map(([expression, result, warning]) => {
    const given = `${expression} // ${JSON.stringify(result)}`;
    return warning === undefined ? given : `${given}, with a warning`;
  });
  return [
    `### ${name}`,
    `\`${signature(definition)}\``,
    [summary, ...notes].join(' '),
    ...(lines.length > 0 ? [`\`\`\`aql\n${lines.join('\n')}\n\`\`\``] : []),
  ].join('\n\n');
}

/** `LEFT(value: string, n: number)` */
export function signature({ name, params }: Pick<AqlFunction, 'name' | 'params'>): string {
  let text = '';
  let open = 0;
  for (const [i, parameter] of params.entries()) {
    const separator = i === 0 ? '' : ', ';
    if (parameter.occurs === 'optionally' || parameter.atLeast === 0) {
      text += `[${separator}${described(parameter)}`;
      open++;
    } else text += separator + described(parameter);
  }
  return `${name}(${text}${']'.repeat(open)})`;
}

function described({ name, type, occurs }: Parameter): string {
  return `${name}${type === 'any' ? '' : `: ${type}`}${occurs === 'often' ? ', …' : ''}`;
}
