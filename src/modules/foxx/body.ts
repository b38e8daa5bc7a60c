/** The body of a request: parsed as its declared type says, then checked against the schema. */
import { findBodyType, type BodyTypes } from './body-types.ts';
import type { BodyDefinition } from './endpoint.ts';
import { mediaTyper, typeIs } from './libraries.ts';
import { parseMultipart } from './multipart.ts';
import type { FoxxRequest } from './request.ts';
import { nameInMessage } from './schema.ts';

/** The request's body as its declared type has it; throws what its parser throws. */
export function parseBody(definition: BodyDefinition, req: FoxxRequest, types: BodyTypes): unknown {
  if (definition.contentTypes === null) {
    if (req.rawBody.length > 0) throw new Error('Unexpected request body');
    return null;
  }
  const indicated = req.headers['content-type'];
  const type = indicated === undefined ? undefined : definition.contentTypes.find((one) => typeIs().is(indicated, one) !== false);
  const chosen = type === undefined ? (definition.contentTypes[0] ?? indicated) : indicated;
  if (chosen === undefined) return req.body;
  const media = mediaTyper().parse(chosen);
  const name = mediaTyper().format({ type: media.type, subtype: media.subtype, suffix: media.suffix });
  const body = media.type === 'multipart' ? parseMultipart(req.rawBody, indicated ?? '') : req.body;
  const found = findBodyType(types, name, 'fromClient');
  return found?.handler.fromClient === undefined ? body : found.handler.fromClient(body, req as never, media);
}

/** Checks a parsed body against the schema, and makes the model's object of it. */
export function validateBody({ model, schema, isMultiple }: BodyDefinition, body: unknown): unknown {
  let value = body;
  if (schema !== undefined) {
    const result = schema.validate(value);
    if (result.error) throw nameInMessage(result.error, 'request body');
    value = result.value;
  }
  const fromClient = model?.fromClient;
  if (fromClient === undefined) return value;
  return isMultiple && Array.isArray(value) ? value.map((item) => fromClient(item)) : fromClient(value);
}
