import { appendFileSync } from 'node:fs';
import { publicMethodsOf, toolClasses } from './tool-methods.js';

/*
 * A setup file of the emulator run: every public method of every tool notes in a file that it was carried out, so that
 * the run can tell at its end which methods moto never answered.
 */
const file = process.env['EMULATOR_ANSWERED_METHODS_FILE'];
if (file !== undefined) {
  for (const [toolName, toolClass] of toolClasses) {
    for (const methodName of publicMethodsOf(toolClass)) {
      record(toolClass.prototype, methodName, () => appendFileSync(file, `${toolName}.${methodName}\n`));
    }
  }
}

function record(prototype: Record<string, unknown>, methodName: string, noteSuccess: () => void): void {
  const original = prototype[methodName];
  if (typeof original !== 'function') return;
  prototype[methodName] = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const result: unknown = await Reflect.apply(original, this, args);
    noteSuccess();
    return result;
  };
}
