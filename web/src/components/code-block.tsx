/** Text as it is: code, JSON, stacks; with a button to copy it. */
import { Check, Copy } from 'lucide';
import { useState } from 'preact/hooks';
import { Button } from './button.tsx';
import './code-block.css';

export interface CodeBlockProps {
  readonly text: string;
  /** What it is, for who cannot see it. */
  readonly label: string;
  readonly isJson?: boolean;
  readonly isWrapped?: boolean;
}

export function CodeBlock({ text, label, isJson = false, isWrapped = false }: CodeBlockProps) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div class="code-block">
      <pre class={isWrapped ? 'wrapped' : ''} tabIndex={0} role="region" aria-label={label}>
        {isJson && text.length < MAX_COLOURED ? coloured(text) : text}
      </pre>
      <Button kind="quiet" isSmall icon={isCopied ? Check : Copy} label={isCopied ? 'Copied' : `Copy ${label}`} onPress={copy} />
    </div>
  );
}

export function JsonBlock({ value, label }: { readonly value: unknown; readonly label: string }) {
  return <CodeBlock text={JSON.stringify(value, undefined, 2) ?? 'undefined'} label={label} isJson />;
}

/** Longer texts are shown in one colour: a span for each of a million tokens is slow. */
const MAX_COLOURED = 100_000;

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function coloured(text: string) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(TOKEN)) {
    const [token, string, colon, word] = found;
    if (found.index > end) parts.push(text.slice(end, found.index));
    const kind = string === undefined ? (word === undefined ? 'number' : 'keyword') : colon === undefined ? 'string' : 'name';
    parts.push(
      <span key={found.index} class={`code-${kind}`}>
        {string ?? token}
      </span>,
    );
    if (colon !== undefined) parts.push(colon);
    end = found.index + token.length;
  }
  parts.push(text.slice(end));
  return parts;
}
