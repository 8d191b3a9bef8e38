/** Names of the fifteen steps, for a view that lists them before they run. */
export const stepNames = [
  'Replacement database cluster is started or created',
  "Its minimum of readers is raised to the active cluster's size",
  'Replacement database and queues are purged, the newest schema is created',
  'Subscriptions are enabled for the replacement queue',
  'Queue reader, stream consumer and alarms of the replacement are switched on',
  'A new task set is created',
  'The new task set is put behind the test listener',
  'Tests run against the test listener',
  'The replacement becomes the active stack',
  'Minimum of readers of the active cluster goes back to normal',
  'Subscriptions of the old stack are disabled',
  'Queue reader, stream consumer and alarms of the old stack are switched off',
  'Old database cluster is stopped or deleted, the old session table is deleted',
  'Old queues are purged',
  'The old task set is destroyed',
] as const;

/** Steps that CodeDeploy runs itself, by its lifecycle events. */
export const codeDeploySteps: Readonly<Record<string, number>> = {
  Install: 6,
  AllowTestTraffic: 7,
  AllowTraffic: 9,
  TerminateOriginal: 15,
};

/** Number and group of each step of the plan, by its name. */
export type StepNumbers = ReadonlyMap<string, { readonly number: number; readonly group: readonly string[] }>;

/** Returns the number and the group of each step, for a plan that starts the database or one that creates it. */
export function numbersOf({ createsDatabase }: { readonly createsDatabase: boolean }): StepNumbers {
  const groups: Readonly<Record<number, readonly string[]>> = {
    ...(createsDatabase
      ? { 1: ['create database'], 13: ['scale in old readers', 'delete database', 'delete table'] }
      : {
          1: ['start database'],
          2: ['scale out readers'],
          10: ['scale in readers'],
          13: ['scale in old readers', 'stop database', 'delete table'],
        }),
    3: ['schema', 'purge queues'],
    4: ['enable subscription'],
    5: ['enable event mapping', 'register consumer', 'enable alarms'],
    8: ['smoke-test'],
    11: ['disable subscription'],
    12: ['disable event mapping', 'deregister consumer', 'disable alarms'],
    14: ['purge queues (retire)'],
  };
  return new Map(
    Object.entries(groups).flatMap(([number, group]) =>
      group.map((name) => [name, { number: Number(number), group }] as const),
    ),
  );
}

/** Number and group of each step of the plan that starts the database. */
export const numbersByStep = numbersOf({ createsDatabase: false });
