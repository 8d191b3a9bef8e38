import type { ScalableTarget, SuspendedState } from '@aws-sdk/client-application-auto-scaling';

/** The parts of scaling that Application Auto Scaling can suspend, each by itself. */
const scalingParts = [
  'DynamicScalingInSuspended',
  'DynamicScalingOutSuspended',
  'ScheduledScalingSuspended',
] as const satisfies readonly (keyof SuspendedState)[];

/** A part of scaling, by the name of the member that suspends it. */
type ScalingPart = (typeof scalingParts)[number];

/** The tag of a scalable target that remembers which parts of its scaling were suspended by this package. */
export const suspendedPartsTag = 'aws-blue-green-toolkit:suspended';

/** The parts that go on now. */
export function runningParts({ SuspendedState: state }: ScalableTarget): ScalingPart[] {
  return scalingParts.filter((part) => state?.[part] !== true);
}

/** Everything suspended. */
export const allSuspended: Required<SuspendedState> = {
  DynamicScalingInSuspended: true,
  DynamicScalingOutSuspended: true,
  ScheduledScalingSuspended: true,
};

/**
 * The state in which these parts go on and all others stay as they are. Every part is stated, because AWS does not say
 * what becomes of one that is left out.
 */
export function resumed(target: ScalableTarget, parts: readonly ScalingPart[]): Required<SuspendedState> {
  const isSuspended = (part: ScalingPart) => !parts.includes(part) && target.SuspendedState?.[part] === true;
  return {
    DynamicScalingInSuspended: isSuspended('DynamicScalingInSuspended'),
    DynamicScalingOutSuspended: isSuspended('DynamicScalingOutSuspended'),
    ScheduledScalingSuspended: isSuspended('ScheduledScalingSuspended'),
  };
}

/** The tag's value for these parts; only characters that every tag may have. */
export function toTagValue(parts: readonly ScalingPart[]): string {
  return parts.join(' ');
}

/** The parts in a tag's value; none when there is no tag. */
export function fromTagValue(value: string | undefined): ScalingPart[] {
  const names = value?.split(' ') ?? [];
  return scalingParts.filter((part) => names.includes(part));
}

/**
 * The count for a service that is to be enabled. Without scaling it is the normal one. With scaling it is at least the
 * normal one, so that load which scaling has answered to is not dropped, and within the bounds, which scaling would
 * enforce anyway.
 */
export function countToEnable(
  present: number,
  normal: number,
  target: Pick<ScalableTarget, 'MinCapacity' | 'MaxCapacity'> | undefined,
): number {
  if (target === undefined) return normal;
  const { MinCapacity = 0, MaxCapacity = Number.POSITIVE_INFINITY } = target;
  return Math.min(Math.max(present, normal, MinCapacity), MaxCapacity);
}
