/**
 * How the web interface is built, and served while it is worked on: `vite web` sends what is not the interface itself to the server of
 * FOXDEN_URL. Addresses are relative, since the same files answer at several paths.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type HtmlTagDescriptor, type Plugin } from 'vite';

const server = process.env['FOXDEN_URL'] ?? 'http://127.0.0.1:8529';

/**
 * The page names one script, which asks for all others (`first.ts`). What is needed on every page is named beside it, so that it comes at the same
 * time and not after it.
 */
const namesTheProgram: Plugin = {
  name: 'names-the-program',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle = {} }) => {
      const chunks = Object.values(bundle).filter((one) => one.type === 'chunk');
      const program = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith('/src/main.tsx'));
      if (program === undefined) return [];
      // The program's own styles go last, as they were written to.
      const needed = [...chunks.filter(({ fileName, isEntry }) => !isEntry && program.imports.includes(fileName)), program];
      const link = (rel: string, name: string): HtmlTagDescriptor => ({
        tag: 'link',
        attrs: { rel, crossorigin: true, href: `./${name}` },
        injectTo: 'head',
      });
      return [
        ...needed.map(({ fileName }) => link('modulepreload', fileName)),
        ...needed.flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]).map((name) => link('stylesheet', name)),
      ];
    },
  },
};

const PACKABLE = /\.(html|js|css|svg|json)$/;

/** Packed once here and not by each worker of the server, which would answer nobody meanwhile (`src/worker/web-interface.ts`). */
const packs: Plugin = {
  name: 'packs',
  writeBundle({ dir = '' }, bundle) {
    for (const name of Object.keys(bundle).filter((each) => PACKABLE.test(each))) {
      writeFileSync(join(dir, `${name}.gz`), gzipSync(readFileSync(join(dir, name)), { level: 9 }));
    }
  },
};

export default defineConfig({
  base: './',
  plugins: [namesTheProgram, packs],
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
          // What runs first must not wait for what it shares with the pages.
          includeDependenciesRecursively: false,
          groups: [
            {
              name: 'shared',
              test: /web[\\/]src[\\/]((api|components)[\\/]|(query|router|theme)\.ts)|node_modules[\\/](lucide|preact|@preact)[\\/]/,
              minShareCount: 2,
            },
            { name: 'services', test: /web[\\/]src[\\/]services[\\/]/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: { proxy: { '^/(_api|_open|_admin|_db)/': server } },
});
