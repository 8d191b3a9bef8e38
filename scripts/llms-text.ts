import { readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);

const introduction = `# aws-blue-green-toolkit

> Blue/green and canary deployments of whole AWS stacks in TypeScript: databases, queues, subscriptions, stream consumers, functions and
> alarms, from the hooks of CodeDeploy, ECS's own deployments, Step Functions, durable functions, or a script.

Rules for code that uses this package:

- Import from a subpath, such as \`aws-blue-green-toolkit/swap\`. ESM, CommonJS and types are included. Node 20 or later.
- A tool has one object of options for \`blue\` and one for \`green\`. The first parameter of a method is the stack, \`'blue'\` or \`'green'\`.
- An unknown option is an \`InvalidInputError\`. Look every name up in the API summary; do not invent one.
- A method returns when AWS has accepted the change. Call the \`waitFor…\` method to wait for its effect.
- To switch a whole stack, write a \`StackSwap\` with ready-made steps, rather than hooks of your own.
- To move traffic, use \`TrafficShifter\` with \`albErrorRateRegression\` or another regression check, rather than a fixed limit.
- Test with \`SimulatedCloud\` of \`aws-blue-green-toolkit/testing\`: tools, targets and records take \`clients: cloud.clients\` and
  \`clock: cloud.clock\`; checks and switches \`clients\`; \`TrafficShifter\` and \`StackSwap\` \`clock\`. No test sleeps.

Paths are those of the repository. The npm package contains README.md, docs/api-summary.md and this file.

## Start

- [README](README.md): three programs to paste, which one to take, and the subpaths
- [API on one page](docs/api-summary.md): every class and function with its parameters
- [IAM actions](docs/iam.md): the permissions of every method
- [Architecture](docs/architecture.md): layers and design rules
`;

/** Writes the index for language models, from the list of guides: https://llmstxt.org */
export function llmsText(): string {
  const list = readFileSync(new URL('docs/guides/README.md', root), 'utf8');
  const sections = list.split(/^\*\*(?=.+\*\*$)/m).slice(1);
  const guides = sections.map((section) => {
    const [title = ''] = section.split('**');
    const links = [...section.matchAll(/^- \[(.+?)\]\((.+?)\)(.*)$/gm)].map(
      ([, name = '', file = '', rest = '']) => `- [${name}](docs/guides/${file})${rest}`,
    );
    return `\n## ${title}\n\n${links.join('\n')}\n`;
  });
  return introduction + guides.join('');
}
