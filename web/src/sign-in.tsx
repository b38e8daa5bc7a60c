/** Asks who one is, on a page of its own; afterwards one is where one wanted to go. */
import { useState } from 'preact/hooks';
import { ApiError, messageOf, request } from './api/client.ts';
import { session, startSession } from './api/session.ts';
import { Button } from './components/button.tsx';
import { TextField } from './components/field.tsx';
import { Notice } from './components/notice.tsx';
import { forgetAll } from './query.ts';
import './sign-in.css';

export function SignIn() {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const wasEnded = session.value.is === 'signed-out' && session.value.wasEnded;

  const submit = async (): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      const { jwt } = await request<{ jwt: string }>('POST', '/_open/auth', { body: { username: user, password }, database: null });
      forgetAll();
      startSession(user, jwt);
    } catch (error) {
      const isUnknown = error instanceof ApiError && error.status === 401;
      setFailure(isUnknown ? 'This name and password do not belong together.' : messageOf(error));
      setBusy(false);
    }
  };

  return (
    <main class="sign-in">
      <form
        class="sign-in-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) void submit();
        }}
      >
        <div class="sign-in-brand">
          <img src={new URL('./fox.svg', import.meta.url).href} alt="" width={44} height={44} />
          <h1>Sign in to foxden</h1>
        </div>
        {failure === undefined && wasEnded && <Notice kind="info">Your session is over. Sign in again to go on where you were.</Notice>}
        {failure !== undefined && <Notice kind="bad">{failure}</Notice>}
        <TextField label="User" value={user} onChange={setUser} autocomplete="username" hasFocus isRequired />
        <TextField label="Password" type="password" value={password} onChange={setPassword} autocomplete="current-password" />
        <Button type="submit" kind="primary" isBusy={isBusy}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
