/** The frame of each page: title, what can be done, content; and the title of the window. */
import type { ComponentChildren } from 'preact';
import { ChevronLeft } from 'lucide';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';
import './page.css';

export interface PageProps {
  readonly title: string;
  /** Beside the title: badges. */
  readonly beside?: ComponentChildren;
  /** Below the title, in a line. */
  readonly description?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly back?: { readonly href: string; readonly label: string };
  /** As high as the window, so that a table in it scrolls, and not the page. */
  readonly isFilled?: boolean;
  readonly children: ComponentChildren;
}

export function Page({ title, beside, description, actions, back, isFilled = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · foxden`;
  }, [title]);
  // Who uses a screen reader hears where they came to, as after the load of a page.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class={`page${isFilled ? ' filled' : ''}`}>
      <header class="page-header">
        <div class="page-heading">
          {back !== undefined && (
            <a class="page-back" href={back.href}>
              <Icon icon={ChevronLeft} size={14} />
              {back.label}
            </a>
          )}
          <div class="row">
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {beside}
          </div>
          {description !== undefined && <div class="page-description">{description}</div>}
        </div>
        {actions !== undefined && <div class="row page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A part of a page with a heading of its own. */
export function Section({
  title,
  actions,
  children,
}: {
  readonly title: string;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="section">
      <div class="row section-header">
        <h2>{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

/** Names and what they stand for, aligned. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ComponentChildren] | undefined | false)[] }) {
  return (
    <dl class="facts">
      {facts
        .filter((fact) => fact !== undefined && fact !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
