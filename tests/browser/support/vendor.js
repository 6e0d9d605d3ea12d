// Makes examples/server/web/vendor/libphonenumber.js anew from the npm package: only the two functions that the
// page uses, with the package's "min" metadata.   node support/vendor.js
import { build } from 'esbuild';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const VENDORED = fileURLToPath(
  new URL('../../../examples/server/web/vendor/libphonenumber.js', import.meta.url),
);
const PACKAGE = 'libphonenumber-js 1.13.16';

export async function bundle() {
  const { outputFiles } = await build({
    stdin: {
      contents: "export { AsYouType, parsePhoneNumberFromString } from 'libphonenumber-js/min';",
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    legalComments: 'none',
    banner: { js: `/* ${PACKAGE}, MIT, see libphonenumber.LICENSE.txt; made by tests/browser/support/vendor.js */` },
  });
  return outputFiles[0].text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(VENDORED, await bundle());
