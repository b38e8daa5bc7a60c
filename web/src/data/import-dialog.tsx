/** Documents from a file into a collection: JSON as a list or in lines, or comma-separated values. */
import { useState } from 'preact/hooks';
import { send } from '../api/client.ts';
import { Confirm } from '../components/dialog.tsx';
import { DropZone } from '../components/drop-zone.tsx';
import { Checkbox, SelectField } from '../components/field.tsx';
import { Notice } from '../components/notice.tsx';
import { tell } from '../components/toast.tsx';
import { csvDocuments, guessSeparator } from './csv.ts';

interface Outcome {
  readonly created: number;
  readonly errors: number;
  readonly empty: number;
  readonly updated: number;
  readonly ignored: number;
  readonly details?: readonly string[];
}

type OnDuplicate = 'error' | 'update' | 'replace' | 'ignore';

const ON_DUPLICATE: readonly (readonly [OnDuplicate, string])[] = [
  ['error', 'Report it'],
  ['update', 'Update the document that is there'],
  ['replace', 'Replace the document that is there'],
  ['ignore', 'Keep the document that is there'],
];

/** Lines that go into one request, so that none is larger than servers take. */
const CHUNK_BYTES = 8_000_000;
const SHOWN_DETAILS = 20;

export interface ImportDialogProps {
  readonly collection: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function ImportDialog({ collection, onClose, onDone }: ImportDialogProps) {
  const [file, setFile] = useState<File>();
  const [onDuplicate, setOnDuplicate] = useState<OnDuplicate>('error');
  const [readsTypes, setReadsTypes] = useState(true);
  const [overwrite, setOverwrite] = useState(false);
  const [details, setDetails] = useState<readonly string[]>([]);
  const isCsv = file !== undefined && /\.(csv|tsv|txt)$/i.test(file.name);

  const run = async (): Promise<void> => {
    if (file === undefined) throw new Error('Choose a file first.');
    setDetails([]);
    const text = await file.text();
    const lines = isCsv ? csvLines(text, readsTypes) : jsonLines(text);
    const outcome = await importLines(collection, lines, { onDuplicate, overwrite });
    onDone();
    const { created, updated, ignored, errors } = outcome;
    const parts = [`${created} created`, ...(updated > 0 ? [`${updated} updated`] : []), ...(ignored > 0 ? [`${ignored} ignored`] : [])];
    if (errors > 0) {
      setDetails(outcome.details ?? []);
      throw new Error(`${parts.join(', ')}, but ${errors} could not be imported.`);
    }
    tell(`Imported: ${parts.join(', ')}`);
  };

  return (
    <Confirm title={`Import into ${collection}`} action="Import" onClose={onClose} onConfirm={run}>
      <DropZone
        label="Choose a file, or drop it here"
        hint="JSON (a list, or one document a line), or comma-separated values with a line of names"
        accept=".json,.jsonl,.ndjson,.csv,.tsv,.txt"
        file={file}
        onFile={setFile}
      />
      {isCsv && (
        <Checkbox
          label="Numbers, true, false and JSON are values"
          hint="Otherwise every field is text. Fields in quotes are text in any case."
          isChecked={readsTypes}
          onChange={setReadsTypes}
        />
      )}
      <SelectField label="When a key is taken" value={onDuplicate} onChange={setOnDuplicate} options={ON_DUPLICATE} />
      <Checkbox label="Empty the collection before" isChecked={overwrite} onChange={setOverwrite} />
      {overwrite && <Notice kind="caution">All documents that are in the collection now will be gone.</Notice>}
      {details.length > 0 && (
        <ul class="import-details" aria-label="What could not be imported">
          {details.slice(0, SHOWN_DETAILS).map((detail) => (
            <li key={detail}>{detail.slice(0, 300)}</li>
          ))}
          {details.length > SHOWN_DETAILS && <li>… and {details.length - SHOWN_DETAILS} more</li>}
        </ul>
      )}
    </Confirm>
  );
}

function csvLines(text: string, readsTypes: boolean): readonly string[] {
  return csvDocuments(text, { separator: guessSeparator(text), readsTypes }).map((document) => JSON.stringify(document));
}

function jsonLines(text: string): readonly string[] {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (!trimmed.startsWith('[')) {
    // One document over several lines is a document too.
    const whole = parsed(trimmed);
    return whole === undefined ? trimmed.split('\n').filter((line) => line.trim() !== '') : [JSON.stringify(whole)];
  }
  const list = JSON.parse(trimmed) as readonly unknown[];
  return list.map((each) => JSON.stringify(each));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // several documents, in lines
  }
}

interface ImportOptions {
  readonly onDuplicate: OnDuplicate;
  readonly overwrite: boolean;
}

async function importLines(collection: string, lines: readonly string[], { onDuplicate, overwrite }: ImportOptions): Promise<Outcome> {
  const sum = { created: 0, errors: 0, empty: 0, updated: 0, ignored: 0 };
  const details: string[] = [];
  for (const [i, chunk] of chunksOf(lines).entries()) {
    const query = { collection, type: 'documents', details: true, onDuplicate, overwrite: overwrite && i === 0 };
    const outcome = (await (await send('POST', '/_api/import', { query, body: chunk.join('\n') })).json()) as Outcome;
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += outcome[name];
    details.push(...(outcome.details ?? []));
  }
  return { ...sum, details };
}

function chunksOf(lines: readonly string[]): readonly (readonly string[])[] {
  const chunks: string[][] = [];
  let size = CHUNK_BYTES;
  for (const line of lines) {
    if (size + line.length > CHUNK_BYTES) {
      chunks.push([]);
      size = 0;
    }
    chunks.at(-1)?.push(line);
    size += line.length;
  }
  return chunks;
}
