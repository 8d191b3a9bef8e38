import { Listr } from 'listr2';
import type { StepListener, StepRecord } from './recorder.js';

/** Prints the steps while they run. */
export interface View extends StepListener {
  /** Ends the view after the last step. */
  close(): Promise<void>;
}

/** One line for each step, for a pipe or a log. */
export const plainView: View = {
  started: () => {},
  ended: (step) => console.log(`${step.outcome === 'done' ? '✔' : '✖'} ${describeStep(step)}`),
  close: async () => {},
};

/** A list with a spinner at the running step, for a terminal. */
export function liveView(names: readonly string[]): View {
  const steps = names.map((name, index) => ({
    number: index + 1,
    name,
    ended: deferred<StepRecord | undefined>(),
  }));
  const list = new Listr(
    steps.map(({ number, name, ended }) => ({
      title: `${String(number).padStart(2)} ${name}`,
      task: async (_, task) => {
        const step = await ended.promise;
        // Marks the row of a step that did not run, because the deployment ended before it.
        if (step === undefined) task.skip();
        else task.title = describeStep(step);
        if (step?.outcome === 'failed') throw new Error(step.name);
      },
    })),
    { exitOnError: false, rendererOptions: { showErrorMessage: false } },
  );
  const shown = list.run();
  return {
    started: () => {},
    ended: (step) => steps[step.number - 1]?.ended.resolve(step),
    close: async () => {
      for (const { ended } of steps) ended.resolve(undefined);
      await shown;
    },
  };
}

function describeStep({ number, name, by, awsCalls, startedAt, endedAt }: StepRecord): string {
  const time = (iso: string) => iso.slice(11, 19);
  const calls = `${awsCalls} AWS call${awsCalls === 1 ? '' : 's'}`;
  return `${String(number).padStart(2)} ${name}  ${time(startedAt)}–${time(endedAt)} · ${by} · ${calls}`;
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
