/** A button with further actions behind it. Arrow keys move, Escape and a click elsewhere close: the browser's popover does the latter. */
import { ChevronDown, Ellipsis } from 'lucide';
import type { IconNode } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { tellFailure } from './toast.tsx';
import './menu.css';

export interface MenuItem {
  readonly label: ComponentChildren;
  readonly icon?: IconNode;
  readonly isDangerous?: boolean;
  readonly isDisabled?: boolean;
  readonly isChecked?: boolean;
  readonly onPress: () => unknown;
}

export interface MenuProps {
  /** What the button says; without it there are three dots. `title` holds it, and says what the button is for. */
  readonly label?: ComponentChildren;
  readonly title: string;
  readonly icon?: IconNode;
  readonly items: readonly MenuItem[];
  readonly isQuiet?: boolean;
}

export function Menu({ label, title, icon, items, isQuiet = false }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);

  const open = (): void => {
    const menu = list.current;
    const anchor = button.current?.getBoundingClientRect();
    if (menu === null || anchor === undefined) return;
    menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    const isBelow = anchor.bottom + height + 8 < innerHeight || anchor.top < height;
    menu.style.left = `${Math.max(8, Math.min(anchor.right - width, innerWidth - width - 8))}px`;
    menu.style.top = `${isBelow ? anchor.bottom + 4 : anchor.top - height - 4}px`;
    menu.querySelector<HTMLElement>('[role^=menuitem]:not([aria-disabled=true])')?.focus();
  };

  const move = (event: KeyboardEvent): void => {
    const choices = [...(list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
    const now = choices.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: choices.length - 1 }[event.key];
    if (event.key === 'Tab') list.current?.hidePopover();
    if (next === undefined) return;
    event.preventDefault();
    choices[(next + choices.length) % choices.length]?.focus();
  };

  const choose = async (item: MenuItem): Promise<void> => {
    list.current?.hidePopover();
    button.current?.focus();
    try {
      await item.onPress();
    } catch (error) {
      tellFailure(error);
    }
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        class={`button ${isQuiet ? 'quiet' : 'plain'}${label === undefined ? ' picture' : ''}`}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={title}
        title={title}
        onClick={() => (isOpen ? list.current?.hidePopover() : open())}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          open();
        }}
      >
        {icon !== undefined && <Icon icon={icon} />}
        {label === undefined ? icon === undefined && <Icon icon={Ellipsis} /> : <span class="truncate">{label}</span>}
        {label !== undefined && <Icon icon={ChevronDown} size={14} />}
      </button>
      <div
        ref={list}
        id={id}
        class="menu"
        role="menu"
        aria-label={title}
        popover="auto"
        tabIndex={-1}
        onKeyDown={move}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {items.map((item, at) => (
          <button
            key={at}
            type="button"
            role={item.isChecked === undefined ? 'menuitem' : 'menuitemradio'}
            aria-checked={item.isChecked}
            aria-disabled={item.isDisabled === true ? 'true' : undefined}
            tabIndex={-1}
            class={`menu-item${item.isDangerous === true ? ' dangerous' : ''}`}
            onClick={() => {
              if (item.isDisabled !== true) void choose(item);
            }}
          >
            {item.icon !== undefined && <Icon icon={item.icon} />}
            <span>{item.label}</span>
          </button>
        ))}
      </div>
    </>
  );
}
