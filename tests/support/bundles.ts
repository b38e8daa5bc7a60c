/** Services made on the spot: files by path, zipped. */
import AdmZip from 'adm-zip';

export type Files = Readonly<Record<string, string>>;

/** A manifest with these fields and an `index.js` with a router in scope. */
export function service(code: string, manifest: object = {}, others: Files = {}): Files {
  return {
    'manifest.json': JSON.stringify({ name: 'made', version: '1.0.0', main: 'index.js', ...manifest }),
    'index.js': `'use strict';\nconst { db, aql, query } = require('@arangodb');\nconst router = require('@arangodb/foxx/router')();\nmodule.context.use(router);\n${code}\n`,
    ...others,
  };
}

/** One date for all files: the same files are the same bytes, whenever they are zipped. */
const DATE = new Date(2000, 0, 1);

export function zip(files: Files): Buffer {
  const archive = new AdmZip();
  for (const [path, content] of Object.entries(files)) archive.addFile(path, Buffer.from(content));
  for (const { header } of archive.getEntries()) header.time = DATE;
  return archive.toBuffer();
}

/** A service whose only route answers with a text. */
export const saying = (text: string): Files => service(`router.get('/', (req, res) => res.send(${JSON.stringify(text)}));`);
