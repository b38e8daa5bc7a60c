/** Fields of a service that are saved together or go back to what they were. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../components/button.tsx';
import { tellFailure } from '../components/toast.tsx';

export interface SavedFormProps {
  readonly isChanged: boolean;
  readonly isValid?: boolean;
  readonly onSave: () => Promise<void>;
  /** What is told when `onSave` fails. */
  readonly failure: string;
  readonly onDiscard: () => void;
  readonly children: ComponentChildren;
}

export function SavedForm({ isChanged, isValid = true, onSave, failure, onDiscard, children }: SavedFormProps) {
  const [isBusy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      await onSave();
    } catch (error) {
      tellFailure(error, failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="stack service-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isValid && !isBusy) void save();
      }}
    >
      {children}
      <div class="row">
        <Button type="submit" kind="primary" isBusy={isBusy} isDisabled={!isChanged || !isValid}>
          Save
        </Button>
        <Button isDisabled={!isChanged} onPress={onDiscard}>
          Discard changes
        </Button>
      </div>
    </form>
  );
}
