/** Validation by a schema definition as collections have it: a JSON Schema of draft 4 under `rule`, and perhaps a `message`. */
import type { ValidateFunction } from 'ajv';
import { ArangoError, lazily, requirePackage } from '#base';
import { isObject, type ValueObject } from '#values';
import { LeastRecentlyUsed } from './text/least-recently-used.ts';

const ajv = lazily(() => {
  const { default: Ajv } = requirePackage('ajv-draft-04') as typeof import('ajv-draft-04');
  return new Ajv({ strict: false, validateFormats: false, logger: false, addUsedSchema: false });
});

const validators = new LeastRecentlyUsed<string, ValidateFunction>(100);

const SYSTEM_ATTRIBUTES: ReadonlySet<string> = new Set(['_key', '_id', '_rev', '_from', '_to']);

/** Throws 1621 when the definition is none. The document's system attributes are not looked at. */
export function validateBySchema(document: ValueObject, definition: ValueObject): ValueObject {
  const { rule = null, message = null } = definition;
  if (!isObject(rule)) throw new ArangoError('ERROR_VALIDATION_BAD_PARAMETER', { message: '"rule" must be an object' });
  const validate = validators.get(JSON.stringify(rule), () => compile(rule));
  if (validate(Object.fromEntries(Object.entries(document).filter(([name]) => !SYSTEM_ATTRIBUTES.has(name))))) return { valid: true };
  return { valid: false, errorMessage: typeof message === 'string' && message !== '' ? message : ajv().errorsText(validate.errors) };
}

function compile(rule: ValueObject): ValidateFunction {
  try {
    return ajv().compile(rule);
  } catch (cause) {
    throw new ArangoError('ERROR_VALIDATION_BAD_PARAMETER', { message: `invalid object: ${String(cause)}` }, { cause });
  }
}
