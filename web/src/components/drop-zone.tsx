/** A place to drop a file on, which is also a button to choose one with. */
import { FileUp } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import './drop-zone.css';

export interface DropZoneProps {
  readonly label: string;
  readonly hint: ComponentChildren;
  /** As of `<input accept>`: `.zip,.js`. */
  readonly accept: string;
  readonly file: File | undefined;
  readonly onFile: (file: File) => void;
}

export function DropZone({ label, hint, accept, file, onFile }: DropZoneProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  // A file that is dropped beside it would be opened in the place of the page.
  useEffect(() => {
    const keep = (event: Event): void => event.preventDefault();
    document.addEventListener('dragover', keep);
    document.addEventListener('drop', keep);
    return () => {
      document.removeEventListener('dragover', keep);
      document.removeEventListener('drop', keep);
    };
  }, []);
  const take = (files: FileList | null | undefined): void => {
    const [first] = files ?? [];
    if (first !== undefined) onFile(first);
  };
  return (
    <div
      class={`drop-zone${isOver ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <Icon icon={FileUp} size={22} />
      <label for={id}>
        {file === undefined ? (
          label
        ) : (
          <>
            {file.name} <span class="soft">({sizeText(file.size)})</span>
          </>
        )}
      </label>
      <span class="field-hint">{hint}</span>
      <input
        ref={input}
        id={id}
        type="file"
        accept={accept}
        class="drop-zone-input"
        onChange={(event) => take(event.currentTarget.files)}
      />
    </div>
  );
}

export function sizeText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1000)));
  const amount = bytes / 1000 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`;
}
