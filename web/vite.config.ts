/**
 * How the web interface is built, and served while it is worked on: `vite web` sends what is not the interface itself to the server of
 * FOXDEN_URL. Addresses are relative, since the same files answer at several paths.
 */
import { defineConfig } from 'vite';

const server = process.env['FOXDEN_URL'] ?? 'http://127.0.0.1:8529';

export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    // As old as `light-dark()` and nesting are.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // Nothing may be written into a style sheet or script as `data:`: the policy of the pages forbids scripts and fonts of that kind.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: 'manifest.json',
    rolldownOptions: {
      output: {
        // What several pages share is small and comes in one file: a dozen requests fewer before the first page.
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              test: /web[\\/]src[\\/](api|components)[\\/]|node_modules[\\/](lucide|preact|@preact)[\\/]/,
              minShareCount: 2,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { '^/(_api|_open|_admin|_db)/': server } },
});
