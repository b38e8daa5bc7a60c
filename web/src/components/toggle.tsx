/** A switch: what it does happens at once, unlike a checkbox of a form that is sent. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import './toggle.css';

export interface ToggleProps {
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (isOn: boolean) => void;
}

export function Toggle({ label, hint, isOn, isDisabled = false, onChange }: ToggleProps) {
  const id = useId();
  return (
    <div class="toggle">
      <button
        type="button"
        role="switch"
        class="toggle-switch"
        aria-checked={isOn}
        aria-labelledby={`${id}-label`}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        disabled={isDisabled}
        onClick={() => onChange(!isOn)}
      >
        <span class="toggle-knob" />
      </button>
      <div>
        <span id={`${id}-label`} class="toggle-label">
          {label}
        </span>
        {hint !== undefined && (
          <p id={`${id}-hint`} class="field-hint">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
