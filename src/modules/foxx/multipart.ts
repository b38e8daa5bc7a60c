/** Multipart bodies as services see them: a list of parts, each with its headers. */
import { multipartParts, type MultipartPart } from '#base';
import { mediaTyper } from './libraries.ts';

export type Part = Pick<MultipartPart, 'headers' | 'data'>;

/** Throws when the content type has no boundary, or the body is malformed. */
export function parseMultipart(body: Buffer, contentType: string): Part[] {
  const { boundary } = mediaTyper().parse(contentType).parameters;
  if (boundary === undefined || boundary === '') throw new Error('multipart body without a boundary');
  return Array.from(multipartParts(body, boundary), ({ headers, data }) => ({ headers, data }));
}
