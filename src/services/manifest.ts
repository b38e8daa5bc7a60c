/**
 * The manifest of a service: reading `manifest.json`, checking each field, and filling in what was left out.
 *
 * Every known field is checked on its own, so one error (3001) tells of all bad fields at once. Unknown fields stay in the manifest
 * with a warning. The rules are those of foxx.md §1; odd ones are ArangoDB's.
 */
import type Joi from 'joi';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { inspect } from 'node:util';
import type Semver from 'semver';
import { ARANGODB_VERSION, ArangoError, lazily, log, requirePackage } from '#base';
import type { DependencyDefinition, Manifest } from '#modules';

const SCHEMA_URL = 'http://json.schemastore.org/foxx-manifest';
const CONFIGURATION_TYPES = ['string', 'password', 'integer', 'int', 'number', 'boolean', 'bool', 'json'];
const SAFE_NAME = /^[_$a-z][-_$a-z0-9]*$/i;
const DEPENDENCY_NAME = /^(@[-_$a-z][-_$a-z0-9]*(\/[-_$a-z][-_$a-z0-9]*)*|[-_$a-z][-_$a-z0-9]*|\*)$/i;
const LEGACY_FIELDS = new Set(['assets', 'controllers', 'exports', 'isSystem', 'setup', 'teardown']);

const semver = lazily(() => requirePackage('semver') as typeof Semver);
const library = lazily(() => requirePackage('joi') as typeof Joi);

/** What the fields may be. */
const schemas = lazily(() => {
  const joi = library();
  const text = joi.string().optional();
  const textOrEmpty = joi.string().allow('').default('');
  const texts = joi.array().items(joi.string().required()).optional();
  const aMap = (value: Joi.Schema): Joi.ObjectSchema => joi.object().pattern(/^[^]+$/, value);

  const definition = joi
    .object()
    .keys({
      type: joi.string().valid(CONFIGURATION_TYPES).default('string'),
      default: joi.any().optional(),
      description: joi.string().allow('').optional(),
      required: joi.boolean().default(true),
    })
    .required();

  const dependency = joi
    .object()
    .keys({
      name: joi.string().regex(DEPENDENCY_NAME).default('*'),
      version: joi.string().default('*'),
      description: joi.string().allow('').optional(),
      required: joi.boolean().default(true),
      multiple: joi.boolean().default(false),
    })
    .required();

  const file = joi
    .alternatives()
    .try(
      joi.string().required(),
      joi.object().keys({ path: joi.string().required(), gzip: joi.boolean().optional(), type: joi.string().optional() }).required(),
    );

  /** The fields in the order in which the manual lists them. */
  const fields: Readonly<Record<string, Joi.Schema>> = {
    name: joi
      .string()
      .regex(/^[-_a-z][-_a-z0-9]*$/i)
      .optional(),
    version: text,
    description: textOrEmpty,
    author: textOrEmpty,
    // ArangoDB's own demo service lists its contributors as objects, as package.json does.
    contributors: joi
      .array()
      .items(joi.string(), joi.object().keys({ name: joi.string().required() }).unknown())
      .optional(),
    keywords: texts,
    license: text,
    repository: joi.object().keys({ type: joi.string().required(), url: joi.string().required() }).optional(),
    thumbnail: text,
    engines: aMap(joi.string().required()).optional(),
    defaultDocument: joi.string().allow('').optional(),
    lib: joi.string().default('.'),
    main: text,
    configuration: aMap(definition).default({}),
    dependencies: aMap(joi.alternatives().try(joi.string().required(), dependency)).default({}),
    provides: joi.alternatives().try(joi.string(), joi.array().items(joi.string().required()), aMap(joi.string().required())).optional(),
    files: aMap(file).optional(),
    limits: joi
      .object()
      .keys({ time: joi.number().min(0).optional(), memory: joi.number().integer().min(0).optional() })
      .optional(),
    scripts: aMap(joi.string().required()).default({}),
    tests: joi.alternatives().try(joi.string().required(), joi.array().items(joi.string().required())).default([]),
  };

  const legacyFields: Readonly<Record<string, Joi.Schema>> = {
    assets: joi.any(),
    controllers: joi.alternatives().try(joi.string(), aMap(joi.string().required())),
    exports: joi.alternatives().try(joi.string(), aMap(joi.string().required())),
    isSystem: joi.boolean(),
    setup: joi.string(),
    teardown: joi.string(),
  };
  return { fields, legacyFields };
});

