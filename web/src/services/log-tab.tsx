/** What the service writes to its console, as it comes: each request waits for lines behind the last one that is here. */
import { ArrowDownToLine, Pause, Play, ScrollText, Trash2 } from 'lucide';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import { Button } from '../components/button.tsx';
import { EmptyState, ErrorState } from '../components/empty-state.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { Skeleton } from '../components/spinner.tsx';
import type { TabProps } from './service-page.tsx';
import './log-tab.css';

interface Line {
  readonly id: number;
  readonly level: string;
  readonly date: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
}

const KEPT_LINES = 2000;
const WAIT_SECONDS = 30;
const RETRY_MS = 2000;
const LEVELS = ['FATAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG', 'TRACE'];

export function LogTab({ mount }: TabProps) {
  const [lines, setLines] = useState<readonly Line[]>();
  const [isFollowing, setFollowing] = useState(true);
  const [level, setLevel] = useState('TRACE');
  const [word, setWord] = useState('');
  const [error, setError] = useState<unknown>();
  const next = useRef(0);
  const list = useRef<HTMLOListElement>(null);
  const isAtEnd = useRef(true);

  useEffect(() => {
    if (!isFollowing) return undefined;
    const aborting = new AbortController();
    const follow = async (): Promise<void> => {
      // The first answer comes at once, and says so when there is nothing.
      let wait = 0;
      while (!aborting.signal.aborted) {
        try {
          const query = { mount, start: next.current, wait, upto: 'trace' };
          const { messages } = await request<{ messages: readonly Line[] }>('GET', '/_api/foxx/log', {
            query,
            signal: aborting.signal,
            isBackground: true,
          });
          setError(undefined);
          const isAnew = next.current === 0;
          next.current = Math.max(next.current, ...messages.map(({ id }) => id + 1));
          setLines((before = []) => (isAnew ? messages : [...before, ...messages]).slice(-KEPT_LINES));
          wait = WAIT_SECONDS;
        } catch (problem) {
          if (aborting.signal.aborted) return;
          setError(problem);
          // A server that was started anew counts its lines anew.
          next.current = 0;
          wait = 0;
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    };
    void follow();
    return () => aborting.abort();
  }, [mount, isFollowing]);

  const shown = useMemo(() => {
    const search = word.trim().toLowerCase();
    const rank = LEVELS.indexOf(level);
    return (lines ?? []).filter((line) => LEVELS.indexOf(line.level) <= rank && line.message.toLowerCase().includes(search));
  }, [lines, level, word]);

  // Who has scrolled up reads, and is left there.
  useLayoutEffect(() => {
    const element = list.current;
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [shown]);

  const toEnd = (): void => {
    isAtEnd.current = true;
    if (list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  };

  if (lines === undefined) return error === undefined ? <Skeleton lines={8} /> : <ErrorState error={error} />;
  return (
    <div class="log">
      <div class="log-bar">
        <TextField label="Search the log" isLabelHidden type="search" placeholder="Search" value={word} onChange={setWord} />
        <SelectField
          label="Level"
          isLabelHidden
          value={level}
          onChange={setLevel}
          options={LEVELS.slice(1).map((name) => [name, name === 'TRACE' ? 'All levels' : `${capital(name)} and above`] as const)}
        />
        <Button icon={isFollowing ? Pause : Play} onPress={() => setFollowing(!isFollowing)}>
          {isFollowing ? 'Pause' : 'Go on'}
        </Button>
        <Button icon={ArrowDownToLine} label="To the end" onPress={toEnd} />
        <Button icon={Trash2} label="Clear what is shown" onPress={() => setLines([])} />
      </div>
      {error !== undefined && <p class="log-trouble">The connection is lost. Trying again …</p>}
      {shown.length === 0 ? (
        <EmptyState icon={ScrollText} title={lines.length === 0 ? 'Nothing was written yet' : 'No line matches'}>
          What the service writes with console.log and its like appears here as it is written, and so do the errors of its requests.
        </EmptyState>
      ) : (
        <ol
          class="log-lines frame"
          ref={list}
          tabIndex={0}
          aria-label="Lines of the log"
          onScroll={(event) => {
            const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
            isAtEnd.current = scrollTop + clientHeight >= scrollHeight - 8;
          }}
        >
          {shown.map((line) => (
            <LogLine key={line.id} line={line} />
          ))}
        </ol>
      )}
    </div>
  );
}

function LogLine({ line: { level, date, message, file, line } }: { readonly line: Line }) {
  return (
    <li class={`log-line ${level.toLowerCase()}`}>
      <time dateTime={date} title={date}>
        {date.slice(11, 23)}
      </time>
      <span class="log-level">{level}</span>
      <span class="log-message">{message}</span>
      {file !== undefined && (
        <span class="log-place">
          {file}:{line}
        </span>
      )}
    </li>
  );
}

function capital(word: string): string {
  return word.charAt(0) + word.slice(1).toLowerCase();
}
