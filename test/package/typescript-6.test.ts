import { describeMatrix } from './resolution-matrix.js';

describeMatrix('TypeScript 6', 'typescript', [
  { module: 'node16', moduleResolution: 'node16', extension: '.mts' },
  { module: 'node16', moduleResolution: 'node16', extension: '.cts' },
  { module: 'nodenext', moduleResolution: 'nodenext', extension: '.mts' },
  { module: 'nodenext', moduleResolution: 'nodenext', extension: '.cts' },
  { module: 'es2022', moduleResolution: 'bundler', extension: '.ts' },
  { module: 'preserve', moduleResolution: 'bundler', extension: '.ts' },
  { module: 'commonjs', moduleResolution: 'bundler', extension: '.ts' },
  {
    module: 'commonjs',
    moduleResolution: 'node10',
    extension: '.ts',
    further: { ignoreDeprecations: '6.0' },
  },
]);
