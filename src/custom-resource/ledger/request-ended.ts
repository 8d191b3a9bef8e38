import { ToolkitError } from '../../core/errors.js';
import type { Standing } from './request-history.js';

/** Reason why a request writes nothing more. */
export type End =
  | Exclude<Standing, { readonly kind: 'current' | 'unrecorded' }>
  /** CloudFormation has stopped waiting for its response. */
  | { readonly kind: 'expired' }
  /** This run has responded. */
  | { readonly kind: 'responded' };

const reasons: Readonly<Record<End['kind'], string>> = {
  answered: 'This request has its response already. Nothing more is done for it',
  overtaken: 'A later request for this rule has replaced this one. Nothing more is done for it',
  duplicate: 'A later run of this request has taken over. Nothing more is done by this one',
  expired: 'CloudFormation did not wait for this request any more. Nothing more is done for it',
  responded: 'This run has responded. Nothing more is done by it',
};

/** A request that CloudFormation has given up, or that another run works on, was about to write. */
export class RequestEndedError extends ToolkitError {
  override readonly name = 'RequestEndedError';
  readonly code = 'REQUEST_ENDED';
  readonly end: End;

  /** @param detail - state of the traffic. */
  constructor(end: End, resource: string, detail = '') {
    const reason = reasons[end.kind];
    super(detail.includes(reason) ? detail : [reason, detail].filter(Boolean).join('. '), { resource });
    this.end = end;
  }
}
