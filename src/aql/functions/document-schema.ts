/** Validation by a schema definition as collections have it: a JSON Schema of draft 4 under `rule`, and perhaps a `message`. */
import { compileRule, schemaFailure, type RuleCheck } from '#catalog';
import { ArangoError } from '#base';
import { isObject, type ValueObject } from '#values';
import { LeastRecentlyUsed } from './text/least-recently-used.ts';

const checks = new LeastRecentlyUsed<string, RuleCheck>(100);

/** As a collection with that schema would have it, whatever its level. Throws 1621 when the definition is none. */
export function validateBySchema(document: ValueObject, definition: ValueObject): ValueObject {
  const { rule = null } = definition;
  if (!isObject(rule)) throw new ArangoError('ERROR_VALIDATION_BAD_PARAMETER', { message: '"rule" must be an object' });
  const check = checks.get(JSON.stringify(rule), () => compileRule(rule));
  return check(document) ? { valid: true } : { valid: false, errorMessage: schemaFailure(definition).errorMessage };
}
