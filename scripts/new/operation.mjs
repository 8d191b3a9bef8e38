import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { actionsOf } from './actions.mjs';
import { choiceProblem } from './names.mjs';
import { findLiteral, insertIntoLiteral, insertNames, readText } from './source.mjs';

/** `npm run new -- operation sqs ListQueues` */
export function operationGenerator(root) {
  const services = readdirSync(join(root, 'src/testing/services')).filter((it) => clientOf(root, it));
  return {
    description: 'an operation of a simulated AWS service, such as sqs ListQueues',
    prompts: [
      {
        type: 'input',
        name: 'service',
        message: 'Folder of the service, such as sqs',
        validate: (service) => choiceProblem('simulated service', service, services) ?? true,
      },
      {
        type: 'input',
        name: 'operation',
        message: 'Name of the operation, such as ListQueues',
        validate: (operation, { service }) => operationProblem(root, service, operation) ?? true,
      },
    ],
    actions: ({ service, operation }) => actionsOf({}, filesOf(root, { service, operation })),
  };
}

function operationProblem(root, service, operation) {
  if (!/^[A-Z][A-Za-z\d]*$/.test(operation))
    return `Invalid name of an operation: expected AWS's name, such as ListQueues, got ${JSON.stringify(operation)}.`;
  if (service === undefined) return undefined;
  const isSimulated = filesIn(root, service).some((file) =>
    new RegExp(`^\\s+${operation}(:|\\()`, 'm').test(readText(root, file)),
  );
  if (isSimulated) return `The operation exists already: ${operation} in src/testing/services/${service}.`;
  const client = clientOf(root, service);
  const command = join(root, `node_modules/${client}/dist-types/commands/${operation}Command.d.ts`);
  return existsSync(command) ? undefined : `Unknown operation: ${client} has no ${operation}Command.`;
}

function filesOf(root, { service, operation }) {
  const file = sourceOf(root, service);
  const table = tableIn(readText(root, file));
  const entry = `${operation}: (_input: ${operation}CommandInput): OperationOutput<${operation}CommandOutput> => {
    throw new Error('${file}: ${operation} is not written: check the required members, the limits and the states as AWS does, and throw the exception classes of the SDK.');
  }`;
  const insert = (text) => {
    const withTypes = insertNames(text, {
      from: clientOf(root, service),
      names: [`type ${operation}CommandInput`, `type ${operation}CommandOutput`],
    });
    const withOutput = insertNames(withTypes, {
      from: '../../cloud/environment.js',
      names: ['type OperationOutput'],
    });
    return insertIntoLiteral(withOutput, table, `\n${entry}`);
  };
  const where = table === undefined ? `one of the files of src/testing/services/${service}` : file;
  return {
    edit: table === undefined ? {} : { [file]: insert },
    remaining: [
      ...(table === undefined
        ? [
            `${where}: its operations are spread over several files; paste this where its subject is:\n\n${entry},\n`,
          ]
        : []),
      `${where}: write ${operation}; name the AWS page of each rule that is not obvious`,
      'Give what takes time in AWS virtual time: environment.clock.schedule(seconds, change)',
      `test/unit/testing: test it through ${clientOf(root, service)}; test/both: where moto knows it`,
      'src/testing/cloud/call-rates.ts: add its rate when AWS limits it',
      'docs/guides/testing-with-simulated-cloud.md: name it when users see it',
    ],
  };
}

/** The property of the service's class that lists its operations, where it is written out in one place. */
function tableIn(text) {
  return ['operations', '#ownOperations'].find((name) => findLiteral(text, name) !== undefined);
}

function clientOf(root, service) {
  const file = sourceOf(root, service);
  return file && /from '(@aws-sdk\/client-[\w-]+)'/.exec(readText(root, file))?.[1];
}

/** The file of the class that answers for the service. */
function sourceOf(root, service) {
  return filesIn(root, service).find((file) => /implements SimulatedService\b/.test(readText(root, file)));
}

function filesIn(root, service) {
  const folder = `src/testing/services/${service}`;
  return readdirSync(join(root, folder)).map((file) => `${folder}/${file}`);
}
