/**
 * The service's API as its routes describe it, in Swagger UI: that is large, so its own files are loaded from this server when the tab is opened,
 * as they were published.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import scriptAddress from 'swagger-ui-dist/swagger-ui-bundle.js?url';
import styleAddress from 'swagger-ui-dist/swagger-ui.css?url';
import { messageOf } from '../api/client.ts';
import { currentToken } from '../api/session.ts';
import { Notice } from '../components/notice.tsx';
import { Loading, Skeleton } from '../components/spinner.tsx';
import { ErrorState } from '../components/empty-state.tsx';
import { useOf } from '../services/service.ts';
import type { TabProps } from './service-page.tsx';
import './api-tab.css';

interface SwaggerRequest {
  readonly headers: Record<string, string>;
}

type SwaggerUi = (options: {
  readonly domNode: Element;
  readonly spec: unknown;
  readonly deepLinking: boolean;
  readonly validatorUrl: null;
  readonly docExpansion: 'list';
  readonly defaultModelsExpandDepth: number;
  readonly requestInterceptor: (request: SwaggerRequest) => SwaggerRequest;
}) => unknown;

export function ApiTab({ mount, state }: TabProps) {
  const { data, error, reload } = useOf<Readonly<Record<string, unknown>>>(mount, 'swagger', { query: { version: '3.1' } });
  const place = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState<unknown>();
  const [isThere, setThere] = useState(false);

  useEffect(() => {
    if (data === undefined) return;
    const show = async (): Promise<void> => {
      try {
        const swaggerUi = await load();
        if (place.current === null) return;
        swaggerUi({
          domNode: place.current,
          spec: data,
          deepLinking: false,
          validatorUrl: null,
          docExpansion: 'list',
          defaultModelsExpandDepth: 0,
          requestInterceptor: (request) => {
            const token = currentToken();
            if (token !== undefined) request.headers['authorization'] = `bearer ${token}`;
            return request;
          },
        });
        setThere(true);
      } catch (reason) {
        setProblem(reason);
      }
    };
    void show();
  }, [data]);

  if (error !== undefined && data === undefined) {
    if (state?.state === 'broken' || state?.state === 'unconfigured')
      return <Notice kind="info">The service describes its routes when it runs. {messageOf(error)}</Notice>;
    return <ErrorState error={error} onRetry={reload} />;
  }
  if (data === undefined) return <Skeleton lines={6} />;
  if (problem !== undefined) return <ErrorState error={problem} />;
  return (
    <>
      {!isThere && <Loading label="Loading Swagger UI" />}
      <div class="swagger" ref={place} />
    </>
  );
}

let loading: Promise<SwaggerUi> | undefined;

function load(): Promise<SwaggerUi> {
  loading ??= new Promise((resolve, reject) => {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = styleAddress;
    const script = document.createElement('script');
    script.src = scriptAddress;
    script.addEventListener('load', () => resolve((globalThis as unknown as { SwaggerUIBundle: SwaggerUi }).SwaggerUIBundle));
    script.addEventListener('error', () => {
      loading = undefined;
      reject(new Error('Swagger UI could not be loaded.'));
    });
    document.head.append(style, script);
  });
  return loading;
}
