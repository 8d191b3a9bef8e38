import { describeMatrix } from './resolution-matrix.js';

// The last release that supports node10 resolution without a warning.
describeMatrix('TypeScript 5.9', 'typescript-5.9', [
  { module: 'commonjs', moduleResolution: 'node10', extension: '.ts' },
  { module: 'esnext', moduleResolution: 'node10', extension: '.ts' },
  { module: 'node16', moduleResolution: 'node16', extension: '.cts' },
  { module: 'esnext', moduleResolution: 'bundler', extension: '.ts' },
]);
