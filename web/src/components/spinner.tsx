/** Signs that something is coming. A skeleton has the shape of what will stand there, so that nothing jumps. */
import './spinner.css';

export function Spinner() {
  return <span class="spinner" aria-hidden="true" />;
}

/** Appears only when waiting has become long enough to be noticed. */
export function Loading({ label = 'Loading' }: { readonly label?: string }) {
  return (
    <div class="loading" role="status">
      <Spinner />
      <span>{label} …</span>
    </div>
  );
}

export function Skeleton({ lines = 3 }: { readonly lines?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">Loading …</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class="skeleton-line" />
      ))}
    </div>
  );
}
