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
])('a reader that is %s counts', (state) => {
  expect(countReaders([member('writer', true), member('reader')], [instance('reader', state)])).toBe(1);
});

test.each(['deleting', 'failed', 'stopped', 'stopping', 'incompatible-parameters', 'insufficient-capacity'])(
  'a reader that is %s does not count',
  (state) => {
    expect(countReaders([member('writer', true), member('reader')], [instance('reader', state)])).toBe(0);
  },
);

test('a member without an instance does not count', () => {
  expect(countReaders([member('reader')], [])).toBe(0);
});

test('the writer does not count, whatever its place in the list', () => {
  const instances = [instance('one', 'available'), instance('two', 'available')];

  expect(countReaders([member('one'), member('two', true)], instances)).toBe(1);
});
