/**
 * How editors look: the colours of the design, which come through as custom properties, so that a change of the scheme needs nothing here.
 */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const frame = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'transparent', fontSize: '0.8438rem', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '0.6rem 0' },
  '.cm-line': { padding: '0 0.75rem 0 0.4rem' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-soft)',
  },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--text-faint)', border: 'none', paddingLeft: '0.35rem' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '1.75rem', padding: '0 0.25rem' },
  '.cm-foldGutter .cm-gutterElement': { cursor: 'pointer', padding: '0 0.15rem' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 60%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    backgroundColor: 'transparent',
    outline: '1px solid var(--line-strong)',
    borderRadius: '2px',
  },
  '.cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--bad-soft)', color: 'var(--bad)' },
  '.cm-placeholder': { color: 'var(--text-faint)' },
  '.cm-foldPlaceholder': {
    backgroundColor: 'var(--hover)',
    border: '1px solid var(--line)',
    color: 'var(--text-soft)',
    padding: '0 0.3rem',
    borderRadius: '4px',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: 'var(--round)',
    boxShadow: 'var(--shadow-high)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '17rem', minWidth: '15rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    padding: '0.2rem 0.6rem',
    lineHeight: '1.5',
    display: 'flex',
    alignItems: 'baseline',
    gap: '0.25rem',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--text)' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)', fontWeight: '600' },
  '.cm-completionDetail': {
    fontStyle: 'normal',
    color: 'var(--text-soft)',
    marginLeft: '0.25rem',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
  },
  '.cm-completionIcon': { width: '1.1em', opacity: '1', color: 'var(--text-faint)', fontSize: '0.75rem' },
  '.cm-completionIcon-collection::after': { content: "'▤'" },
  '.cm-completionIcon-graph::after': { content: "'⬡'" },
  '.cm-completionIcon-attribute::after': { content: "'·'" },
  '.cm-completionIcon-parameter::after': { content: "'@'" },
  '.cm-completionIcon-keyword::after': { content: "'K'" },
  '.cm-completionIcon-function::after': { content: "'ƒ'" },
  '.cm-completionIcon-variable::after': { content: "'x'" },
  '.cm-tooltip.cm-completionInfo': {
    padding: '0.7rem 0.9rem',
    maxWidth: '26rem',
    fontFamily: 'var(--font)',
    lineHeight: '1.5',
    overflow: 'auto',
  },
  '.cm-completionInfo code': { fontFamily: 'var(--mono)', fontSize: '0.8125rem', display: 'block', overflowWrap: 'anywhere' },
  '.cm-completionInfo p': { margin: '0.4rem 0', color: 'var(--text-soft)' },
  '.cm-completionInfo b': { fontFamily: 'var(--mono)', fontWeight: '500', color: 'var(--text)' },
  '.cm-completionInfo .example': { color: 'var(--text-soft)', paddingTop: '0.15rem' },
  '.cm-diagnostic': { padding: '0.45rem 0.7rem', fontFamily: 'var(--font)', fontSize: '0.8125rem', borderLeft: '3px solid var(--bad)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad) 1px', textUnderlineOffset: '3px' },
  '.cm-lintPoint::after': { borderBottomColor: 'var(--bad)' },
  '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-panel.cm-search': { padding: '0.4rem 0.6rem', fontFamily: 'var(--font)' },
  '.cm-textfield': { backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line-strong)', borderRadius: '4px' },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    borderRadius: '4px',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--caution-soft)', outline: '1px solid var(--caution)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--hover)' },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: 'var(--code-keyword)' },
  { tag: [tags.atom, tags.bool, tags.null, tags.number], color: 'var(--code-number)' },
  { tag: tags.string, color: 'var(--code-string)' },
  { tag: [tags.function(tags.variableName), tags.propertyName], color: 'var(--code-name)' },
  { tag: tags.special(tags.variableName), color: 'var(--accent)', fontWeight: '600' },
  { tag: tags.comment, color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

export const look: Extension = [frame, syntaxHighlighting(colours)];
