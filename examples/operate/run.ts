import { ordersSwap } from '../whole-stack-swap/plan.js';
import { failureOf, operate } from './operate.js';

const words = process.argv.slice(2);
try {
  console.log(await operate(ordersSwap(process.env), words));
} catch (error) {
  console.error(failureOf(words, error));
  process.exitCode = 1;
}
