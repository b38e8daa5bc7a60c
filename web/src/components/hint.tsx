/** What explains an input, below it; `hintId` is what the input names it by. */
import type { ComponentChildren } from 'preact';

export const hintId = (id: string, hint: ComponentChildren): string | undefined => (hint === undefined ? undefined : `${id}-hint`);

export function Hint({ id, children }: { readonly id: string; readonly children: ComponentChildren }) {
  return children === undefined ? null : (
    <p id={hintId(id, children)} class="field-hint">
      {children}
    </p>
  );
}

/** What a checkbox and a switch have in common. */
export interface LabelledProps {
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  readonly isDisabled?: boolean;
}
