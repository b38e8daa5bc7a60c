/** Things that are large and not always needed: loaded when they are shown first, with a place that has their size until then. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ErrorState } from '../components/empty-state.tsx';
import { Loading } from '../components/spinner.tsx';

export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Lazy(props: Props) {
    const [, redraw] = useState(0);
    const [error, setError] = useState<unknown>();
    useEffect(() => {
      if (loaded !== undefined) return;
      const show = async (): Promise<void> => {
        loaded = await load();
        redraw((count) => count + 1);
      };
      show().catch(setError);
    }, []);
    if (error !== undefined) return <ErrorState error={error} />;
    const Loaded = loaded;
    return Loaded === undefined ? <Loading /> : <Loaded {...props} />;
  };
}
