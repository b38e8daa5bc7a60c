// `npm run test:web`: all tests of the web interface, the slow ones too. Unlike in `npm test` they fail where there is no Chromium.
process.env.FOXDEN_BROWSER ??= 'required';
process.argv.push('--slow', 'tests/web/');
await import('./test.js');
