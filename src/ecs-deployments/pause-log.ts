import type { Logger } from '../core/logger.js';
import type { NewPauseEvent } from './pause-events.js';

const messages: Readonly<Record<NewPauseEvent['type'], string>> = {
  deploymentChanged: 'Read change of deployment',
  pauseStarted: 'Started work of pause',
  pauseLeft: 'Left pause to another caller',
  stepCompleted: 'Completed step of pause',
  checkEvaluated: 'Evaluated check',
  pauseEnded: 'Responded to pause',
  pauseSettled: 'Found pause settled',
  rollingBack: 'Started rollback of deployment',
  ended: 'Ended run of pauses',
};

const frequent: readonly NewPauseEvent['type'][] = ['deploymentChanged', 'checkEvaluated'];

export function logPauseEvent(logger: Logger, resource: string, { type, ...data }: NewPauseEvent): void {
  const fields = { resource, ...structuredClone(data) };
  if (frequent.includes(type)) logger.debug(messages[type], fields);
  else if (type === 'rollingBack') logger.warn(messages[type], fields);
  else logger.info(messages[type], fields);
}