export interface ManifestNotes {
  /** Tell the log of unknown fields and engines that do not fit: at install, not at each reload. */
  readonly isNoisy: boolean;
}

/** Reads and checks the manifest in a service's folder. Throws 3012, 3000, 3001. */
export function readManifest(folder: string, mount: string, notes: ManifestNotes): Manifest {
  return checkManifest(readRawManifest(folder), mount, notes);
}

/** The manifest as it is written. Throws 3012 when there is none and 3000 when it is not JSON. */
export function readRawManifest(folder: string): unknown {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) throw new ArangoError('ERROR_SERVICE_MANIFEST_NOT_FOUND', { message: `missing manifest file\nFile: ${path}` });
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ArangoError('ERROR_MALFORMED_MANIFEST_FILE', { message: `failed to parse manifest file\nFile: ${path}` }, { cause });
  }
}

interface Manifestations {
  readonly engines?: Readonly<Record<string, string>>;
  readonly main?: unknown;
  readonly controllers?: unknown;
  readonly exports?: unknown;
}

/**
 * Is this a service of ArangoDB 2.8: does `engines.arangodb` ask for less than 3.0.0? Manifests are older than `engines`, and some say
 * "at least": where 2.8 is not ruled out, one with controllers or exports and no `main`, which would be nothing in newer versions, is one.
 */
export function isLegacy({ engines, main, controllers, exports }: Manifestations): boolean {
  const range = semver().validRange(engines?.['arangodb'] ?? '*');
  if (range === null) return false;
  const hasOldForm = main === undefined && (controllers !== undefined || exports !== undefined);
  return semver().gtr('3.0.0', range) || (hasOldForm && semver().intersects(range, '<3.0.0'));
}

export function checkManifest(raw: unknown, mount: string, { isNoisy }: ManifestNotes): Manifest {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
    throw invalidManifest(mount, [`The manifest must be an object and is ${inspect(raw, { depth: 0 })}.`]);
  }
  const given = raw as Readonly<Record<string, unknown>>;
  const problems: string[] = [];
  const checked: Record<string, unknown> = { ...given };
  const { fields, legacyFields } = schemas();
  const check = (name: string, schema: Joi.Schema): void => {
    const { error, value } = library().validate(given[name], schema);
    if (error)
      problems.push(
        `Service at "${mount}" has an invalid manifest field "${name}" (${inspect(given[name], { depth: 2 })}): ${error.message.replace(/^child /, '')}`,
      );
    else if (value === undefined) delete checked[name];
    else checked[name] = value;
  };
  for (const [name, schema] of Object.entries(fields)) check(name, schema);
  const legacy = isLegacy(checked);
  if (legacy) for (const [name, schema] of Object.entries(legacyFields)) check(name, schema);
  if (problems.length === 0) problems.push(...normalise(checked, mount, legacy));
  if (problems.length > 0) {
    for (const problem of problems) log.error('general', problem);
    throw invalidManifest(mount, problems);
  }
  if (given['$schema'] !== undefined && given['$schema'] !== SCHEMA_URL && isNoisy) {
    log.warning(
      'general',
      `Service at "${mount}" has an unknown "$schema" in its manifest: ${inspect(given['$schema'])}, expected ${SCHEMA_URL}.`,
    );
  }
  checked['$schema'] = SCHEMA_URL;
  if (isNoisy) warn(checked, mount, legacy);
  return checked as Manifest;
}

function invalidManifest(mount: string, problems: readonly string[]): ArangoError {
  return new ArangoError('ERROR_INVALID_SERVICE_MANIFEST', {
    message: `manifest file is invalid\nManifest for service at "${mount}":\n${problems.join('\n')}`,
  });
}

