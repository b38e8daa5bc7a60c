/**
 * Configuration and dependencies: what the operator gave (raw, stored in `_apps`) against what the manifest asks for.
 *
 * Rules of foxx.md §1.5, §1.6: unset is `undefined`, `null` or `""`; a bad value is a warning and the old value stays; a service
 * with a required entry that has no value is unconfigured.
 */
import type Joi from 'joi';
import { lazily, requirePackage } from '#base';
import type { ConfigurationDefinition, DependencyDefinition, Manifest } from '#modules';
import type { Value, ValueObject } from '#values';

export type RawConfiguration = Readonly<Record<string, Value>>;
export type RawDependencies = Readonly<Record<string, string | readonly string[]>>;
type Warnings = Record<string, string>;

const library = lazily(() => requirePackage('joi') as typeof Joi);

const schemas = lazily((): Readonly<Record<ConfigurationDefinition['type'], Joi.Schema>> => {
  const joi = library();
  const jsonText = joi
    .extend((base: typeof Joi) => ({
      name: 'jsonText',
      base: base.string(),
      language: { invalid: 'must be valid JSON' },
      rules: [
        {
          name: 'parses',
          validate(
            this: { createError: (type: string, context: object, state: unknown, options: unknown) => unknown },
            _params: unknown,
            value: string,
            state: unknown,
            options: unknown,
          ) {
            try {
              JSON.parse(value);
              return value;
            } catch {
              return this.createError('jsonText.invalid', { value }, state, options); // that it does not parse is the answer
            }
          },
        },
      ],
    }))
    .jsonText()
    .parses() as Joi.Schema;

  return {
    string: joi.string(),
    password: joi.string(),
    integer: joi.number().integer(),
    int: joi.number().integer(),
    number: joi.number(),
    boolean: joi.boolean(),
    bool: joi.boolean(),
    json: jsonText,
  };
});

function isUnset(value: Value | undefined): value is null | undefined | '' {
  return value === undefined || value === null || value === '';
}

/** What a service sees: parsed values and defaults; names without either are left out. */
export function parseConfiguration({ configuration }: Manifest, raw: RawConfiguration): ValueObject {
  const parsed: Record<string, Value> = {};
  for (const [name, definition] of Object.entries(configuration)) {
    const value = currentValue(definition, raw[name]);
    if (value !== undefined) parsed[name] = value;
  }
  return parsed;
}

function currentValue(definition: ConfigurationDefinition, raw: Value | undefined): Value | undefined {
  if (isUnset(raw)) return definition.default;
  const { error, value } = library().validate(raw, schemas()[definition.type]);
  if (error) return definition.default;
  return definition.type === 'json' ? (JSON.parse(value as unknown as string) as Value) : value;
}

/** The names of required configuration and dependencies that have no value. */
export function missingNames(manifest: Manifest, configuration: RawConfiguration, dependencies: RawDependencies): string[] {
  const missing: string[] = [];
  for (const [name, definition] of Object.entries(manifest.configuration)) {
    if (definition.required && isUnset(currentValue(definition, configuration[name]))) missing.push(name);
  }
  for (const [alias, { required }] of Object.entries(manifest.dependencies)) {
    const given = dependencies[alias];
    if (required && (given === undefined || given.length === 0)) missing.push(alias);
  }
  return missing;
}

export interface ChangeOptions {
  /** Names that are not given become unset (PUT); otherwise they stay (PATCH). */
  readonly isReplace: boolean;
  /** Stored names that the manifest does not know stay: in development mode, where the manifest is in flux. */
  readonly keepsUnknown: boolean;
}

export interface Changed<Raw> {
  readonly raw: Raw;
  readonly warnings: Readonly<Record<string, string>>;
}

export function changeConfiguration(
  { configuration }: Manifest,
  old: RawConfiguration,
  given: ValueObject,
  options: ChangeOptions,
): Changed<RawConfiguration> {
  const warnings: Warnings = {};
  const raw = keepKnown(old, configuration, options);
  for (const name of namesToVisit(configuration, given, options)) {
    const definition = configuration[name];
    if (definition === undefined) {
      warnings[name] = 'is not allowed';
      continue;
    }
    const value = given[name];
    if (isUnset(value)) {
      delete raw[name];
      if (definition.required) warnings[name] = 'is required';
      continue;
    }
    const { error, value: coerced } = library().validate(value, schemas()[definition.type]);
    if (error) warnings[name] = error.message.replace(/^"value" /, '');
    else raw[name] = coerced as Value;
  }
  return { raw, warnings };
}

export function changeDependencies(
  { dependencies }: Manifest,
  old: RawDependencies,
  given: ValueObject,
  options: ChangeOptions,
): Changed<RawDependencies> {
  const warnings: Warnings = {};
  const raw = keepKnown(old, dependencies, options);
  for (const alias of namesToVisit(dependencies, given, options)) {
    const definition = dependencies[alias];
    if (definition === undefined) {
      warnings[alias] = 'is not allowed';
      continue;
    }
    const checked = checkMounts(definition, given[alias]);
    if (checked.is === 'set') raw[alias] = checked.mounts;
    if (checked.is === 'unset') delete raw[alias];
    if (checked.warning !== undefined) warnings[alias] = checked.warning;
  }
  return { raw, warnings };
}

type CheckedMounts =
  | { readonly is: 'set'; readonly mounts: string | readonly string[]; readonly warning?: undefined }
  | { readonly is: 'unset' | 'refused'; readonly warning?: string };

function checkMounts({ required, multiple }: DependencyDefinition, given: Value | undefined): CheckedMounts {
  const list = Array.isArray(given) ? (given as readonly Value[]) : isUnset(given) ? [] : [given];
  if (list.length === 0) return required ? { is: 'unset', warning: 'is required' } : { is: 'unset' };
  const bad = list.findIndex((mount) => typeof mount !== 'string');
  if (!multiple)
    return list.length === 1 && bad === -1 ? { is: 'set', mounts: list[0] as string } : { is: 'refused', warning: 'must be a string' };
  return bad === -1 ? { is: 'set', mounts: list as readonly string[] } : { is: 'refused', warning: `at ${bad} must be a string` };
}

function keepKnown<Item>(old: Readonly<Record<string, Item>>, known: object, { keepsUnknown }: ChangeOptions): Record<string, Item> {
  return Object.fromEntries(Object.entries(old).filter(([name]) => keepsUnknown || Object.hasOwn(known, name)));
}

function namesToVisit(known: object, given: ValueObject, { isReplace }: ChangeOptions): readonly string[] {
  return isReplace ? [...new Set([...Object.keys(known), ...Object.keys(given)])] : Object.keys(given);
}

/** `sendMail`, `send-mail` and `send_mail` are all `Send Mail`. */
export function readableName(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/[-_\s]+/g, ' ')
    .trim();
  return words.replace(/(^| )([^ ])/g, (_, blank: string, letter: string) => blank + letter.toUpperCase());
}
