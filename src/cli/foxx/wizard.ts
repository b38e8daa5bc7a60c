/** The questions of `foxx init --interactive`. */
import { confirm, input, select } from '@inquirer/prompts';
import { valid as isVersion, validRange } from 'semver';
import type { NewService } from '#offers';

const TYPES = ['string', 'integer', 'number', 'boolean', 'json', 'password'] as const;

export async function askForService(preset: NewService): Promise<NewService> {
  const name = await input({ message: 'Name', default: preset.name });
  const version = await input({
    message: 'Version',
    default: preset.version,
    validate: (text) => isVersion(text) !== null || `"${text}" is no version such as 1.0.0`,
  });
  const description = await input({ message: 'Description' });
  const license = await input({ message: 'License (such as Apache-2.0; empty for all rights reserved)' });
  const author = await input({ message: 'Author (Jane Doe <jane@example.com>)' });
  const engines = await input({
    message: 'ArangoDB version',
    default: preset.engines,
    validate: (text) => validRange(text) !== null || `"${text}" is no range such as ^3.0.0`,
  });
  const documentCollections = await askForNames('Document collections (separated by commas)');
  const edgeCollections = await askForNames('Edge collections (separated by commas)');
  const hasCollections = documentCollections.length + edgeCollections.length > 0;
  const hasRoutes = hasCollections && (await confirm({ message: 'Routes for the collections?', default: true }));
  const configuration = await askForEntries('Define configuration options?', 'Option (empty: no more)', askForOption);
  const dependencies = await askForEntries('Define dependencies on other services?', 'Alias (empty: no more)', askForDependency);
  const provides = await askForEntries('Does it provide what others depend on?', 'Name (empty: no more)', () =>
    input({ message: 'Version', default: '1.0.0' }),
  );
  return {
    ...preset,
    name,
    version,
    engines,
    documentCollections,
    edgeCollections,
    hasRoutes,
    ...(description === '' ? {} : { description }),
    ...(license === '' ? {} : { license }),
    ...(author === '' ? {} : { author }),
    ...(configuration === undefined ? {} : { configuration }),
    ...(dependencies === undefined ? {} : { dependencies }),
    ...(provides === undefined ? {} : { provides }),
  };
}

async function askForNames(message: string): Promise<readonly string[]> {
  const text = await input({ message });
  return [...new Set(text.split(/[\s,]+/).filter((name) => name !== ''))].toSorted();
}

async function askForEntries<Entry>(
  question: string,
  message: string,
  ask: () => Promise<Entry>,
): Promise<Readonly<Record<string, Entry>> | undefined> {
  if (!(await confirm({ message: question, default: false }))) return undefined;
  const entries: Record<string, Entry> = {};
  for (let name = await input({ message }); name !== ''; name = await input({ message })) entries[name] = await ask();
  return Object.keys(entries).length === 0 ? undefined : entries;
}

async function askForOption(): Promise<object> {
  const type = await select({ message: 'Type', choices: TYPES.map((value) => ({ value })) });
  const description = await input({ message: 'Description' });
  const isRequired = await confirm({ message: 'Required?', default: true });
  return { type, ...(description === '' ? {} : { description }), required: isRequired };
}

async function askForDependency(): Promise<object> {
  const name = await input({ message: 'Name of what is depended on', default: '*' });
  const version = await input({ message: 'Version range', default: '*' });
  const isRequired = await confirm({ message: 'Required?', default: true });
  const isMultiple = await confirm({ message: 'Several of them?', default: false });
  return { name, version, required: isRequired, ...(isMultiple ? { multiple: true } : {}) };
}
