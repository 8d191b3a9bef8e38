import { spawnSync } from 'node:child_process';
import { judgeSignatures } from './judge-signatures.js';

/*
 * Verifies the registry signatures of the installed packages. Fails when one is wrong or missing. Warns when the
 * registry cannot respond, such as a mirror without signing keys.
 */
const { stdout } = spawnSync('npm', ['audit', 'signatures', '--json', '--fetch-retries=1'], {
  encoding: 'utf8',
});
const { outcome, message } = judgeSignatures(stdout);
if (outcome === 'refused') {
  console.error(`Registry signatures refused: ${message}`);
  process.exitCode = 1;
} else if (outcome === 'unanswered') {
  console.warn(`::warning::Could not verify registry signatures: ${message}`);
} else {
  console.log(`Verified registry signatures: ${message}`);
}
