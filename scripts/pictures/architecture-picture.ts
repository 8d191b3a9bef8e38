import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svgOf } from './svg.js';

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** Layers from the top, with the folders of `src` in each. */
const layers: readonly {
  readonly name: string;
  readonly does: string;
  readonly folders: readonly string[];
}[] = [
  {
    name: 'front doors',
    does: 'an event in, a response out',
    folders: ['hooks', 'step-functions', 'durable', 'custom-resource'],
  },
  { name: 'the whole stack', does: 'a plan with an undo', folders: ['swap'] },
  {
    name: 'procedures',
    does: 'many calls, resumable',
    folders: ['traffic', 'gates', 'ecs-rollout', 'ecs-deployments'],
  },
  {
    name: 'tools',
    does: 'one AWS service, one class',
    folders: ['aurora', 'sqs', 'sns', 'lambda', 'ecs', 'kinesis', 'cloudwatch', 'dynamo', 'scheduler'],
  },
  { name: 'contract', does: 'of a long change', folders: ['resumable'] },
  { name: 'base', does: 'knows no AWS service', folders: ['core'] },
];

/** Folders beside the layers, as far as they exist: they deploy, describe or test what the layers do. */
const beside: readonly { readonly folder: string; readonly does: string }[] = [
  { folder: 'cdk', does: 'constructs for the AWS CDK' },
  { folder: 'report', does: 'one HTML file of a change' },
  { folder: 'telemetry', does: 'events as CloudWatch metrics and OpenTelemetry spans' },
  { folder: 'iam', does: 'policies from the permissions beside the calls' },
  { folder: 'testing', does: 'SimulatedCloud, an AWS in memory' },
];

const width = 960;
const [left, rowHeight, top] = [186, 58, 44];

/** Draws the layers of `src`. Throws when a folder has no layer, or when an import goes up. */
export function architecturePicture(): string {
  requireLayersHold();
  const others = beside.filter(({ folder }) => existsSync(join(source, folder)));
  const rows = layers.map(({ name, does, folders }, row) => drawLayer({ name, does, folders }, row));
  const below = top + layers.length * rowHeight + 12;
  return svgOf({
    title: 'Layers: imports go down only',
    description: layers.map(({ name, folders }) => `${name}: ${folders.join(', ')}`).join('; '),
    width,
    height: below + others.length * 22 + 10,
    content: [
      ...rows.flat(),
      ...others.map(
        ({ folder, does }, index) =>
          `<text class="right" x="${left - 16}" y="${below + index * 22 + 12}">${folder}/</text><text class="faint" x="${left}" y="${below + index * 22 + 12}">${does}</text>`,
      ),
    ],
  });
}

function drawLayer({ name, does, folders }: (typeof layers)[number], row: number): string[] {
  const y = top + row * rowHeight;
  const gap = 8;
  const boxWidth = (width - 12 - left - gap * (folders.length - 1)) / folders.length;
  return [
    `<text class="right strong" x="${left - 16}" y="${y + 19}">${name}</text>`,
    `<text class="right faint" x="${left - 16}" y="${y + 35}">${does}</text>`,
    ...folders.flatMap((folder, index) => {
      const x = Math.round(left + index * (boxWidth + gap));
      const middle = Math.round(x + boxWidth / 2);
      return [
        `<rect class="box" x="${x}" y="${y}" width="${Math.round(boxWidth)}" height="${rowHeight - 12}" rx="6"/>`,
        `<text class="middle" x="${middle}" y="${y + 28}">${folder}/</text>`,
      ];
    }),
  ];
}

function requireLayersHold(): void {
  const folders = readdirSync(source, { withFileTypes: true })
    .filter((it) => it.isDirectory())
    .map(({ name }) => name);
  const outside = new Set(beside.map(({ folder }) => folder));
  for (const folder of folders) {
    if (outside.has(folder)) continue;
    const layer = layerOf(folder);
    const upward = importsOf(folder).filter((other) => !outside.has(other) && layerOf(other) < layer);
    if (upward.length > 0)
      throw new Error(`src/${folder} imports from above its layer: ${upward.join(', ')}`);
  }
}

function layerOf(folder: string): number {
  const layer = layers.findIndex(({ folders }) => folders.includes(folder));
  if (layer === -1) throw new Error(`src/${folder} has no layer in the picture of the architecture`);
  return layer;
}

/** Folders that the files of a folder import from. */
function importsOf(folder: string): string[] {
  const files = readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' });
  const imported = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const depth = file.split('/').length;
      const up = '../'.repeat(depth);
      const text = readFileSync(join(source, folder, file), 'utf8');
      return [...text.matchAll(/from '((?:\.\.\/)+)([\w-]+)\//g)].flatMap(([, dots, name = '']) =>
        dots === up ? [name] : [],
      );
    });
  return [...new Set(imported)];
}
