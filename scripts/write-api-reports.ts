/**
 * Writes docs/api-report/<subpath>.api.md from the built declarations, with the IAM actions of each method, so that a change
 * of the public surface shows in a diff: `npm run api-report` after `npm run build`. With `--check` it writes nothing and
 * fails when a report differs.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { methodPermissions } from '../src/iam/method-permissions.js';
import { exportedNames } from './exported-names.js';
import { builtBase, publicEntries } from './public-entries.js';

const root = process.cwd();
const folder = join(root, 'docs/api-report');
const isCheck = process.argv.includes('--check');
const entries = Object.entries(publicEntries());

const reports = new Map(entries.map(([subpath, entry]) => [fileNameOf(subpath), reportOf(subpath, entry)]));
if (isCheck) {
  const stale = [...new Set([...reports.keys(), ...committedReports()])].filter(
    (file) => reports.get(file) !== committed(file),
  );
  if (stale.length > 0) {
    throw new Error(
      `Out of date in docs/api-report: ${stale.join(', ')}. Run npm run build && npm run api-report.`,
    );
  }
} else {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, report] of reports) writeFileSync(join(folder, file), report);
}
console.log(`${reports.size} API reports ${isCheck ? 'are up to date' : 'written'}`);

/** `./sqs` has `sqs.api.md`, the root `root.api.md`. */
function fileNameOf(subpath: string): string {
  const name = subpath === '.' ? 'root' : subpath.replace('./', '').replaceAll('/', '-');
  return `${name}.api.md`;
}

function committedReports(): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function committed(file: string): string | undefined {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function reportOf(subpath: string, entry: string): string {
  const output = mkdtempSync(join(tmpdir(), 'api-report-'));
  try {
    const config = ExtractorConfig.prepare({
      configObject: {
        projectFolder: root,
        mainEntryPointFilePath: join(root, `${builtBase(entry)}.d.ts`),
        compiler: { tsconfigFilePath: join(root, 'tsconfig.json') },
        apiReport: {
          enabled: true,
          reportFolder: output,
          reportTempFolder: join(output, 'temp'),
          reportFileName: fileNameOf(subpath),
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
          // Every exported symbol is public, and types of other subpaths stay there.
          extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
          tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        },
      },
      configObjectFullPath: join(root, 'api-extractor.json'),
      packageJsonFullPath: join(root, 'package.json'),
    });
    Extractor.invoke(config, { localBuild: true, showVerboseMessages: false, messageCallback: silence });
    const surface = readFileSync(join(output, fileNameOf(subpath)), 'utf8');
    return `${surface.trimEnd()}\n${iamSection(entry)}`;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

function silence(message: { handled: boolean }): void {
  message.handled = true;
}

/** The IAM actions of each method and function that a subpath exports. */
function iamSection(entry: string): string {
  const names = new Set(exportedNames(entry).flatMap(({ name, isType }) => (isType ? [] : [name])));
  const rows = Object.entries(methodPermissions)
    .filter(([method]) => names.has(method.split('.')[0] ?? ''))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([method, permissions]) => {
      const actions = [...new Set(permissions.map(({ action }) => `\`${action}\``))].sort();
      return `- \`${method}\`: ${actions.join(', ') || 'none of its own'}`;
    });
  return rows.length === 0 ? '' : `\n## IAM actions\n\n${rows.join('\n')}\n`;
}
