/** A component whose code loads when it is shown for the first time. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ErrorState } from './empty-state.tsx';
import { Loading } from './spinner.tsx';

export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Lazy(props: Props) {
    const [, redraw] = useState(0);
    const [error, setError] = useState<unknown>();
    const Loaded = loaded;
    useEffect(() => {
      if (Loaded !== undefined) return;
      const wait = async (): Promise<void> => {
        try {
          // It may have come since it was drawn, for another place.
          loaded ??= await load();
          redraw((count) => count + 1);
        } catch (problem) {
          setError(problem);
        }
      };
      void wait();
    }, []);
    if (error !== undefined) return <ErrorState error={error} onRetry={() => location.reload()} />;
    return Loaded === undefined ? <Loading /> : <Loaded {...props} />;
  };
}