/** Brings the accepted short forms to the long ones, in place; answers with what joi could not see. */
function normalise(manifest: Record<string, unknown>, mount: string, legacy: boolean): string[] {
  const problems: string[] = [];
  const complain = (field: string, value: unknown, reason: string): void => {
    problems.push(`Service at "${mount}" has an invalid manifest field "${field}" (${inspect(value)}): ${reason}`);
  };

  manifest['dependencies'] = mapValues(manifest['dependencies'] as Record<string, string | DependencyDefinition>, (given, alias) => {
    const found = typeof given === 'string' ? splitDependency(given) : given;
    if (!DEPENDENCY_NAME.test(found.name)) complain('dependencies', { [alias]: given }, `"${found.name}" is no name of a service`);
    if (semver().validRange(found.version) === null)
      complain('dependencies', { [alias]: given }, `"${found.version}" is no semantic version range`);
    return found;
  });

  const provides = manifest['provides'] as string | readonly string[] | Readonly<Record<string, string>> | undefined;
  if (provides !== undefined) {
    const named = typeof provides === 'string' ? [provides] : provides;
    const map = isList(named) ? Object.fromEntries(named.map((item) => splitNamed(item))) : named;
    for (const [name, version] of Object.entries(map)) {
      if (!DEPENDENCY_NAME.test(name)) complain('provides', provides, `"${name}" is no name of a service`);
      if (semver().valid(version) === null) complain('provides', provides, `"${version}" is no semantic version`);
    }
    manifest['provides'] = map;
  }

  // Legacy services look their files up in the manifest as they wrote it.
  if (manifest['files'] !== undefined && !legacy) {
    manifest['files'] = mapValues(manifest['files'] as Record<string, string | object>, (given) =>
      typeof given === 'string' ? { path: given } : given,
    );
  }
  if (typeof manifest['tests'] === 'string') manifest['tests'] = [manifest['tests']];
  if (typeof manifest['controllers'] === 'string') manifest['controllers'] = { '/': manifest['controllers'] };
  if (legacy) {
    const { setup, teardown } = manifest as { readonly setup?: string; readonly teardown?: string };
    const older = { ...(setup === undefined ? {} : { setup }), ...(teardown === undefined ? {} : { teardown }) };
    manifest['scripts'] = { ...older, ...(manifest['scripts'] as object) };
    manifest['defaultDocument'] ??= 'index.html';
    return problems;
  }

  // `lib` is consumed here: it is the base of main, scripts and tests, and of nothing else.
  const lib = manifest['lib'] as string;
  delete manifest['lib'];
  const below = (path: string): string => posix.join(lib, path);
  if (manifest['main'] !== undefined) manifest['main'] = below(manifest['main'] as string);
  manifest['scripts'] = mapValues(manifest['scripts'] as Record<string, string>, below);
  manifest['tests'] = (manifest['tests'] as readonly string[]).map(below);
  return problems;
}

function warn(manifest: Readonly<Record<string, unknown>>, mount: string, legacy: boolean): void {
  for (const name of Object.keys(manifest)) {
    if (name === '$schema' || name in schemas().fields || (legacy && LEGACY_FIELDS.has(name))) continue;
    const hint = name === 'engine' && manifest['engines'] === undefined ? ' Did you mean "engines"?' : '';
    log.warning(
      'general',
      `Service at "${mount}" has an unknown manifest field "${name}" (${inspect(manifest[name], { depth: 1 })}).${hint}`,
    );
  }
  const version = manifest['version'] as string | undefined;
  if (version !== undefined && semver().valid(version) === null)
    log.warning('general', `Service at "${mount}" has version "${version}", which is no semantic version.`);
  for (const field of ['configuration', 'dependencies']) {
    for (const name of Object.keys(manifest[field] as object)) {
      if (!SAFE_NAME.test(name)) log.warning('general', `Service at "${mount}" has a name in "${field}" that is no identifier: "${name}".`);
    }
  }
  const range = (manifest['engines'] as Record<string, string> | undefined)?.['arangodb'];
  if (!legacy && range !== undefined && !semver().satisfies(ARANGODB_VERSION, range)) {
    log.warning('general', `Service at "${mount}" asks for ArangoDB "${range}"; this server stands in for ${ARANGODB_VERSION}.`);
  }
}

/** `name:version`; what is missing is `*`. */
function splitNamed(item: string): [name: string, version: string] {
  const colon = item.indexOf(':');
  return colon === -1 ? [item || '*', '*'] : [item.slice(0, colon) || '*', item.slice(colon + 1) || '*'];
}

function splitDependency(item: string): DependencyDefinition {
  const [name, version] = splitNamed(item);
  return { name, version, required: true, multiple: false };
}

function mapValues<From, To>(map: Readonly<Record<string, From>>, change: (value: From, name: string) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value, name)]));
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}
