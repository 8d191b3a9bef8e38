import { appendFileSync } from 'node:fs';
import { publicMethodsOf, toolClasses } from './tool-methods.js';

/*
 * Setup file of the emulator run: records every public method of every tool that succeeds in a file, so that the run can
 * report the methods that never succeeded on moto.
 */
const file = process.env['EMULATOR_SUCCEEDED_METHODS_FILE'];
if (file !== undefined) {
  for (const [toolName, toolClass] of toolClasses) {
    for (const methodName of publicMethodsOf(toolClass)) {
      record(toolClass.prototype, methodName, () => appendFileSync(file, `${toolName}.${methodName}\n`));
    }
  }
}

function record(prototype: Record<string, unknown>, methodName: string, recordSuccess: () => void): void {
  const original = prototype[methodName];
  if (typeof original !== 'function') return;
  prototype[methodName] = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const result: unknown = await Reflect.apply(original, this, args);
    recordSuccess();
    return result;
  };
}
