import { expect, test } from 'vitest';
import { countReaders } from '../../../src/aurora/reader-count.js';

const member = (DBInstanceIdentifier: string, IsClusterWriter = false) => ({
  DBInstanceIdentifier,
  IsClusterWriter,
});
const instance = (DBInstanceIdentifier: string, DBInstanceStatus: string) => ({
  DBInstanceIdentifier,
  DBInstanceStatus,
});

test.each([
  'available',
  'creating',
  'starting',
  'backing-up',
  'modifying',
  'rebooting',
  'upgrading',
  'a-state-of-tomorrow',
])('counts a reader that is %s', (state) => {
  expect(countReaders([member('writer', true), member('reader')], [instance('reader', state)])).toBe(1);
});

test.each(['deleting', 'failed', 'stopped', 'stopping', 'incompatible-parameters', 'insufficient-capacity'])(
  'skips a reader that is %s',
  (state) => {
    expect(countReaders([member('writer', true), member('reader')], [instance('reader', state)])).toBe(0);
  },
);

test('skips a member without an instance', () => {
  expect(countReaders([member('reader')], [])).toBe(0);
});

test('skips the writer wherever it is in the list', () => {
  const instances = [instance('one', 'available'), instance('two', 'available')];

  expect(countReaders([member('one'), member('two', true)], instances)).toBe(1);
});
