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

/** How an execution went on moto. */
export interface MotoExecution {
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly output: unknown;
  /** Every state that was entered. */
  readonly states: readonly string[];
  /** How many events the history has. */
  readonly historyEvents: number;
}

/** Moto's Step Functions, which carries executions out when it is told to. */
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

  /** Lets moto run state machines, and its Lambda answer with what {@link queueAnswers} has queued. */
  async turnOn(): Promise<void> {
    await this.#configure({ stepfunctions: { execute_state_machine: true }, lambda: { use_docker: false } });
  }

  /** Puts moto back to how the other tests know it. */
  async turnOff(): Promise<void> {
    await this.#configure({ stepfunctions: { execute_state_machine: false }, lambda: { use_docker: true } });
    this.#client.destroy();
  }

  /** What any function answers, one invocation after the other; an echo when nothing is left. */
  async queueAnswers(answers: readonly unknown[]): Promise<void> {
    const results = answers.map((answer) => JSON.stringify(answer));
    await this.#post('/moto-api/static/lambda-simple/response', { results, region: 'eu-west-1' });
  }

  /** Carries an execution out; `meanwhile` runs beside it. */
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

  /** Answers a question; an error fails it. */
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
    if (!ok) throw new Error(`moto answered ${path} with ${status}`);
  }
}
