/**
 * Markdown as elements, never as HTML: what the author wrote as HTML is shown as the text that it is, links lead only to the web and to mail, and
 * pictures are links, since this page loads nothing from elsewhere.
 */
import { lexer, type MarkedToken, type Token, type Tokens } from 'marked-18';
import type { ComponentChildren } from 'preact';
import { CodeBlock } from './code-block.tsx';
import './markdown.css';

export function Markdown({ text }: { readonly text: string }) {
  return <div class="markdown">{all(lexer(text))}</div>;
}

function all(tokens: readonly Token[] = []): ComponentChildren[] {
  return tokens.map((token, at) => <Element key={at} token={token} />);
}

const HEADINGS = ['h2', 'h3', 'h4', 'h5', 'h6', 'h6'] as const;

/** Tokens of extensions would be of further types; there are no extensions. */
function Element({ token: some }: { readonly token: Token }) {
  const token = some as MarkedToken;
  switch (token.type) {
    case 'heading': {
      // The page has a first heading of its own.
      const Heading = HEADINGS[token.depth - 1] ?? 'h6';
      return <Heading>{all(token.tokens)}</Heading>;
    }
    case 'paragraph':
      return <p>{all(token.tokens)}</p>;
    case 'text':
      return <>{'tokens' in token && token.tokens !== undefined ? all(token.tokens) : unescaped(token.text)}</>;
    case 'escape':
      return <>{token.text}</>;
    case 'html':
      return <>{token.raw}</>;
    case 'code':
      return <CodeBlock text={token.text} label={token.lang ? `${token.lang} code` : 'code'} isJson={token.lang === 'json'} />;
    case 'blockquote':
      return <blockquote>{all(token.tokens)}</blockquote>;
    case 'list': {
      const items = token.items.map((item: Tokens.ListItem, at: number) => <li key={at}>{all(item.tokens)}</li>);
      return token.ordered ? <ol start={token.start === '' ? 1 : token.start}>{items}</ol> : <ul>{items}</ul>;
    }
    case 'checkbox':
      return <>{token.checked ? '☑ ' : '☐ '}</>;
    case 'table':
      return (
        <div class="markdown-table">
          <table>
            <thead>
              <tr>
                {token.header.map((cell: Tokens.TableCell, at: number) => (
                  <th key={at} scope="col">
                    {all(cell.tokens)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {token.rows.map((row: Tokens.TableCell[], at: number) => (
                <tr key={at}>
                  {row.map((cell, cellAt) => (
                    <td key={cellAt}>{all(cell.tokens)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case 'hr':
      return <hr />;
    case 'strong':
      return <strong>{all(token.tokens)}</strong>;
    case 'em':
      return <em>{all(token.tokens)}</em>;
    case 'del':
      return <del>{all(token.tokens)}</del>;
    case 'codespan':
      return <code>{unescaped(token.text)}</code>;
    case 'br':
      return <br />;
    case 'link':
      return <OutsideLink href={token.href}>{all(token.tokens)}</OutsideLink>;
    case 'image':
      return <OutsideLink href={token.href}>{token.text === '' ? 'picture' : token.text}</OutsideLink>;
    case 'space':
    case 'def':
      return null;
    default:
      return <>{some.raw}</>;
  }
}

/** A link to elsewhere, if it leads to the web or to mail; otherwise its text. */
export function OutsideLink({ href, children }: { readonly href: string; readonly children: ComponentChildren }) {
  if (!/^(https?:\/\/|mailto:)/i.test(href)) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Some tokens hold text that is meant to become HTML. */
function unescaped(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
