/** AQL for the editor: its colours, from the same tokens as everything else here, and its completion. */
import {
  autocompletion,
  closeBrackets,
  completionKeymap,
  closeBracketsKeymap,
  acceptCompletion,
  snippetCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { LanguageSupport, StreamLanguage, type StreamParser } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { collectionsOf, suggestions, wantedAt, type Knowledge, type Suggestion } from '../queries/aql/completion.ts';
import { quotedName, tokenAt, type TokenKind } from '../queries/aql/tokens.ts';

const NAMES: Readonly<Record<TokenKind, string | null>> = {
  keyword: 'keyword',
  'operator word': 'operatorKeyword',
  constant: 'atom',
  name: null,
  function: 'call',
  string: 'string',
  number: 'number',
  parameter: 'parameter',
  comment: 'comment',
  operator: 'operator',
  bracket: 'bracket',
  punctuation: 'punctuation',
  space: null,
  unknown: 'invalid',
};

interface State {
  /** What ends the string or comment that a line before began. */
  readonly until: string | undefined;
  readonly kind: TokenKind;
}

const parser: StreamParser<{ now: State }> = {
  name: 'aql',
  startState: () => ({ now: { until: undefined, kind: 'space' } }),
  copyState: ({ now }) => ({ now }),
  token(stream, state) {
    const { until, kind } = state.now;
    if (until !== undefined) {
      let isEscaped = false;
      while (!stream.eol()) {
        if (!isEscaped && stream.match(until)) {
          state.now = { until: undefined, kind: 'space' };
          break;
        }
        isEscaped = !isEscaped && stream.next() === '\\' && kind !== 'comment';
        if (isEscaped) stream.next();
        isEscaped = false;
      }
      return NAMES[kind];
    }
    const token = tokenAt(stream.string, stream.pos);
    stream.pos = token.end;
    if (token.isOpen) state.now = { until: token.kind === 'comment' ? '*/' : token.text.charAt(0), kind: token.kind };
    return NAMES[token.kind];
  },
  tokenTable: { call: tags.function(tags.variableName), parameter: tags.special(tags.variableName) },
  languageData: {
    commentTokens: { line: '//', block: { open: '/*', close: '*/' } },
    closeBrackets: { brackets: ['(', '[', '{', "'", '"', '`'] },
    indentOnInput: /^\s*[)\]}]$/,
  },
};

const language = StreamLanguage.define(parser);

export interface KnowledgeSource {
  readonly knowledge: () => Omit<Knowledge, 'attributes'>;
  /** Attributes of collections, asked for when they are wanted first. */
  readonly attributes: (collections: readonly string[]) => Promise<Knowledge['attributes']>;
}

export function aql(source: KnowledgeSource): Extension {
  return [
    new LanguageSupport(language),
    closeBrackets(),
    autocompletion({ override: [(context) => complete(context, source)], icons: true, maxRenderedOptions: 60 }),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, { key: 'Tab', run: acceptCompletion }]),
  ];
}

async function complete(context: CompletionContext, source: KnowledgeSource): Promise<CompletionResult | null> {
  const wanted = wantedAt(context.state.doc.toString(), context.pos, context.explicit);
  if (wanted === undefined) return null;
  const knowledge = source.knowledge();
  const attributes = await source.attributes(collectionsOf(wanted, knowledge));
  if (context.aborted) return null;
  const options = suggestions(wanted, { ...knowledge, attributes }).map(completion);
  return options.length === 0 ? null : { from: wanted.from, options, validFor: /^[@\w]*$/ };
}

function completion(suggestion: Suggestion): Completion {
  const { label, kind, detail, boost, function: described } = suggestion;
  const shown = { label, type: kind, boost, ...(detail === undefined ? {} : { detail }) };
  if (described !== undefined) return snippetCompletion(`${label}(\${})`, { ...shown, info: () => explained(described) });
  const text = kind === 'attribute' || kind === 'collection' ? quotedName(label) : label;
  return { ...shown, ...(text === label ? {} : { apply: text }) };
}

function explained({ signature, summary, examples }: NonNullable<Suggestion['function']>): Node {
  const root = document.createElement('div');
  const add = (tag: string, text: string, name = ''): void => {
    const element = document.createElement(tag);
    // Names stand between backticks.
    for (const [i, part] of (tag === 'p' ? text.split('`') : [text]).entries()) {
      const shown = i % 2 === 0 ? document.createTextNode(part) : document.createElement('b');
      shown.textContent = part;
      element.append(shown);
    }
    if (name !== '') element.className = name;
    root.append(element);
  };
  add('code', signature);
  add('p', summary);
  for (const { expression, result } of examples.slice(0, 3)) add('code', `${expression}  → ${result}`, 'example');
  return root;
}
