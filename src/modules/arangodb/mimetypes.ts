/** `require('@arangodb/mimetypes')`: extension to type and whether it is text, and the other way round. */
import { loadPackage } from '../loader/bundled.ts';

interface MimeTypes {
  readonly types: Readonly<Record<string, string>>;
  charset(type: string): string | false;
}

export function mimetypes(): object {
  const known = loadPackage('mime-types') as MimeTypes;
  const entries = Object.entries(known.types);
  return {
    mimeTypes: Object.fromEntries(entries.map(([extension, type]) => [extension, [type, known.charset(type) !== false]])),
    extensions: Object.fromEntries(entries.map(([extension, type]) => [type, [extension, known.charset(type) !== false]])),
  };
}
