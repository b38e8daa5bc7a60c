/**
 * The text of `--help`: an overview of the sections, one section, or all of it.
 */
import { ConfigError } from './config-error.ts';
import { OPTIONS, SECTIONS, type OptionRow } from './options.ts';

const WIDTH = 100;
const INDENT = 6;

function sectionOf(option: string): string {
  return option.includes('.') ? option.slice(0, option.indexOf('.')) : '';
}

function wrap(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length + INDENT > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => ' '.repeat(INDENT) + line).join('\n');
}

function defaultText({ default: value }: OptionRow): string {
  if (Array.isArray(value)) return value.length === 0 ? '' : ` [${value.join(', ')}]`;
  return value === '' ? '' : ` [${String(value)}]`;
}

function kind(row: OptionRow): string {
  switch (row.type) {
    case 'strings':
      return '<string...>';
    case 'string':
      return row.values === undefined ? '<string>' : `<${row.values.join('|')}>`;
    case 'integer':
    case 'number':
      return `<${row.unit ?? row.type}>`;
    case 'boolean':
      return '<boolean>';
  }
}

function sectionHelp(section: string): string {
  const rows = Object.entries<OptionRow>(OPTIONS).filter(([name]) => sectionOf(name) === section);
  const options = rows.map(([name, row]) => `  --${name} ${kind(row)}${defaultText(row)}\n${wrap(row.description)}`);
  return `${SECTIONS[section] ?? section}:\n${options.join('\n')}\n`;
}

/** Throws `ConfigError` when there is no such section. */
export function helpText(section: string): string {
  const usage = 'Usage: foxden [<options>] [database directory]\n';
  if (section === 'all') return [usage, ...Object.keys(SECTIONS).map(sectionHelp)].join('\n');
  if (section !== '') {
    if (!Object.hasOwn(SECTIONS, section)) {
      const known = Object.keys(SECTIONS).filter((name) => name !== '');
      throw new ConfigError(`--help-${section}: there is no such section, only ${known.join(', ')} and all`);
    }
    return sectionHelp(section);
  }
  const overview = Object.entries(SECTIONS)
    .filter(([name]) => name !== '')
    .map(([name, about]) => `  --help-${name.padEnd(16)} ${about}`);
  return [
    usage,
    sectionHelp(''),
    `More:\n${overview.join('\n')}\n  --help-all              everything\n  --version, --version-json, --check-configuration\n`,
  ].join('\n');
}
