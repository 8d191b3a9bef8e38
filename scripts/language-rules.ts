/**
 * Words of identifiers that the package no longer uses, with their replacements. An identifier is split into its words first:
 * `pendingWeights` is `pending weights`. A rule with one word and `exact` matches the whole identifier only.
 */
export const retiredNames: readonly {
  readonly words: string;
  readonly exact?: boolean;
  /** Limits the rule to `src`: elsewhere the word has its usual meaning. */
  readonly onlyInSource?: boolean;
  readonly use: string;
}[] = [
  { words: 'turn shift', use: 'shiftTransitions' },
  { words: 'settle write', use: 'verifyWrite' },
  { words: 'shift course', use: 'ShiftRun' },
  { words: 'hold times', use: 'stepSchedule' },
  { words: 'shift lines', use: 'shiftLog' },
  { words: 'short reason', use: 'truncateReason' },
  { words: 'call when free', use: 'retryOnConflict' },
  { words: 'when free', use: 'retryOnConflict' },
  { words: 'insist', use: 'retryCleanup' },
  { words: 'concurrently', exact: true, use: 'mapConcurrently' },
  { words: 'last set', use: 'RecentWrites' },
  { words: 'last power', use: 'RecentWrites' },
  { words: 'patience of', use: 'millisecondsToResponseDeadline' },
  { words: 'hand over', use: 'delegate' },
  { words: 'durably', exact: true, use: 'runInDurableFunction' },
  { words: 'shift durably', use: 'runDurably' },
  { words: 'in lambda', exact: true, use: 'runInLambda' },
  { words: 'job', exact: true, onlyInSource: true, use: 'RequestContext' },
  { words: 'request log', use: 'RequestLedger' },
  { words: 'request memory', use: 'RequestLedger' },
  { words: 'unfailing', use: 'safe…' },
  { words: 'answered', exact: true, use: 'requireField' },
  { words: 'unexpected answer', use: 'UnexpectedResponseError' },
  { words: 'several failures', use: 'MultipleFailuresError' },
  { words: 'take up', use: 'resume' },
  { words: 'turn round', use: 'startRollback' },
  { words: 'go on', use: 'proceed' },
  { words: 'attempt limit', use: 'maxAttempts' },
  { words: 'failure limit', use: 'failureThreshold' },
  { words: 'inconclusive limit', use: 'inconclusiveThreshold' },
  { words: 'error limit', use: 'errorThreshold' },
  { words: 'successes needed', use: 'successThreshold' },
  { words: 'on low maximum', use: 'onMaxCapacityTooLow' },
  { words: 'surroundings', use: 'Dependencies' },
  { words: 'departure', use: 'no-network' },
  { words: 'announced', use: 'pendingWeights' },
  { words: 'abandoned weights', use: 'supersededWeights' },
  { words: 'explained', use: 'expected' },
  { words: 'ecs hook answer', use: 'EcsHookResponse' },
  { words: 'told', use: 'emitted' },
  { words: 'tell', use: 'emit' },
  { words: 'simulated answer', use: 'SimulatedResponseServer' },
  { words: 'lost answer', use: 'lostResponse' },
  { words: 'no answer', use: 'noResponse' },
  { words: 'left behind', use: 'leftovers' },
  { words: 'put to rest', use: 'StackSwap' },
  { words: 'resting on failure', use: 'StackSwap' },
  { words: 'or nothing', use: 'find…' },
  { words: 'longest', use: 'max…' },
];

/** Error codes that the package no longer uses. */
export const retiredCodes: readonly string[] = ['DEADLINE', 'UNEXPECTED_ANSWER', 'SEVERAL_FAILURES'];

/** Words in which a comment of the source does not open. */
export const retiredOpenings: readonly string[] = ['What', 'How', 'Whether', 'Who'];

/** Words that neither the source nor the documents use. */
export const retiredWords: readonly string[] = ['somebody', 'nobody', 'told', 'tells'];

/** Returns the retired name that an identifier of a file, or its own name, contains. */
export function findRetiredName(name: string, file: string): (typeof retiredNames)[number] | undefined {
  const words = wordsOf(name);
  return retiredNames.find(
    ({ words: retired, exact, onlyInSource }) =>
      (exact === true ? words === retired : ` ${words} `.includes(` ${retired} `)) &&
      (onlyInSource !== true || file.startsWith('src/')),
  );
}

/** Returns the words of an identifier in lower case, with spaces between them. */
export function wordsOf(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z\d]+/)
    .filter(Boolean)
    .join(' ')
    .toLowerCase();
}
