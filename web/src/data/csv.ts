/** Comma-separated values (RFC 4180) as documents: the first line names the attributes, and a field is what it looks like. */

export interface CsvOptions {
  readonly separator: string;
  /** Numbers, true, false, null and JSON in fields become values of those types. */
  readonly readsTypes: boolean;
}

export function csvDocuments(text: string, { separator, readsTypes }: CsvOptions): readonly Readonly<Record<string, unknown>>[] {
  const [head = [], ...rows] = fieldsOf(text.replace(/^\uFEFF/, ''), separator);
  const names = head.map(({ text: name }) => name.trim());
  return rows.map((row) =>
    Object.fromEntries(
      names.flatMap((name, i) => {
        const field = row[i];
        // An empty field is a value that is not there, unless it was quoted.
        if (name === '' || field === undefined || (field.text === '' && !field.isQuoted)) return [];
        return [[name, readsTypes ? typed(field, name) : field.text] as const];
      }),
    ),
  );
}

interface Field {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** What separates the fields of the first line, by which is there most. */
export function guessSeparator(text: string): string {
  const [line = ''] = text.split('\n', 1);
  const counted = [',', ';', '\t', '|'].map((mark) => [mark, line.split(mark).length] as const);
  return counted.reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

function fieldsOf(text: string, separator: string): (readonly Field[])[] {
  const rows: (readonly Field[])[] = [];
  let row: Field[] = [];
  for (let at = 0; at <= text.length;) {
    const { field, end } = fieldAt(text, at, separator);
    row.push(field);
    const isRowsEnd = text[end] !== separator;
    if (isRowsEnd) {
      if (row.length > 1 || row[0]?.text !== '' || row[0].isQuoted) rows.push(row);
      row = [];
    }
    if (end >= text.length) break;
    at = end + (text.startsWith('\r\n', end) ? 2 : 1);
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

function fieldAt(text: string, at: number, separator: string): { readonly field: Field; readonly end: number } {
  if (text[at] !== '"') {
    let end = at;
    while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++;
    return { field: { text: text.slice(at, end), isQuoted: false }, end };
  }
  let read = '';
  let i = at + 1;
  for (; i < text.length; i++) {
    if (text[i] !== '"') read += text[i];
    else if (text[i + 1] === '"') {
      read += '"';
      i++;
    } else break;
  }
  return { field: { text: read, isQuoted: true }, end: Math.min(text.length, i + 1) };
}

/** Keys and ends of edges are text, whatever they look like. */
const TEXT_ATTRIBUTES: ReadonlySet<string> = new Set(['_key', '_id', '_from', '_to', '_rev']);

function typed({ text, isQuoted }: Field, name: string): unknown {
  if (TEXT_ATTRIBUTES.has(name)) return text;
  // JSON has commas, so it is quoted always; of the others quotes say that they are text.
  if (isQuoted) return /^[[{]/.test(text) ? readJson(text) : text;
  if (text === 'true' || text === 'false' || text === 'null') return JSON.parse(text) as unknown;
  // `007` and `1e999` are no numbers that could be written back.
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text) && Number.isFinite(Number(text))) return Number(text);
  return /^[[{]/.test(text) ? readJson(text) : text;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // a text that begins with a bracket
  }
}
