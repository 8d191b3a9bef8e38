import { stepFunctionsDefinition } from 'aws-blue-green-toolkit/step-functions';
import { type Arrow, type Box, drawDiagram } from './diagram.js';

/** States that a reader looks for, with their places. The other states only choose or reshape, and are drawn as arrows. */
const boxes: Readonly<Record<string, Box>> = {
  Begin: { column: 0, row: 1, label: 'Begin', note: 'reads, writes nothing', kind: 'work' },
  NotBegun: { column: 0, row: 0, label: 'ShiftNotBegun', note: 'fails', kind: 'wrong' },
  Decide: { column: 1, row: 1, label: 'Decide', note: 'by the returned state' },
  Wait: { column: 1, row: 0, label: 'Wait', note: 'nothing runs' },
  Advance: { column: 2, row: 0, label: 'Advance', note: 'at most one write', kind: 'work' },
  RollBack: { column: 3, row: 2, label: 'RollBack', note: 'retried for hours', kind: 'work' },
  RollBackFailed: { column: 4, row: 2, label: 'ShiftHalted', note: 'the rollback failed', kind: 'wrong' },
  Continue: { column: 3, row: 0, label: 'Continue', note: 'in a new execution' },
  LostTrack: { column: 4, row: 0, label: 'ShiftHalted', note: 'its end is unknown', kind: 'wrong' },
  Succeeded: { column: 0, row: 2, label: 'succeeds', note: 'all traffic moved', kind: 'good' },
  RolledBack: { column: 1, row: 2, label: 'ShiftRolledBack', note: 'old weights are back', kind: 'wrong' },
  Halted: { column: 2, row: 2, label: 'ShiftHalted', note: 'nothing is written', kind: 'wrong' },
};

interface AslState {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Catch?: readonly { readonly Next: string }[];
}

/** States between the boxes and the end of the execution. */
const passedThrough = [
  'IsContinued',
  'TakeOver',
  'TakeInput',
  'IsSuccessComplete',
  'IsRollbackComplete',
  'IsRefused',
  'NotContinued',
];
const endStates = ['End', 'HandBack', 'Done', 'Failed'];

/** Draws the state machine of a shift from its definition. */
export function stateMachinePicture(): string {
  const { States } = stepFunctionsDefinition({
    functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:traffic-shift',
  });
  const states = States as Readonly<Record<string, AslState>>;
  const known = new Set([...Object.keys(boxes), ...passedThrough, ...endStates]);
  const unknown = Object.keys(states).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`States without a place in the picture: ${unknown.join(', ')}`);
  const arrows = Object.keys(boxes).flatMap((from) => arrowsFrom(from, states));
  return drawDiagram({ title: 'The state machine of a shift', boxes, arrows });
}

function arrowsFrom(from: string, states: Readonly<Record<string, AslState>>): Arrow[] {
  const { Next, Default, Choices = [], Catch = [] } = states[from] ?? { Type: 'missing' };
  const forward = [Next, Default, ...Choices.map((choice) => choice.Next)];
  const targets = (names: readonly (string | undefined)[]) => [
    ...new Set(names.flatMap((name) => boxesAt(name, states))),
  ];
  const [good, wrong] = [targets(forward), targets(Catch.map((it) => it.Next))];
  return [
    ...good.map((to) => ({ from, to })),
    ...wrong.filter((to) => !good.includes(to)).map((to) => ({ from, to, isWrong: true })),
  ];
}

/** Follows states without a box to the next ones that have one. The end of the execution has none. */
function boxesAt(name: string | undefined, states: Readonly<Record<string, AslState>>): string[] {
  if (name === undefined || endStates.includes(name)) return [];
  if (name in boxes) return [name];
  const { Next, Default, Choices = [] } = states[name] ?? { Type: 'missing' };
  return [Next, Default, ...Choices.map((choice) => choice.Next)].flatMap((next) => boxesAt(next, states));
}
