/** A switch: what it does happens at once, unlike a checkbox of a form that is sent. */
import { useId } from 'preact/hooks';
import { Hint, hintId, type LabelledProps } from './hint.tsx';
import './toggle.css';

export interface ToggleProps extends LabelledProps {
  readonly isOn: boolean;
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
        aria-describedby={hintId(id, hint)}
        disabled={isDisabled}
        onClick={() => onChange(!isOn)}
      >
        <span class="toggle-knob" />
      </button>
      <div>
        <span id={`${id}-label`} class="toggle-label">
          {label}
        </span>
        <Hint id={id}>{hint}</Hint>
      </div>
    </div>
  );
}
