/** The program, once it has loaded: finds out who asks, and shows the page or the sign-in. */
import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './theme.ts';
import { App, loadFirstPage } from './app.tsx';

export function start(): void {
  loadFirstPage();
  const root = document.getElementById('app');
  if (root !== null) render(<App />, root);
}
