import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { StateMachineDefinition } from '../../src/step-functions/index.js';

/** Result of an execution on moto. */
export interface MotoExecution {
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly output: unknown;
  /** Every state that was entered. */
  readonly states: readonly string[];
  /** The number of events in the history. */
  readonly historyEvents: number;
}

/** Moto's Step Functions, configured to run executions. */
export class MotoStateMachine {
  readonly #client: SFNClient;
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
    this.#client = new SFNClient({
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    });
  }

  /** Configures moto to run state machines, and its Lambda to return the results of {@link queueResults}. */
  async turnOn(): Promise<void> {
    await this.#configure({ stepfunctions: { execute_state_machine: true }, lambda: { use_docker: false } });
  }

  /** Restores moto's configuration for the other tests. */
  async turnOff(): Promise<void> {
    await this.#configure({ stepfunctions: { execute_state_machine: false }, lambda: { use_docker: true } });
    this.#client.destroy();
  }

  /** Queues the results of the next invocations of any function. Without a queued result the input is returned. */
  async queueResults(answers: readonly unknown[]): Promise<void> {
    const results = answers.map((answer) => JSON.stringify(answer));
    await this.#post('/moto-api/static/lambda-simple/response', { results, region: 'eu-west-1' });
  }

  /** Runs an execution to its end, concurrently with `meanwhile`. */
  async execute(
    definition: StateMachineDefinition,
    input: unknown,
    meanwhile?: () => Promise<void>,
  ): Promise<MotoExecution> {
    const { stateMachineArn } = await this.#client.send(
      new CreateStateMachineCommand({
        name: 'shift',
        definition: JSON.stringify(definition),
        roleArn: 'arn:aws:iam::123456789012:role/shift',
      }),
    );
    const { executionArn } = await this.#client.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    await meanwhile?.();
    for (;;) {
      const execution = await this.#client.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== 'RUNNING') {
        const { status, error, cause, output } = execution;
        const history = await this.#historyOf(executionArn);
        return { status, error, cause, output: JSON.parse(output ?? 'null'), ...history };
      }
      await sleep(100);
    }
  }

  /** Completes a task by its token. An error fails the task. */
  async answer(taskToken: string, output: unknown): Promise<void> {
    if (output instanceof Error) {
      const { name: error, message: cause } = output;
      await this.#client.send(new SendTaskFailureCommand({ taskToken, error, cause }));
    } else {
      await this.#client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
    }
  }

  async #historyOf(executionArn: string | undefined) {
    const { events = [] } = await this.#client.send(new GetExecutionHistoryCommand({ executionArn }));
    const states = events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
    return { states, historyEvents: events.length };
  }

  async #configure(config: object): Promise<void> {
    await this.#post('/moto-api/config', config);
  }

  async #post(path: string, body: object): Promise<void> {
    const { ok, status } = await fetch(new URL(path, this.#endpoint), {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!ok) throw new Error(`Request ${path} to moto failed: expected a 2xx status, got ${status}`);
  }
}
