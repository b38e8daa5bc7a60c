/** The last lines of the server's log, as they come, and how much is logged. */
import { ArrowDown, Pause, Play, ScrollText, SlidersHorizontal } from 'lucide';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Page } from '../components/page.tsx';
import { tell, tellFailure } from '../components/toast.tsx';
import { invalidate, useQuery } from '../query.ts';
import { withoutServerFrames } from './stack.ts';
import { moment } from './units.ts';
import './operations.css';

interface Line {
  readonly id: number;
  readonly topic: string;
  readonly level: string;
  readonly date: string;
  readonly message: string;
}

const LEVELS = ['fatal', 'error', 'warning', 'info', 'debug', 'trace'] as const;
type Level = (typeof LEVELS)[number];

const EVERY_MS = 1_500;
/** What the server keeps, too. */
const SHOWN_LINES = 1024;

const LEVEL_KINDS: Readonly<Record<string, string>> = { fatal: 'bad', error: 'bad', warning: 'caution', info: 'info' };

export function LogsPage() {
  const [level, setLevel] = useState<Level>('info');
  const [search, setSearch] = useState('');
  const [isPaused, setPaused] = useState(false);
  const [isSetting, setSetting] = useState(false);
  const key = `log\n${level}\n${search}`;
  const load = (aborting: AbortSignal): Promise<{ readonly messages: readonly Line[] }> =>
    api.get('/_admin/log/entries', { upto: level, sort: 'asc', search: search || undefined }, aborting);
  const log = useQuery(key, load, isPaused ? {} : { everyMs: EVERY_MS });
  return (
    <Page
      title="Logs"
      isFilled
      beside={<span class={`live${log.error !== undefined || isPaused ? ' off' : ''}`}>{isPaused ? 'Paused' : 'Live'}</span>}
      actions={
        <>
          <Button icon={isPaused ? Play : Pause} onPress={() => setPaused(!isPaused)}>
            {isPaused ? 'Go on' : 'Pause'}
          </Button>
          <Button icon={SlidersHorizontal} onPress={() => setSetting(true)}>
            Levels
          </Button>
        </>
      }
    >
      <div class="row filters">
        <SelectField
          label="Up to level"
          value={level}
          onChange={setLevel}
          options={LEVELS.map((name) => [name, name === 'fatal' ? 'fatal only' : name] as const)}
        />
        <div class="grow">
          <TextField label="Containing" type="search" placeholder="Any text" value={search} onChange={setSearch} />
        </div>
      </div>
      <Loaded of={log} lines={10}>
        {({ messages }) =>
          messages.length === 0 ? (
            <EmptyState icon={ScrollText} title={search === '' ? 'Nothing has been logged at this level' : 'No line has this text'} />
          ) : (
            <Lines lines={messages.slice(-SHOWN_LINES)} />
          )
        }
      </Loaded>
      {isSetting && <Levels onClose={() => setSetting(false)} />}
    </Page>
  );
}

/** Follows the end as long as one stands there. */
function Lines({ lines }: { readonly lines: readonly Line[] }) {
  const frame = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const last = lines.at(-1)?.id;
  const toEnd = (): void => {
    if (frame.current !== null) frame.current.scrollTop = frame.current.scrollHeight;
  };
  useLayoutEffect(() => {
    if (isAtEnd) toEnd();
  }, [last, isAtEnd]);
  useEffect(toEnd, []);
  return (
    <>
      <div
        class="log frame"
        ref={frame}
        role="log"
        aria-label="Log"
        aria-live="off"
        tabIndex={0}
        onScroll={({ currentTarget }) => setAtEnd(currentTarget.scrollTop + currentTarget.clientHeight > currentTarget.scrollHeight - 24)}
      >
        {lines.map(({ id, topic, level, date, message }) => (
          <div key={id} class="log-line">
            <time class="faint" dateTime={date} title={new Date(date).toLocaleString()}>
              {moment(date).replace(/.*, /, '')}
            </time>
            <span class={`log-level ${LEVEL_KINDS[level.toLowerCase()] ?? 'neutral'}`}>{level.toLowerCase()}</span>
            <span class="soft truncate">{topic}</span>
            <Message text={message} />
          </div>
        ))}
      </div>
      {!isAtEnd && (
        <div class="row">
          <Button isSmall icon={ArrowDown} onPress={() => setAtEnd(true)}>
            To the newest
          </Button>
        </div>
      )}
    </>
  );
}

const SHORT_LINES = 5;

/** Of a long one, such as a stack, the first lines that are not the server's own. */
function Message({ text }: { readonly text: string }) {
  const [isOpen, setOpen] = useState(false);
  const short = withoutServerFrames(text).split('\n').slice(0, SHORT_LINES);
  const hidden = text.split('\n').length - short.length;
  const isCut = !isOpen && hidden > 1;
  return (
    <span class="log-message">
      {isCut ? short.join('\n') : text}
      {isCut && (
        <button type="button" class="log-more" onClick={() => setOpen(true)}>
          {`${hidden} more lines`}
        </button>
      )}
    </span>
  );
}

/** What is written to the log at all, for each topic, until the server restarts. */
function Levels({ onClose }: { readonly onClose: () => void }) {
  const levels = useQuery('log-levels', (aborting) => api.get<Readonly<Record<string, string>>>('/_admin/log/level', undefined, aborting));
  const change = async (topic: string, level: Level): Promise<void> => {
    try {
      await api.put('/_admin/log/level', { [topic]: level });
      tell(`${topic} is logged up to ${level}`);
    } catch (problem) {
      tellFailure(problem);
    }
    invalidate('log-levels');
  };
  return (
    <Dialog title="What is logged" onClose={onClose} actions={<Button onPress={onClose}>Close</Button>}>
      <p class="soft">For each topic, up to which level. It holds until the server starts again; --log.level is for good.</p>
      <Loaded of={levels}>
        {(data) => (
          <div class="cards">
            {Object.entries(data).map(([topic, level]) => (
              <SelectField
                key={topic}
                label={topic}
                value={level.toLowerCase() as Level}
                onChange={(wanted) => void change(topic, wanted)}
                options={LEVELS.map((name) => [name, name] as const)}
              />
            ))}
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}
