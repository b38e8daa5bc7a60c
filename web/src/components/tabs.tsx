/**
 * Views of one thing, each with an address of its own: links in a list of tabs, so that a tab can be opened beside, bookmarked and gone back
 * from. Arrow keys move among them.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { go } from '../router.ts';
import './tabs.css';

export interface Tab {
  readonly id: string;
  readonly label: ComponentChildren;
  readonly href: string;
}

export interface TabsProps {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly current: string;
  /** The panel of the current tab. */
  readonly children: ComponentChildren;
}

export function Tabs({ label, tabs, current, children }: TabsProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    list.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);

  const move = (event: KeyboardEvent): void => {
    const now = tabs.findIndex((tab) => tab.id === current);
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    if (tab === undefined) return;
    go(tab.href);
    document.getElementById(`${id}-${tab.id}`)?.focus();
  };

  return (
    <div class="tabs">
      <div class="tabs-list" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
        {tabs.map((tab) => (
          <a
            key={tab.id}
            id={`${id}-${tab.id}`}
            role="tab"
            class="tab"
            href={tab.href}
            aria-selected={tab.id === current}
            aria-controls={tab.id === current ? `${id}-panel` : undefined}
            tabIndex={tab.id === current ? 0 : -1}
          >
            {tab.label}
          </a>
        ))}
      </div>
      <div class="tabs-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${current}`} tabIndex={-1}>
        {children}
      </div>
    </div>
  );
}
