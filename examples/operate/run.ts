import { ordersSwap } from '../whole-stack-swap/plan.js';
import { operate } from './operate.js';

console.log(await operate(ordersSwap(process.env), process.argv.slice(2)));
